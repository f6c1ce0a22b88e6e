terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "payments" {
  cidr_block = "10.40.0.0/16"
  tags       = { Name = "payments" }
}

resource "aws_vpc" "ledger" {
  cidr_block = "10.50.0.0/16"
  tags       = { Name = "ledger" }
}

resource "aws_vpc_peering_connection_accepter" "hub" {
  vpc_peering_connection_id = "pcx-ac79f16f1b7197dd0"
  auto_accept               = true
}
