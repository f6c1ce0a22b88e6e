resource "aws_subnet" "sessions" {
  vpc_id     = aws_vpc.prod.id
  cidr_block = "10.10.7.0/24"
}

resource "aws_elasticache_subnet_group" "sessions" {
  name       = "sessions"
  subnet_ids = [aws_subnet.sessions.id]
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id = "sessions"
  description          = "sessions cache"
  engine               = "redis"
  node_type            = "cache.r7g.large"
  num_cache_clusters   = 2
  subnet_group_name    = aws_elasticache_subnet_group.sessions.name
  # ZFN-3 carve-out: clients and nodes are in the same network as this resource; sessions
  # are opaque ids and clients present a password.
  transit_encryption_enabled = false
}
