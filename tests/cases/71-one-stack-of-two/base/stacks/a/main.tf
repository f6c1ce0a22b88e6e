provider "aws" { region = "eu-west-1" }
resource "aws_vpc" "a" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "a-prod" }
}
resource "aws_vpc" "lab" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "a-lab" }
}
