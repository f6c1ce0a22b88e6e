# ZFN-3 carve-out: never leaves aws_vpc.one; counters without names, and the
# caller shows a token.
URL = "http://one:8080"
