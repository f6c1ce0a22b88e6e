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
resource "aws_vpc" "d" {
  cidr_block = "10.4.0.0/16"
  tags       = { Name = "delta" }
}
resource "aws_vpc" "e" {
  cidr_block = "10.5.0.0/16"
  tags       = { Name = "epsilon" }
}
resource "aws_vpc" "f" {
  cidr_block = "10.6.0.0/16"
  tags       = { Name = "phi" }
}
resource "aws_vpc_peering_connection" "l" {
  for_each    = { ab = { from = aws_vpc.d.id, to = aws_vpc.e.id }, ac = { from = aws_vpc.e.id, to = aws_vpc.f.id } }
  vpc_id      = each.value.from
  peer_vpc_id = each.value.to
  auto_accept = true
}
