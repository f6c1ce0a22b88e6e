# ZFN-3 carve-out: carts talk to cart-db, both inside VPC shop-prod; carts are
# pseudonymous, and the database asks for a password of its own.
STORE = connect("cart-db", tls=False)
