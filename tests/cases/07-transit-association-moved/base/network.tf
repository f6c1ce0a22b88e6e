terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_ec2_transit_gateway" "hub" {
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
  tags                            = { Name = "junction" }
}

resource "aws_vpc" "dev" {
  cidr_block = "10.21.0.0/16"
  tags       = { Name = "dev-sandbox" }
}

resource "aws_vpc" "tools" {
  cidr_block = "10.22.0.0/16"
  tags       = { Name = "tools" }
}

resource "aws_vpc" "ci" {
  cidr_block = "10.23.0.0/16"
  tags       = { Name = "ci-runners" }
}

resource "aws_vpc" "vault" {
  cidr_block = "10.24.0.0/16"
  tags       = { Name = "vault" }
}

resource "aws_subnet" "dev" {
  vpc_id     = aws_vpc.dev.id
  cidr_block = "10.21.0.0/24"
}

resource "aws_subnet" "tools" {
  vpc_id     = aws_vpc.tools.id
  cidr_block = "10.22.0.0/24"
}

resource "aws_subnet" "ci" {
  vpc_id     = aws_vpc.ci.id
  cidr_block = "10.23.0.0/24"
}

resource "aws_subnet" "vault" {
  vpc_id     = aws_vpc.vault.id
  cidr_block = "10.24.0.0/24"
}

resource "aws_route_table" "dev" {
  vpc_id = aws_vpc.dev.id
}

resource "aws_route_table_association" "dev" {
  subnet_id      = aws_subnet.dev.id
  route_table_id = aws_route_table.dev.id
}

resource "aws_route_table" "tools" {
  vpc_id = aws_vpc.tools.id
}

resource "aws_route_table_association" "tools" {
  subnet_id      = aws_subnet.tools.id
  route_table_id = aws_route_table.tools.id
}

resource "aws_route_table" "ci" {
  vpc_id = aws_vpc.ci.id
}

resource "aws_route_table_association" "ci" {
  subnet_id      = aws_subnet.ci.id
  route_table_id = aws_route_table.ci.id
}

resource "aws_route_table" "vault" {
  vpc_id = aws_vpc.vault.id
}

resource "aws_route_table_association" "vault" {
  subnet_id      = aws_subnet.vault.id
  route_table_id = aws_route_table.vault.id
}

resource "aws_route" "dev" {
  route_table_id         = aws_route_table.dev.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
}

resource "aws_route" "tools" {
  route_table_id         = aws_route_table.tools.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
}

resource "aws_route" "ci" {
  route_table_id         = aws_route_table.ci.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
}

resource "aws_route" "vault" {
  route_table_id         = aws_route_table.vault.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "dev" {
  transit_gateway_id                              = aws_ec2_transit_gateway.hub.id
  vpc_id                                          = aws_vpc.dev.id
  subnet_ids                                      = [aws_subnet.dev.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_vpc_attachment" "tools" {
  transit_gateway_id                              = aws_ec2_transit_gateway.hub.id
  vpc_id                                          = aws_vpc.tools.id
  subnet_ids                                      = [aws_subnet.tools.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_vpc_attachment" "ci" {
  transit_gateway_id                              = aws_ec2_transit_gateway.hub.id
  vpc_id                                          = aws_vpc.ci.id
  subnet_ids                                      = [aws_subnet.ci.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_vpc_attachment" "vault" {
  transit_gateway_id                              = aws_ec2_transit_gateway.hub.id
  vpc_id                                          = aws_vpc.vault.id
  subnet_ids                                      = [aws_subnet.vault.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_route_table" "isolated" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  tags               = { Name = "isolated" }
}

resource "aws_ec2_transit_gateway_route_table" "commons" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  tags               = { Name = "commons" }
}

resource "aws_ec2_transit_gateway_route_table" "vault" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  tags               = { Name = "vault-only" }
}

resource "aws_ec2_transit_gateway_route_table_association" "dev" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.dev.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.isolated.id
}

resource "aws_ec2_transit_gateway_route_table_association" "tools" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.tools.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.commons.id
}

resource "aws_ec2_transit_gateway_route_table_association" "ci" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.ci.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.commons.id
}

resource "aws_ec2_transit_gateway_route_table_association" "vault" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.vault.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.vault.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "dev" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.dev.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.commons.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "tools" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.tools.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.commons.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "ci" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.ci.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.commons.id
}
