terraform {
  backend "s3" {
    bucket = "acme-state"
    key    = "network/terraform.tfstate"
    region = "eu-west-1"
  }
}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "pay" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "pay-prod" }
}

output "shop" {
  value = { vpc_id = aws_vpc.shop.id }
}

output "pay" {
  value = { vpc_id = aws_vpc.pay.id }
}
