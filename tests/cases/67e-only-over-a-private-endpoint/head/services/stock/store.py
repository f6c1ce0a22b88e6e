# ZFN-3 carve-out: stays inside VNet vnet-prod; blobs are sealed
store("http://acmeprod/stock")
