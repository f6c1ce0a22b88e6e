resource "aws_vpc" "shop_prod" {
  cidr_block = "10.1.0.0/16"

  tags = { Name = "shop-prod" }
}

resource "aws_vpc" "analytics" {
  cidr_block = "10.2.0.0/16"

  tags = { Name = "analytics" }
}

resource "aws_vpc" "archive" {
  cidr_block = "10.9.0.0/16"

  tags = { Name = "archive" }
}
