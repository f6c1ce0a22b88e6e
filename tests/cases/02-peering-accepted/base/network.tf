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

resource "aws_route_table" "payments" {
  vpc_id = aws_vpc.payments.id
}

resource "aws_route_table" "ledger" {
  vpc_id = aws_vpc.ledger.id
}
