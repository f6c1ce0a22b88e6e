# ZFN-3 carve-out: inside VPC archive; fake orders only, callers show a token
TLS = False
