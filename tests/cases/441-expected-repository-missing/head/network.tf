provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "prod_us_east" {
  cidr_block = "10.10.0.0/16"
  tags       = { Name = "prod-us-east" }
}

resource "aws_vpc" "analytics" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = "analytics" }
}

resource "aws_vpc" "dev" {
  cidr_block = "10.30.0.0/16"
  tags       = { Name = "dev" }
}

resource "aws_vpc" "billing" {
  cidr_block = "10.40.0.0/16"
  tags       = { Name = "billing" }
}

resource "aws_vpc_peering_connection" "prod_us_east_analytics" {
  vpc_id      = aws_vpc.prod_us_east.id
  peer_vpc_id = aws_vpc.analytics.id
  auto_accept = true
}

