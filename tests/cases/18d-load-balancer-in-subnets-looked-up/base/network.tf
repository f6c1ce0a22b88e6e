provider "aws" {
  region = "eu-west-1"
}

data "aws_vpc" "shop" {
  tags = { Name = "shop" }
}

data "aws_vpc" "back_office" {
  tags = { Name = "back-office" }
}

data "aws_subnets" "shop" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.shop.id]
  }
  tags = { Tier = "public" }
}

data "aws_subnets" "back_office" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.back_office.id]
  }
}

resource "aws_lb" "desk" {
  name     = "desk"
  internal = true
  subnets  = data.aws_subnets.back_office.ids
}
