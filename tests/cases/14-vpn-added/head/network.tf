terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "eu-north-1"
}

resource "aws_vpc" "fjord" {
  cidr_block = "10.51.0.0/16"
  tags       = { Name = "fjord" }
}

resource "aws_vpc" "glacier" {
  cidr_block = "10.52.0.0/16"
  tags       = { Name = "glacier" }
}

resource "aws_subnet" "fjord" {
  vpc_id     = aws_vpc.fjord.id
  cidr_block = "10.51.1.0/24"
}

resource "aws_route_table" "fjord" {
  vpc_id = aws_vpc.fjord.id
}

resource "aws_route_table_association" "fjord" {
  subnet_id      = aws_subnet.fjord.id
  route_table_id = aws_route_table.fjord.id
}

resource "aws_vpn_gateway" "fjord" {
  vpc_id = aws_vpc.fjord.id
  tags   = { Name = "fjord-vgw" }
}

resource "aws_customer_gateway" "oslo" {
  bgp_asn    = 65010
  ip_address = "203.0.113.10"
  type       = "ipsec.1"
  tags       = { Name = "oslo-dc" }
}

resource "aws_vpn_connection" "oslo" {
  customer_gateway_id = aws_customer_gateway.oslo.id
  vpn_gateway_id      = aws_vpn_gateway.fjord.id
  type                = "ipsec.1"
  tags                = { Name = "fjord-oslo" }
}

resource "aws_route" "oslo" {
  route_table_id         = aws_route_table.fjord.id
  destination_cidr_block = "10.151.0.0/16"
  gateway_id             = aws_vpn_gateway.fjord.id
}

resource "aws_customer_gateway" "bergen" {
  bgp_asn    = 65020
  ip_address = "203.0.113.20"
  type       = "ipsec.1"
  tags       = { Name = "bergen-dc" }
}

resource "aws_vpn_connection" "bergen" {
  customer_gateway_id = aws_customer_gateway.bergen.id
  vpn_gateway_id      = aws_vpn_gateway.fjord.id
  type                = "ipsec.1"
  tags                = { Name = "fjord-bergen" }
}

resource "aws_vpn_gateway_route_propagation" "fjord" {
  vpn_gateway_id = aws_vpn_gateway.fjord.id
  route_table_id = aws_route_table.fjord.id
}
