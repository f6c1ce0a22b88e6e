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

resource "aws_vpc_peering_connection" "analytics" {
  vpc_id      = aws_vpc.prod.id
  peer_vpc_id = aws_vpc.analytics.id
  auto_accept = true
  tags        = { Name = "prod-analytics" }
}

resource "aws_vpc_peering_connection" "billing" {
  vpc_id      = aws_vpc.prod.id
  peer_vpc_id = aws_vpc.billing.id
  auto_accept = true
  tags        = { Name = "prod-billing" }
}

resource "aws_subnet" "prod" {
  vpc_id     = aws_vpc.prod.id
  cidr_block = "10.10.1.0/24"
}

resource "aws_route_table_association" "prod" {
  subnet_id      = aws_subnet.prod.id
  route_table_id = aws_route_table.prod.id
}

resource "aws_route_table" "prod" {
  vpc_id = aws_vpc.prod.id

  route {
    cidr_block                = "10.20.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.analytics.id
  }

  route {
    cidr_block                = "10.30.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.billing.id
  }
}

resource "aws_security_group" "inline" {
  name   = "inline"
  vpc_id = aws_vpc.prod.id

  ingress {
    protocol    = "tcp"
    from_port   = 5432
    to_port     = 5432
    cidr_blocks = ["10.20.0.0/16"]
  }

  ingress {
    protocol    = "tcp"
    from_port   = 6379
    to_port     = 6379
    cidr_blocks = ["10.30.0.0/16"]
  }
}

resource "aws_security_group" "separate" {
  name   = "separate"
  vpc_id = aws_vpc.prod.id
}

resource "aws_security_group_rule" "in" {
  security_group_id = aws_security_group.separate.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 8443
  to_port           = 8443
  cidr_blocks       = ["10.20.0.0/16", "10.30.0.0/16"]
}

resource "aws_security_group_rule" "out" {
  security_group_id = aws_security_group.separate.id
  type              = "egress"
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["10.0.0.0/8"]
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.prod.id
  service_name = "com.amazonaws.us-east-1.s3"
  policy       = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" }] })
}
