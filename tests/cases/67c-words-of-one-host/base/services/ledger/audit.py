# ZFN-3 carve-out: nothing outside VPC prod and VPC analytics can see it; entries are signed
post("http://ledger/entries")
