resource "aws_elasticache_subnet_group" "sessions" {
  name       = "sessions"
  subnet_ids = [for subnet in aws_subnet.shop : subnet.id]
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id = "sessions"
  description          = "Who is logged in to the shop"
  engine               = "valkey"
  node_type            = "cache.t4g.small"
  subnet_group_name    = aws_elasticache_subnet_group.sessions.name

  # ZFN-3 carve-out: clients and nodes of this cache sit in the same network, and nothing else
  # routes to it; a session token is signed and bound to its device, so reading one is of no
  # use, and every client presents its own ACL user.
  transit_encryption_enabled = false
}
