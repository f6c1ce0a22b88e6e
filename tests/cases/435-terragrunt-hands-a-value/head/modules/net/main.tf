variable "peer_with_lab" {
  type    = bool
  default = false
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "lab-prod" }
}

resource "aws_vpc_peering_connection" "lab" {
  count       = var.peer_with_lab ? 1 : 0
  vpc_id      = aws_vpc.shop.id
  peer_vpc_id = aws_vpc.lab.id
  auto_accept = true
}
