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
variable "x" {
  sensitive = true
  default   = "100.99.0.0/16"
}
resource "aws_vpc_ipv4_cidr_block_association" "more" {
  vpc_id     = aws_vpc.a.id
  cidr_block = var.x
}
resource "aws_vpc_peering_connection" "x" {
  vpc_id        = aws_vpc.b.id
  peer_vpc_id   = var.v
  peer_owner_id = "210987654321"
}
variable "v" {
  sensitive = true
  default   = "vpc-0ffee0000000bbbb2"
}
