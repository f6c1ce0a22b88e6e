resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_vpc" "archive" {
  count      = local.sizes[terraform.workspace] > 0 ? 1 : 0
  cidr_block = "10.7.0.0/16"
  tags       = { Name = "archive" }
}

resource "aws_vpc_peering_connection" "lab" {
  count       = local.peered[terraform.workspace] ? 1 : 0
  vpc_id      = aws_vpc.shop.id
  peer_vpc_id = aws_vpc.lab.id
  auto_accept = true
}
