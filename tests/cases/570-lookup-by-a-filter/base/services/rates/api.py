# ZFN-3 carve-out: stays inside VPC shop-lab; made-up data, and the callee checks an HMAC.
CHANNEL = "plaintext"
