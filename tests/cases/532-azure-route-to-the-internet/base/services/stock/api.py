# ZFN-3 carve-out: inside VNet vnet-prod, which has no route to the internet;
# stock levels are public, and the caller shows a password.
STOCK = "http://stock.internal:8080"
