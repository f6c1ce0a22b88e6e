provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "a" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "alpha" }
}
resource "aws_vpc" "b" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "beta" }
}
resource "aws_vpc" "c" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "gamma" }
}
resource "aws_internet_gateway" "g" {
  vpc_id = aws_vpc.a.id
}
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.a.id
  cidr_block = "10.1.2.0/24"
}
resource "aws_route_table" "m" {
  vpc_id = aws_vpc.a.id
}
resource "aws_route" "m" {
  route_table_id         = aws_route_table.m.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.g.id
}
