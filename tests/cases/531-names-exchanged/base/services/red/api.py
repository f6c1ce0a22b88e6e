# ZFN-3 carve-out: never leaves VPC red; counters without names, and the caller
# shows a token.
URL = "http://red:8080"
