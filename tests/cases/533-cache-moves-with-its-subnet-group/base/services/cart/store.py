# ZFN-3 carve-out: stays inside VPC shop-prod; carts are pseudonymous and AUTH is
# on.
STORE = "redis://cart.internal:6379"
