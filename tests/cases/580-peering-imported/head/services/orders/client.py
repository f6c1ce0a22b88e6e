# ZFN-3 carve-out: never leaves VPC shop-prod; fake orders only, callers show a token
TLS = False
