# ZFN-3 carve-out: loopback only; fake orders only, callers show a token
TLS = False
