provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "one" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "green" }
}

resource "aws_vpc" "two" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "blue" }
}

resource "aws_vpc" "red" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "red" }
}

resource "aws_internet_gateway" "two" {
  vpc_id = aws_vpc.two.id
}
