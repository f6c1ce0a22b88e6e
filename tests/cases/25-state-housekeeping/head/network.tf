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

removed {
  from = aws_vpc_peering_connection.analytics

  lifecycle {
    destroy = false
  }
}

import {
  to = aws_ec2_transit_gateway_vpc_attachment.prod
  id = "tgw-attach-4e4dd01ac0803509d"
}

resource "aws_ec2_transit_gateway" "hub" {
  tags = { Name = "junction" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "billing" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  vpc_id             = aws_vpc.billing.id
  subnet_ids         = [aws_subnet.billing.id]
}

resource "aws_ec2_transit_gateway_vpc_attachment" "prod" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  vpc_id             = aws_vpc.prod.id
  subnet_ids         = [aws_subnet.prod.id]
}

resource "aws_default_vpc" "default" {
  tags = { Name = "default" }
}
