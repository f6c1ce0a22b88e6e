# ZFN-3 carve-out: stays inside VPC pay; public data, and the callee checks an HMAC.
CHANNEL = "plaintext"
