# ZFN-3 carve-out: crosses only the peering prod-analytics; aggregates only
export("http://warehouse/nightly")
