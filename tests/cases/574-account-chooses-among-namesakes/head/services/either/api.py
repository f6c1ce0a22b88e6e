# ZFN-3 carve-out: stays inside VPC shop; public data, and the callee checks an HMAC.
CHANNEL = "plaintext"
