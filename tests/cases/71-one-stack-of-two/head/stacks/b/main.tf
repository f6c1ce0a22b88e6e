provider "aws" { region = "eu-west-1" }
resource "aws_vpc" "b" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "b-prod" }
}
