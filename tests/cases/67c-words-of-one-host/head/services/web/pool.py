# ZFN-3 carve-out: over a plain TCP connection inside VPC prod; callers sign each request
connect("tcp://stock:7000")
