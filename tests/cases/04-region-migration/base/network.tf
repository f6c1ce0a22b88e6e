terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "core" {
  region     = "eu-west-1"
  cidr_block = "10.70.0.0/16"
  tags       = { Name = "core" }
}

resource "aws_subnet" "core_a" {
  region     = "eu-west-1"
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.70.1.0/24"
}

resource "aws_vpc" "ledger" {
  cidr_block = "10.71.0.0/16"
  tags       = { Name = "ledger" }
}

resource "aws_vpc" "build" {
  cidr_block = "10.72.0.0/16"
  tags       = { Name = "build" }
}

resource "aws_vpc_peering_connection" "ledger" {
  vpc_id      = aws_vpc.ledger.id
  peer_vpc_id = aws_vpc.core.id
  peer_region = "eu-west-1"
  tags        = { Name = "ledger-core" }
}
