# ZFN-3 carve-out: stays inside VPC shop of account 111111111111; public prices, and the callee checks an HMAC.
CHANNEL = "plaintext"
