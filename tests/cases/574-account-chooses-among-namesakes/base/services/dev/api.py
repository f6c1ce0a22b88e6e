# ZFN-3 carve-out: stays inside VPC shop in account 222222222222; made-up data, and the callee checks an HMAC.
CHANNEL = "plaintext"
