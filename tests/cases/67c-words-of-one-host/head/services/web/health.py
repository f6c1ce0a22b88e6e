# ZFN-3 carve-out: health checks come from localhost, everything else stays within VPC prod; no data of customers
serve("http://0.0.0.0:8080")
