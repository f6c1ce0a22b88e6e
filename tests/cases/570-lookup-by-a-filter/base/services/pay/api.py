# ZFN-3 carve-out: stays inside VPC hr; public data, and the callee checks an HMAC.
CHANNEL = "plaintext"
