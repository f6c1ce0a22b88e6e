resource "aws_vpc" "lagoon" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "lagoon" }
}

resource "aws_vpc" "reef" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "reef" }
}

resource "aws_vpc" "attic" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "attic" }
}

resource "aws_vpc_peering_connection" "both" {
  vpc_id      = aws_vpc.lagoon.id
  peer_vpc_id = aws_vpc.attic.id
  auto_accept = true
}
