provider "aws" { region = "eu-west-1" }
resource "aws_vpc" "a" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "a-prod" }
}
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.a.id
  cidr_block = "10.1.1.0/24"
}
