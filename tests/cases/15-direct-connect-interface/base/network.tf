terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_ec2_transit_gateway" "hub" {
  tags = { Name = "junction" }
}

resource "aws_vpc" "apps" {
  cidr_block = "10.53.0.0/16"
  tags       = { Name = "apps-east" }
}

resource "aws_vpc" "batch" {
  cidr_block = "10.54.0.0/16"
  tags       = { Name = "batch-east" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.55.0.0/16"
  tags       = { Name = "lab-east" }
}

resource "aws_subnet" "apps" {
  vpc_id     = aws_vpc.apps.id
  cidr_block = "10.53.0.0/24"
}

resource "aws_subnet" "batch" {
  vpc_id     = aws_vpc.batch.id
  cidr_block = "10.54.0.0/24"
}

resource "aws_route_table" "apps" {
  vpc_id = aws_vpc.apps.id
}

resource "aws_route_table_association" "apps" {
  subnet_id      = aws_subnet.apps.id
  route_table_id = aws_route_table.apps.id
}

resource "aws_route_table" "batch" {
  vpc_id = aws_vpc.batch.id
}

resource "aws_route_table_association" "batch" {
  subnet_id      = aws_subnet.batch.id
  route_table_id = aws_route_table.batch.id
}

resource "aws_route" "apps" {
  route_table_id         = aws_route_table.apps.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
}

resource "aws_route" "batch" {
  route_table_id         = aws_route_table.batch.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "apps" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  vpc_id             = aws_vpc.apps.id
  subnet_ids         = [aws_subnet.apps.id]
}

resource "aws_ec2_transit_gateway_vpc_attachment" "batch" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  vpc_id             = aws_vpc.batch.id
  subnet_ids         = [aws_subnet.batch.id]
}

resource "aws_dx_connection" "ashburn" {
  name      = "dx-ashburn"
  bandwidth = "10Gbps"
  location  = "EqDC2"
}

resource "aws_dx_gateway" "corp" {
  name            = "dxgw-corp"
  amazon_side_asn = "64600"
}

resource "aws_dx_gateway_association" "hub" {
  dx_gateway_id         = aws_dx_gateway.corp.id
  associated_gateway_id = aws_ec2_transit_gateway.hub.id
  allowed_prefixes      = ["10.53.0.0/16"]
}
