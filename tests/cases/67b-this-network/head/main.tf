provider "aws" {
  region = "eu-west-1"
}
module "m" {
  source = "./mod"
  name   = "m"
}
resource "aws_vpc" "b" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "beta" }
}
locals {
  # ZFN-3 carve-out: stays inside the VPC of the cache; the threat
  # model allows it.
  cache_tls = false
  text      = <<-EOT
    # ZFN-3 carve-out: inside a heredoc; this is no comment
    tls: off
  EOT
}
resource "aws_internet_gateway" "m" {
  vpc_id = module.m.vpc_id
}
