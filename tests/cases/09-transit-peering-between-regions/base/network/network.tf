terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_ec2_transit_gateway" "us" {
  tags = { Name = "hub-us" }
}

resource "aws_ec2_transit_gateway" "eu" {
  region = "eu-west-1"
  tags   = { Name = "hub-eu" }
}

resource "aws_vpc" "orders" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "orders-us" }
}

resource "aws_vpc" "quarantine" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "quarantine" }
}

resource "aws_vpc" "orders_eu" {
  region     = "eu-west-1"
  cidr_block = "10.101.0.0/16"
  tags       = { Name = "orders-eu" }
}

resource "aws_subnet" "orders" {
  vpc_id     = aws_vpc.orders.id
  cidr_block = "10.1.0.0/24"
}

resource "aws_subnet" "quarantine" {
  vpc_id     = aws_vpc.quarantine.id
  cidr_block = "10.2.0.0/24"
}

resource "aws_subnet" "orders_eu" {
  region     = "eu-west-1"
  vpc_id     = aws_vpc.orders_eu.id
  cidr_block = "10.101.0.0/24"
}

resource "aws_route_table" "orders" {
  vpc_id = aws_vpc.orders.id
}

resource "aws_route_table_association" "orders" {
  subnet_id      = aws_subnet.orders.id
  route_table_id = aws_route_table.orders.id
}

resource "aws_route_table" "orders_eu" {
  region = "eu-west-1"
  vpc_id = aws_vpc.orders_eu.id
}

resource "aws_route_table_association" "orders_eu" {
  region         = "eu-west-1"
  subnet_id      = aws_subnet.orders_eu.id
  route_table_id = aws_route_table.orders_eu.id
}

resource "aws_route" "orders" {
  route_table_id         = aws_route_table.orders.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.us.id
}

resource "aws_route" "orders_eu" {
  region                 = "eu-west-1"
  route_table_id         = aws_route_table.orders_eu.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.eu.id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "orders" {
  transit_gateway_id = aws_ec2_transit_gateway.us.id
  vpc_id             = aws_vpc.orders.id
  subnet_ids         = [aws_subnet.orders.id]
}

resource "aws_ec2_transit_gateway_vpc_attachment" "orders_eu" {
  region             = "eu-west-1"
  transit_gateway_id = aws_ec2_transit_gateway.eu.id
  vpc_id             = aws_vpc.orders_eu.id
  subnet_ids         = [aws_subnet.orders_eu.id]
}

resource "aws_ec2_transit_gateway_vpc_attachment" "quarantine" {
  transit_gateway_id                              = aws_ec2_transit_gateway.us.id
  vpc_id                                          = aws_vpc.quarantine.id
  subnet_ids                                      = [aws_subnet.quarantine.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_route_table" "quarantine" {
  transit_gateway_id = aws_ec2_transit_gateway.us.id
  tags               = { Name = "quarantine-only" }
}

resource "aws_ec2_transit_gateway_route_table_association" "quarantine" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.quarantine.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.quarantine.id
}
