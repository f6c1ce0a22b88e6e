provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "north"
  region = "eu-north-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = "shop" }
}

resource "aws_internet_gateway" "shop" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_vpc" "back_office" {
  provider   = aws.north
  cidr_block = "10.30.0.0/16"
  tags       = { Name = "back-office" }
}

resource "aws_vpc_block_public_access_options" "north" {
  provider                    = aws.north
  internet_gateway_block_mode = "block-bidirectional"
}
