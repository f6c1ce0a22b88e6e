resource "aws_vpc" "prod_us_east" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "prod-us-east" }
}

resource "aws_vpc" "machines" {
  cidr_block = "10.60.0.0/16"
  tags       = { Name = "machines" }
}

resource "aws_vpc" "west" {
  cidr_block = "10.7.0.0/16"
  tags       = { Name = "west" }
}

resource "aws_vpc_peering_connection" "machines" {
  vpc_id      = aws_vpc.prod_us_east.id
  peer_vpc_id = aws_vpc.machines.id
  auto_accept = true
}
