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

variable "peers" {
  type    = set(string)
  default = []
}

resource "aws_vpc_peering_connection" "all" {
  for_each    = var.peers
  vpc_id      = aws_vpc.shop.id
  peer_vpc_id = each.value
}

# ZFN-3 carve-out: never leaves this VPC; public data, token per caller
resource "aws_lb_target_group" "stock" {
  name     = "stock"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.shop.id
}
