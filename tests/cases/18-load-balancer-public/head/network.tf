terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.41.0.0/16"
  tags       = { Name = "shop" }
}

resource "aws_subnet" "web_a" {
  vpc_id     = aws_vpc.shop.id
  cidr_block = "10.41.1.0/24"
}

resource "aws_subnet" "web_b" {
  vpc_id     = aws_vpc.shop.id
  cidr_block = "10.41.2.0/24"
}

resource "aws_vpc" "office" {
  cidr_block = "10.42.0.0/16"
  tags       = { Name = "back-office" }
}

resource "aws_subnet" "office_a" {
  vpc_id     = aws_vpc.office.id
  cidr_block = "10.42.1.0/24"
}

resource "aws_subnet" "office_b" {
  vpc_id     = aws_vpc.office.id
  cidr_block = "10.42.2.0/24"
}

resource "aws_internet_gateway" "shop" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.shop.id
}

resource "aws_route_table_association" "web_a" {
  subnet_id      = aws_subnet.web_a.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "web_b" {
  subnet_id      = aws_subnet.web_b.id
  route_table_id = aws_route_table.public.id
}

resource "aws_lb" "api" {
  name     = "api"
  internal = false
  subnets  = [aws_subnet.web_a.id, aws_subnet.web_b.id]
}

resource "aws_lb" "desk" {
  name     = "desk"
  internal = true
  subnets  = [aws_subnet.office_a.id, aws_subnet.office_b.id]
}
