terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_ec2_transit_gateway" "crossing" {
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
  tags                            = { Name = "crossing" }
}

resource "aws_vpc" "prod" {
  cidr_block = "10.11.0.0/16"
  tags       = { Name = "prod-core" }
}

resource "aws_vpc" "prod_data" {
  cidr_block = "10.12.0.0/16"
  tags       = { Name = "prod-data" }
}

resource "aws_vpc" "dev" {
  cidr_block = "10.13.0.0/16"
  tags       = { Name = "dev-sandbox" }
}

resource "aws_vpc" "staging" {
  cidr_block = "10.14.0.0/16"
  tags       = { Name = "staging" }
}

resource "aws_subnet" "prod" {
  vpc_id     = aws_vpc.prod.id
  cidr_block = "10.11.0.0/24"
}

resource "aws_subnet" "prod_data" {
  vpc_id     = aws_vpc.prod_data.id
  cidr_block = "10.12.0.0/24"
}

resource "aws_subnet" "dev" {
  vpc_id     = aws_vpc.dev.id
  cidr_block = "10.13.0.0/24"
}

resource "aws_subnet" "staging" {
  vpc_id     = aws_vpc.staging.id
  cidr_block = "10.14.0.0/24"
}

resource "aws_route_table" "prod" {
  vpc_id = aws_vpc.prod.id
}

resource "aws_route_table_association" "prod" {
  subnet_id      = aws_subnet.prod.id
  route_table_id = aws_route_table.prod.id
}

resource "aws_route_table" "prod_data" {
  vpc_id = aws_vpc.prod_data.id
}

resource "aws_route_table_association" "prod_data" {
  subnet_id      = aws_subnet.prod_data.id
  route_table_id = aws_route_table.prod_data.id
}

resource "aws_route_table" "dev" {
  vpc_id = aws_vpc.dev.id
}

resource "aws_route_table_association" "dev" {
  subnet_id      = aws_subnet.dev.id
  route_table_id = aws_route_table.dev.id
}

resource "aws_route_table" "staging" {
  vpc_id = aws_vpc.staging.id
}

resource "aws_route_table_association" "staging" {
  subnet_id      = aws_subnet.staging.id
  route_table_id = aws_route_table.staging.id
}

resource "aws_route" "prod" {
  route_table_id         = aws_route_table.prod.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.crossing.id
}

resource "aws_route" "prod_data" {
  route_table_id         = aws_route_table.prod_data.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.crossing.id
}

resource "aws_route" "dev" {
  route_table_id         = aws_route_table.dev.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.crossing.id
}

resource "aws_route" "staging" {
  route_table_id         = aws_route_table.staging.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.crossing.id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "prod" {
  transit_gateway_id                              = aws_ec2_transit_gateway.crossing.id
  vpc_id                                          = aws_vpc.prod.id
  subnet_ids                                      = [aws_subnet.prod.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_vpc_attachment" "prod_data" {
  transit_gateway_id                              = aws_ec2_transit_gateway.crossing.id
  vpc_id                                          = aws_vpc.prod_data.id
  subnet_ids                                      = [aws_subnet.prod_data.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_vpc_attachment" "dev" {
  transit_gateway_id                              = aws_ec2_transit_gateway.crossing.id
  vpc_id                                          = aws_vpc.dev.id
  subnet_ids                                      = [aws_subnet.dev.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_vpc_attachment" "staging" {
  transit_gateway_id                              = aws_ec2_transit_gateway.crossing.id
  vpc_id                                          = aws_vpc.staging.id
  subnet_ids                                      = [aws_subnet.staging.id]
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_route_table" "prod" {
  transit_gateway_id = aws_ec2_transit_gateway.crossing.id
  tags               = { Name = "rt-prod" }
}

resource "aws_ec2_transit_gateway_route_table" "dev" {
  transit_gateway_id = aws_ec2_transit_gateway.crossing.id
  tags               = { Name = "rt-dev" }
}

resource "aws_ec2_transit_gateway_route_table" "staging" {
  transit_gateway_id = aws_ec2_transit_gateway.crossing.id
  tags               = { Name = "rt-staging" }
}

resource "aws_ec2_transit_gateway_route_table_association" "prod" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.prod.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.prod.id
}

resource "aws_ec2_transit_gateway_route_table_association" "prod_data" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.prod_data.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.prod.id
}

resource "aws_ec2_transit_gateway_route_table_association" "dev" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.dev.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.dev.id
}

resource "aws_ec2_transit_gateway_route_table_association" "staging" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.staging.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.staging.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "prod_in_prod" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.prod.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.prod.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "prod_data_in_prod" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.prod_data.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.prod.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "dev_in_prod" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.dev.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.prod.id
}
