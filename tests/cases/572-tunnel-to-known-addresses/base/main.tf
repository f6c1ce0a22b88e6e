provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_vpc" "pay" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "pay" }
}

resource "cloudflare_zero_trust_tunnel_cloudflared" "office" {
  account_id = "0a1b2c"
  name       = "office"
}

resource "cloudflare_zero_trust_tunnel_cloudflared_route" "home" {
  account_id = "0a1b2c"
  tunnel_id  = cloudflare_zero_trust_tunnel_cloudflared.office.id
  network    = "192.168.7.0/24"
}
