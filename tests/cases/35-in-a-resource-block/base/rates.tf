resource "aws_subnet" "rates" {
  vpc_id     = aws_vpc.billing.id
  cidr_block = "10.30.7.0/24"
}

resource "aws_elasticache_subnet_group" "rates" {
  name       = "rates"
  subnet_ids = [aws_subnet.rates.id]
}

resource "aws_elasticache_replication_group" "rates" {
  replication_group_id = "rates"
  description          = "rates cache"
  engine               = "redis"
  node_type            = "cache.r7g.large"
  num_cache_clusters   = 2
  subnet_group_name    = aws_elasticache_subnet_group.rates.name
  # ZFN-3 carve-out: clients and nodes are in the same network as this resource; rates are
  # public and clients present a password.
  transit_encryption_enabled = false
}
