provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "shop-lab" }
}
