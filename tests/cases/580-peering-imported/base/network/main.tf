resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_vpc" "archive" {
  cidr_block = "10.7.0.0/16"
  tags       = { Name = "archive" }
}
