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

resource "aws_vpc" "portal" {
  cidr_block = "10.6.0.0/16"
  tags       = { Name = "portal" }
}

resource "aws_vpc" "partners" {
  cidr_block = "10.7.0.0/16"
  tags       = { Name = "partners" }
}

resource "aws_vpc" "clinical" {
  cidr_block = "10.8.0.0/16"
  tags       = { Name = "clinical" }
}

resource "aws_vpc" "imaging" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "imaging" }
}

resource "aws_subnet" "portal" {
  vpc_id     = aws_vpc.portal.id
  cidr_block = "10.6.0.0/24"
}

resource "aws_subnet" "partners" {
  vpc_id     = aws_vpc.partners.id
  cidr_block = "10.7.0.0/24"
}

resource "aws_subnet" "clinical" {
  vpc_id     = aws_vpc.clinical.id
  cidr_block = "10.8.0.0/24"
}

resource "aws_subnet" "imaging" {
  vpc_id     = aws_vpc.imaging.id
  cidr_block = "10.9.0.0/24"
}

resource "aws_route_table" "portal" {
  vpc_id = aws_vpc.portal.id
}

resource "aws_route_table_association" "portal" {
  subnet_id      = aws_subnet.portal.id
  route_table_id = aws_route_table.portal.id
}

resource "aws_route_table" "partners" {
  vpc_id = aws_vpc.partners.id
}

resource "aws_route_table_association" "partners" {
  subnet_id      = aws_subnet.partners.id
  route_table_id = aws_route_table.partners.id
}

resource "aws_route" "portal" {
  route_table_id         = aws_route_table.portal.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
}

resource "aws_route" "partners" {
  route_table_id         = aws_route_table.partners.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "portal" {
  transit_gateway_id                              = aws_ec2_transit_gateway.hub.id
  vpc_id                                          = aws_vpc.portal.id
  subnet_ids                                      = [aws_subnet.portal.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_vpc_attachment" "partners" {
  transit_gateway_id                              = aws_ec2_transit_gateway.hub.id
  vpc_id                                          = aws_vpc.partners.id
  subnet_ids                                      = [aws_subnet.partners.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_vpc_attachment" "clinical" {
  transit_gateway_id                              = aws_ec2_transit_gateway.hub.id
  vpc_id                                          = aws_vpc.clinical.id
  subnet_ids                                      = [aws_subnet.clinical.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_vpc_attachment" "imaging" {
  transit_gateway_id                              = aws_ec2_transit_gateway.hub.id
  vpc_id                                          = aws_vpc.imaging.id
  subnet_ids                                      = [aws_subnet.imaging.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_route_table" "front" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  tags               = { Name = "front" }
}

resource "aws_ec2_transit_gateway_route_table" "back" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  tags               = { Name = "back" }
}

resource "aws_ec2_transit_gateway_route_table_association" "portal" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.portal.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.front.id
}

resource "aws_ec2_transit_gateway_route_table_association" "partners" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.partners.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.front.id
}

resource "aws_ec2_transit_gateway_route_table_association" "clinical" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.clinical.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.back.id
}

resource "aws_ec2_transit_gateway_route_table_association" "imaging" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.imaging.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.back.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "clinical_in_front" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.clinical.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.front.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "clinical_in_back" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.clinical.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.back.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "imaging_in_back" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.imaging.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.back.id
}
