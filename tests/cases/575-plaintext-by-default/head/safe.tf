resource "aws_elasticache_replication_group" "carts" {
  replication_group_id       = "carts"
  description                = "carts"
  node_type                  = "cache.t4g.small"
  subnet_group_name          = aws_elasticache_subnet_group.shop.name
  transit_encryption_enabled = true
}

resource "aws_db_proxy" "orders" {
  name           = "orders"
  engine_family  = "POSTGRESQL"
  role_arn       = "arn:aws:iam::111111111111:role/orders"
  vpc_subnet_ids = [aws_subnet.shop.id]
  require_tls    = true
}
