# ZFN-3 carve-out: stays inside VPC prod until it crosses the peering prod-analytics; aggregates only
export("http://warehouse/ingest")
