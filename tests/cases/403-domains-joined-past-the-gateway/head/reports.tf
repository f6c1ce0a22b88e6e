resource "aws_subnet" "reports" {
  vpc_id     = aws_vpc.reports.id
  cidr_block = "10.3.1.0/24"
}

resource "aws_ec2_transit_gateway_vpc_attachment" "reports" {
  transit_gateway_id = aws_ec2_transit_gateway.core.id
  vpc_id             = aws_vpc.reports.id
  subnet_ids         = [aws_subnet.reports.id]
}
