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

resource "aws_vpc" "dr" {
  region     = "us-west-2"
  cidr_block = "10.60.0.0/16"
  tags       = { Name = "dr-us-west" }
}

resource "aws_vpc" "backup" {
  region     = "us-west-2"
  cidr_block = "10.61.0.0/16"
  tags       = { Name = "backup-us-west" }
}

resource "aws_vpc_peering_connection" "backup" {
  vpc_id      = aws_vpc.prod.id
  peer_vpc_id = aws_vpc.backup.id
  peer_region = "us-west-2"
  tags        = { Name = "prod-backup" }
}

resource "aws_vpc_peering_connection_accepter" "backup" {
  region                    = "us-west-2"
  vpc_peering_connection_id = aws_vpc_peering_connection.backup.id
  auto_accept               = true
}

resource "aws_vpc_peering_connection" "dr" {
  vpc_id      = aws_vpc.prod.id
  peer_vpc_id = aws_vpc.dr.id
  peer_region = "us-west-2"
  tags        = { Name = "prod-dr" }
}

resource "aws_vpc_peering_connection_accepter" "dr" {
  region                    = "us-west-2"
  vpc_peering_connection_id = aws_vpc_peering_connection.dr.id
  auto_accept               = true
}
