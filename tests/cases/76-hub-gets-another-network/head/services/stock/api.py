# ZFN-3 carve-out: stays inside VPC shop-prod; prices are public
STOCK = "http://stock.shop.internal"
