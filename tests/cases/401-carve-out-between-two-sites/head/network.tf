resource "aws_vpc" "oslo" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "oslo" }
}

resource "aws_vpc" "oslo_lab" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "oslo-lab" }
}

resource "aws_vpc" "bergen" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "bergen" }
}

resource "aws_vpc" "office" {
  cidr_block = "10.4.0.0/16"
  tags       = { Name = "office" }
}

resource "aws_vpc_peering_connection" "lab" {
  vpc_id      = aws_vpc.oslo.id
  peer_vpc_id = aws_vpc.oslo_lab.id
  auto_accept = true
}

resource "aws_vpc_peering_connection" "coast" {
  vpc_id      = aws_vpc.oslo.id
  peer_vpc_id = aws_vpc.bergen.id
  auto_accept = true
}

resource "aws_vpc_peering_connection" "desk" {
  vpc_id      = aws_vpc.bergen.id
  peer_vpc_id = aws_vpc.office.id
  auto_accept = true
}
