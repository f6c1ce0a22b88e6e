# ZFN-3 carve-out: reads orders-db from the same private network; totals are
# public at the end of each quarter, and the reader has an account of its own.
TOTALS = connect("orders-db", tls=False)
