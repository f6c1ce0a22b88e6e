# ZFN-3 carve-out: storage account acmeprod is only reachable over its private endpoint in vnet-prod; blobs are sealed
store("http://acmeprod/orders")
