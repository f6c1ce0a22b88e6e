# ZFN-3 carve-out: stays inside VPC lab; made-up data, and the callee checks an HMAC.
CHANNEL = "plaintext"
