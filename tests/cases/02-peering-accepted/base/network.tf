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

resource "aws_subnet" "payments" {
  vpc_id     = aws_vpc.payments.id
  cidr_block = "10.40.1.0/24"
}

resource "aws_subnet" "ledger" {
  vpc_id     = aws_vpc.ledger.id
  cidr_block = "10.50.1.0/24"
}

resource "aws_route_table" "payments" {
  vpc_id = aws_vpc.payments.id
}

resource "aws_route_table_association" "payments" {
  subnet_id      = aws_subnet.payments.id
  route_table_id = aws_route_table.payments.id
}

resource "aws_route_table" "ledger" {
  vpc_id = aws_vpc.ledger.id
}

resource "aws_route_table_association" "ledger" {
  subnet_id      = aws_subnet.ledger.id
  route_table_id = aws_route_table.ledger.id
}
