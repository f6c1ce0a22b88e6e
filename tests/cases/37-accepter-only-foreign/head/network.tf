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

resource "aws_vpc" "payments_eu" {
  region     = "eu-west-1"
  cidr_block = "10.41.0.0/16"
  tags       = { Name = "payments-eu" }
}

resource "aws_vpc_peering_connection_accepter" "partner" {
  vpc_peering_connection_id = "pcx-05d1e7a20c9b3f846"
  auto_accept               = true
}
