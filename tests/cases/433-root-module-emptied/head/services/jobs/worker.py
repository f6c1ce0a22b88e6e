# ZFN-3 carve-out: inside VPC lab; fake orders only, callers show a token
TLS = False
