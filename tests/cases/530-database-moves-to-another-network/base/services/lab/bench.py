# ZFN-3 carve-out: never leaves VPC lab; the numbers are made up, and the bench
# signs what it sends.
BENCH = connect("bench", tls=False)
