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

resource "aws_subnet" "web" {
  vpc_id     = aws_vpc.shop.id
  cidr_block = "10.41.1.0/24"
}

resource "aws_subnet" "db" {
  vpc_id     = aws_vpc.shop.id
  cidr_block = "10.41.2.0/24"
}

resource "aws_vpc" "books" {
  cidr_block = "10.42.0.0/16"
  tags       = { Name = "books" }
}

resource "aws_subnet" "books" {
  vpc_id     = aws_vpc.books.id
  cidr_block = "10.42.1.0/24"
}

resource "aws_internet_gateway" "shop" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.shop.id
}

resource "aws_main_route_table_association" "shop" {
  vpc_id         = aws_vpc.shop.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "db" {
  subnet_id      = aws_subnet.db.id
  route_table_id = aws_route_table.private.id
}
