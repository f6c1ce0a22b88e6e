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
resource "aws_vpc" "n" {
  count      = 3
  cidr_block = "10.${count.index + 10}.0.0/16"
  tags       = { Name = "ring-${count.index}" }
}
resource "aws_vpc_peering_connection" "x" {
  count       = 2
  vpc_id      = aws_vpc.n[count.index].id
  peer_vpc_id = aws_vpc.n[count.index + 1].id
  auto_accept = true
}
