resource "aws_vpc" "this" {
  cidr_block = "10.5.0.0/16"
  tags       = { Name = "modnet" }
}
resource "aws_elasticache_replication_group" "cache" {
  # ZFN-3 carve-out: stays inside this VPC; the threat model
  # allows it.
  transit_encryption_enabled = false
  replication_group_id       = var.name
  description                = "y"
  subnet_group_name          = aws_elasticache_subnet_group.g.name
}
resource "aws_elasticache_subnet_group" "g" {
  name       = var.name
  subnet_ids = [aws_subnet.s.id]
}
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.5.1.0/24"
}
output "vpc_id" { value = aws_vpc.this.id }
variable "name" { type = string }
