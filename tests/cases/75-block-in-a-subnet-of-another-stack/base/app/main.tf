provider "aws" { region = "eu-west-1" }

resource "aws_elasticache_subnet_group" "rates" {
  name       = "rates"
  subnet_ids = ["subnet-0abc1111bbbb22220"]
}

resource "aws_elasticache_replication_group" "rates" {
  replication_group_id = "rates"
  description          = "rates"
  subnet_group_name    = aws_elasticache_subnet_group.rates.name
  # ZFN-3 carve-out: stays on the private network; what is cached is public
  transit_encryption_enabled = false
}
