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

resource "aws_vpc" "analytics" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = "analytics" }
}

resource "aws_vpc" "billing" {
  cidr_block = "10.30.0.0/16"
  tags       = { Name = "billing" }
}

resource "aws_subnet" "prod" {
  vpc_id     = aws_vpc.prod.id
  cidr_block = "10.10.1.0/24"
}

resource "aws_subnet" "analytics" {
  vpc_id     = aws_vpc.analytics.id
  cidr_block = "10.20.1.0/24"
}

resource "aws_route_table" "prod" {
  vpc_id = aws_vpc.prod.id
}

resource "aws_route_table_association" "prod" {
  subnet_id      = aws_subnet.prod.id
  route_table_id = aws_route_table.prod.id
}

resource "aws_route_table" "analytics" {
  vpc_id = aws_vpc.analytics.id
}

resource "aws_route_table_association" "analytics" {
  subnet_id      = aws_subnet.analytics.id
  route_table_id = aws_route_table.analytics.id
}

resource "aws_vpc_peering_connection" "billing" {
  vpc_id      = aws_vpc.prod.id
  peer_vpc_id = aws_vpc.billing.id
  auto_accept = true
  tags        = { Name = "prod-billing" }
}

resource "aws_route" "to_billing" {
  route_table_id            = aws_route_table.prod.id
  destination_cidr_block    = "10.30.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.billing.id
}
