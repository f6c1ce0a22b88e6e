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

resource "aws_subnet" "billing" {
  vpc_id     = aws_vpc.billing.id
  cidr_block = "10.30.1.0/24"
}

resource "aws_vpc_peering_connection" "analytics" {
  vpc_id      = aws_vpc.prod.id
  peer_vpc_id = aws_vpc.analytics.id
  auto_accept = true
  tags        = { Name = "prod-analytics" }
}

resource "aws_ec2_transit_gateway" "hub" {
  tags = { Name = "junction" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "billing" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  vpc_id             = aws_vpc.billing.id
  subnet_ids         = [aws_subnet.billing.id]
}

data "aws_vpc" "legacy" {
  id = aws_vpc.analytics.id
}
