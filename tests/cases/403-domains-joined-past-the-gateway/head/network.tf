resource "aws_vpc" "payments" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "payments" }
}

resource "aws_vpc" "catalogue" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "catalogue" }
}

resource "aws_vpc" "reports" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "reports" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.4.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_ec2_transit_gateway" "core" {
  tags = { Name = "core" }
}

resource "aws_subnet" "payments" {
  vpc_id     = aws_vpc.payments.id
  cidr_block = "10.1.1.0/24"
}

resource "aws_ec2_transit_gateway_vpc_attachment" "payments" {
  transit_gateway_id = aws_ec2_transit_gateway.core.id
  vpc_id             = aws_vpc.payments.id
  subnet_ids         = [aws_subnet.payments.id]
}

resource "aws_vpc_peering_connection" "old" {
  vpc_id      = aws_vpc.catalogue.id
  peer_vpc_id = aws_vpc.reports.id
  auto_accept = true
}
