# ZFN-3 carve-out: redis is an in-memory store inside VPC prod; prices are public
redis = connect("redis://cache:6379")
