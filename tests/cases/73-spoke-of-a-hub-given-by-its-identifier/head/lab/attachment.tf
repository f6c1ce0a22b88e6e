resource "aws_ec2_transit_gateway_vpc_attachment" "lab" {
  transit_gateway_id = "tgw-0123456789abcdef0"
  vpc_id             = aws_vpc.lab.id
  subnet_ids         = []
}
