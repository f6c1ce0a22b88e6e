provider "aws" { region = "eu-west-1" }

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_ec2_transit_gateway" "core" {
  tags = { Name = "core" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "shop" {
  transit_gateway_id = aws_ec2_transit_gateway.core.id
  vpc_id             = aws_vpc.shop.id
  subnet_ids         = []
}

resource "aws_vpc" "alone" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "alone" }
}
