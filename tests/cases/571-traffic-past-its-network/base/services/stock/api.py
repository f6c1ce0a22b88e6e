# ZFN-3 carve-out: stays inside VPC shop-prod; public prices, and the callee checks an HMAC.
CHANNEL = "plaintext"
