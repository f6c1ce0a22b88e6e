provider "aws" {
  region = "eu-west-1"
}

data "aws_vpc" "partner" {
  tags = { Name = "lab" }
}

data "aws_vpc" "shared" {
  tags = { Name = "shared" }
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "pay" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "pay-prod" }
}

resource "aws_vpc_peering_connection" "partner" {
  vpc_id      = aws_vpc.shop.id
  peer_vpc_id = data.aws_vpc.partner.id
}

resource "aws_vpc_peering_connection" "shared" {
  vpc_id      = aws_vpc.pay.id
  peer_vpc_id = data.aws_vpc.shared.id
}
