terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_ec2_transit_gateway" "backbone" {
  tags = { Name = "backbone" }
}

resource "aws_vpc" "orders" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "orders" }
}

resource "aws_vpc" "stock" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "stock" }
}

resource "aws_vpc" "search" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "search" }
}

resource "aws_vpc" "experiments" {
  cidr_block = "10.4.0.0/16"
  tags       = { Name = "experiments" }
}

resource "aws_vpc" "stock_archive" {
  cidr_block = "10.5.0.0/16"
  tags       = { Name = "stock-archive" }
}

resource "aws_subnet" "orders" {
  vpc_id     = aws_vpc.orders.id
  cidr_block = "10.1.0.0/24"
}

resource "aws_subnet" "stock" {
  vpc_id     = aws_vpc.stock.id
  cidr_block = "10.2.0.0/24"
}

resource "aws_subnet" "search" {
  vpc_id     = aws_vpc.search.id
  cidr_block = "10.3.0.0/24"
}

resource "aws_subnet" "experiments" {
  vpc_id     = aws_vpc.experiments.id
  cidr_block = "10.4.0.0/24"
}

resource "aws_route_table" "orders" {
  vpc_id = aws_vpc.orders.id
}

resource "aws_route_table_association" "orders" {
  subnet_id      = aws_subnet.orders.id
  route_table_id = aws_route_table.orders.id
}

resource "aws_route_table" "stock" {
  vpc_id = aws_vpc.stock.id
}

resource "aws_route_table_association" "stock" {
  subnet_id      = aws_subnet.stock.id
  route_table_id = aws_route_table.stock.id
}

resource "aws_route_table" "search" {
  vpc_id = aws_vpc.search.id
}

resource "aws_route_table_association" "search" {
  subnet_id      = aws_subnet.search.id
  route_table_id = aws_route_table.search.id
}

resource "aws_route_table" "experiments" {
  vpc_id = aws_vpc.experiments.id
}

resource "aws_route_table_association" "experiments" {
  subnet_id      = aws_subnet.experiments.id
  route_table_id = aws_route_table.experiments.id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "orders" {
  transit_gateway_id = aws_ec2_transit_gateway.backbone.id
  vpc_id             = aws_vpc.orders.id
  subnet_ids         = [aws_subnet.orders.id]
}

resource "aws_ec2_transit_gateway_vpc_attachment" "stock" {
  transit_gateway_id = aws_ec2_transit_gateway.backbone.id
  vpc_id             = aws_vpc.stock.id
  subnet_ids         = [aws_subnet.stock.id]
}

resource "aws_ec2_transit_gateway_vpc_attachment" "search" {
  transit_gateway_id = aws_ec2_transit_gateway.backbone.id
  vpc_id             = aws_vpc.search.id
  subnet_ids         = [aws_subnet.search.id]
}

resource "aws_route" "orders_to_hub" {
  route_table_id         = aws_route_table.orders.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.backbone.id
}

resource "aws_route" "stock_to_hub" {
  route_table_id         = aws_route_table.stock.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.backbone.id
}

resource "aws_route" "search_to_hub" {
  route_table_id         = aws_route_table.search.id
  destination_cidr_block = "10.1.0.0/16"
  transit_gateway_id     = aws_ec2_transit_gateway.backbone.id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "experiments" {
  transit_gateway_id = aws_ec2_transit_gateway.backbone.id
  vpc_id             = aws_vpc.experiments.id
  subnet_ids         = [aws_subnet.experiments.id]
}

resource "aws_route" "experiments_to_hub" {
  route_table_id         = aws_route_table.experiments.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.backbone.id
}
