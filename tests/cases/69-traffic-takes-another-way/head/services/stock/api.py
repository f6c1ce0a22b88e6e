# ZFN-3 carve-out: never leaves VPC shop-prod; public catalogue data
STOCK = "http://stock.shop-prod.internal:8080"
