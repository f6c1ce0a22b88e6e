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
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.a.id
  cidr_block = "10.1.2.0/24"
}
resource "aws_vpn_gateway" "g" {
  vpc_id = aws_vpc.a.id
}
resource "aws_route_table" "t" {
  vpc_id = aws_vpc.a.id
}
resource "aws_route_table_association" "s" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.t.id
}
variable "rs" {
  default = ["10.77.0.0/16"]
}
resource "aws_route_table" "dyn" {
  vpc_id = aws_vpc.b.id
  dynamic "route" {
    for_each = var.rs
    content {
      cidr_block         = route.value
      transit_gateway_id = aws_ec2_transit_gateway.n.id
    }
  }
}
resource "aws_ec2_transit_gateway" "n" {
  description = "n"
}
resource "aws_route_table" "dyn2" {
  vpc_id = aws_vpc.c.id
  dynamic "route" {
    for_each = [aws_ec2_transit_gateway.n.id]
    content {
      cidr_block         = "10.99.0.0/16"
      transit_gateway_id = route.value
    }
  }
}
