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
resource "aws_ec2_transit_gateway" "x" {
  description                     = "x"
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
  tags                            = { Name = "hub-x" }
}
resource "aws_ec2_transit_gateway" "y" {
  description = "y"
  tags        = { Name = "hub-y" }
}
resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.a.id
  cidr_block = "10.1.0.0/24"
}
resource "aws_subnet" "b" {
  vpc_id     = aws_vpc.b.id
  cidr_block = "10.2.0.0/24"
}
resource "aws_subnet" "c" {
  vpc_id     = aws_vpc.c.id
  cidr_block = "10.3.0.0/24"
}
resource "aws_ec2_transit_gateway_vpc_attachment" "a" {
  vpc_id             = aws_vpc.a.id
  subnet_ids         = [aws_subnet.a.id]
  transit_gateway_id = aws_ec2_transit_gateway.x.id
}
resource "aws_ec2_transit_gateway_vpc_attachment" "b" {
  vpc_id             = aws_vpc.b.id
  subnet_ids         = [aws_subnet.b.id]
  transit_gateway_id = aws_ec2_transit_gateway.y.id
}
resource "aws_ec2_transit_gateway_vpc_attachment" "c" {
  vpc_id             = aws_vpc.c.id
  subnet_ids         = [aws_subnet.c.id]
  transit_gateway_id = aws_ec2_transit_gateway.y.id
}
resource "aws_ec2_transit_gateway_peering_attachment" "xy" {
  transit_gateway_id      = aws_ec2_transit_gateway.x.id
  peer_transit_gateway_id = aws_ec2_transit_gateway.y.id
  peer_region             = "eu-west-1"
}
resource "aws_ec2_transit_gateway_route_table" "x" {
  transit_gateway_id = aws_ec2_transit_gateway.x.id
}
resource "aws_ec2_transit_gateway_route_table_association" "a" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.x.id
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.a.id
}
resource "aws_ec2_transit_gateway_route" "b" {
  destination_cidr_block         = "10.2.0.0/16"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_peering_attachment.xy.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.x.id
}
resource "aws_ec2_transit_gateway_route_table_association" "f" {
  transit_gateway_attachment_id  = "tgw-attach-0abcdef0123456789"
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.x.id
}
