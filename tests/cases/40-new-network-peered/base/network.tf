terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "prod" {
  cidr_block = "10.10.0.0/16"
  tags       = { Name = "prod-us-east" }
}

module "teams" {
  source   = "./modules/team"
  for_each = { venus = "10.101.0.0/16" }

  name = "team-${each.key}"
  cidr = each.value
}
