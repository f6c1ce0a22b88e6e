provider "aws" {
  region = "eu-west-1"
}

data "aws_vpc" "shop" {
  filter {
    name   = "tag:Name"
    values = ["shop-prod"]
  }
}

data "aws_route_table" "private" {
  subnet_id = data.aws_subnet.private.id
}

data "aws_subnet" "private" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.shop.id]
  }
}

data "aws_internet_gateway" "shop" {
  filter {
    name   = "attachment.vpc-id"
    values = [data.aws_vpc.shop.id]
  }
}

resource "aws_vpc" "hr" {
  cidr_block = "10.7.0.0/16"
  tags       = { Name = "hr" }
}
