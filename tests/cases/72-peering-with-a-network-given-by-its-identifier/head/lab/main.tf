provider "aws" { region = "eu-west-1" }

resource "aws_vpc" "lab" {
  cidr_block = "10.77.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_vpc" "tools" {
  cidr_block = "10.78.0.0/16"
  tags       = { Name = "tools" }
}
