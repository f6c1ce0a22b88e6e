# ZFN-3 carve-out: sandbox traffic never leaves VPC dev; it is made-up data, and each job
# has a token of its own.
SANDBOX_URL = "http://sandbox.internal"
