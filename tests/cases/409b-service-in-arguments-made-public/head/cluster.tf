provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = "shop" }
}

resource "aws_subnet" "shop" {
  count      = 2
  vpc_id     = aws_vpc.shop.id
  cidr_block = cidrsubnet("10.20.0.0/16", 8, count.index)
}

resource "aws_vpc" "back_office" {
  cidr_block = "10.30.0.0/16"
  tags       = { Name = "back-office" }
}

resource "aws_eks_cluster" "shop" {
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/eks"
  vpc_config {
    subnet_ids             = aws_subnet.shop[*].id
    endpoint_public_access = false
  }
}
