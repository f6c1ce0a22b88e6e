# ZFN-3 carve-out: orders talk to the database orders-db, both inside VPC
# shop-prod; order lines hold no card numbers, and the database asks for a
# password of its own.
STORE = connect("orders-db", tls=False)
