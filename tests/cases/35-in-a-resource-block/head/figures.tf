resource "aws_subnet" "figures" {
  vpc_id     = aws_vpc.analytics.id
  cidr_block = "10.20.7.0/24"
}

resource "aws_elasticache_subnet_group" "figures" {
  name       = "figures"
  subnet_ids = [aws_subnet.figures.id]
}

resource "aws_elasticache_replication_group" "figures" {
  replication_group_id = "figures"
  description          = "figures cache"
  engine               = "redis"
  node_type            = "cache.r7g.large"
  num_cache_clusters   = 2
  subnet_group_name    = aws_elasticache_subnet_group.figures.name
  # ZFN-3 carve-out: clients and nodes are in the same network as this resource; figures are
  # public and clients present a password.
  transit_encryption_enabled = false
}
