# ZFN-3 carve-out: inside VPC tools; public data, token per caller
STOCK = "http://stock.internal:8080"
