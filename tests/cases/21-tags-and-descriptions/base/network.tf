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

resource "aws_subnet" "prod" {
  vpc_id     = aws_vpc.prod.id
  cidr_block = "10.10.1.0/24"
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

resource "aws_ec2_transit_gateway_vpc_attachment" "prod" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  vpc_id             = aws_vpc.prod.id
  subnet_ids         = [aws_subnet.prod.id]
}

resource "aws_security_group" "web" {
  name_prefix = "web-"
  description = "web"
  vpc_id      = aws_vpc.prod.id
}

resource "aws_vpc_security_group_ingress_rule" "web" {
  security_group_id = aws_security_group.web.id
  description       = "from the office"
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 8443
  to_port           = 8443
}

resource "aws_security_group" "api" {
  name   = "api"
  vpc_id = aws_vpc.prod.id
}

resource "aws_vpc_security_group_ingress_rule" "api" {
  security_group_id = aws_security_group.api.id
  description       = "from web"
  cidr_ipv4         = "10.10.0.0/16"
  ip_protocol       = "tcp"
  from_port         = 8443
  to_port           = 8443
}

resource "aws_network_interface" "web" {
  subnet_id       = aws_subnet.prod.id
  security_groups = [aws_security_group.web.id]
}
