# ZFN-3 carve-out: never leaves VPC pay-prod; public data, token per caller
STOCK = "http://stock.internal:8080"
