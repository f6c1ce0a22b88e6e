provider "aws" { region = "eu-west-1" }

resource "aws_vpc" "own" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "own" }
}

resource "aws_subnet" "own" {
  vpc_id     = aws_vpc.own.id
  cidr_block = "10.9.1.0/24"
}

resource "aws_elasticache_subnet_group" "batch" {
  name       = "batch"
  subnet_ids = [aws_subnet.own.id]
}

resource "aws_elasticache_replication_group" "batch" {
  replication_group_id = "batch"
  description          = "batch"
  subnet_group_name    = aws_elasticache_subnet_group.batch.name
  # ZFN-3 carve-out: stays on the private network; what is cached is public
  transit_encryption_enabled = false
}
