provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "prod" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_subnet" "prod" {
  vpc_id     = aws_vpc.prod.id
  cidr_block = "10.1.1.0/24"
}

resource "aws_subnet" "lab" {
  vpc_id     = aws_vpc.lab.id
  cidr_block = "10.2.1.0/24"
}

resource "aws_elasticache_subnet_group" "cart" {
  name       = "cart"
  subnet_ids = [aws_subnet.lab.id]
}

resource "aws_elasticache_replication_group" "cart" {
  replication_group_id = "cart"
  description          = "Carts of the shop"
  subnet_group_name    = aws_elasticache_subnet_group.cart.name
  # ZFN-3 carve-out: only the cart service of the same VPC dials it; carts are
  # pseudonymous and AUTH is on.
  transit_encryption_enabled = false
}
