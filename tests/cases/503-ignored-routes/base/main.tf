provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "pay" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "pay-prod" }
}

resource "aws_ec2_transit_gateway" "core" {
  tags = { Name = "core" }
}

resource "aws_route_table" "shop" {
  vpc_id = aws_vpc.shop.id
  lifecycle {
    ignore_changes = [route]
  }
}

resource "aws_route_table" "pay" {
  vpc_id = aws_vpc.pay.id
}
