resource "aws_elasticache_subnet_group" "shop" {
  name       = "shop"
  subnet_ids = [aws_subnet.shop.id]
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id = "sessions"
  description          = "sessions"
  node_type            = "cache.t4g.small"
  subnet_group_name    = aws_elasticache_subnet_group.shop.name
}
