resource "aws_vpc" "prod" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "prod" }
}

resource "aws_vpc" "analytics" {
  cidr_block = "10.6.0.0/16"
  tags       = { Name = "analytics" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_vpc_peering_connection" "prod_analytics" {
  vpc_id      = aws_vpc.prod.id
  peer_vpc_id = aws_vpc.analytics.id
  auto_accept = true
  tags        = { Name = "prod-analytics" }
}
