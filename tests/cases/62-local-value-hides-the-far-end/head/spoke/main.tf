variable "hub" { type = string }
locals { hub_vpc_id = var.hub }
resource "aws_vpc" "this" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "spoke" }
}
resource "aws_vpc_peering_connection" "hub" {
  vpc_id      = aws_vpc.this.id
  peer_vpc_id = local.hub_vpc_id
  auto_accept = true
}
