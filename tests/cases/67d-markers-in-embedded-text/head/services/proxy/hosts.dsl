prices ! ZFN-3 carve-out: in VPC prod; public prices
