provider "aws" { region = "eu-west-1" }

resource "aws_vpc" "lab" {
  cidr_block = "10.77.0.0/16"
  tags       = { Name = "lab" }
}
