resource "aws_vpc_peering_connection" "coast" {
  vpc_id      = aws_vpc.oslo.id
  peer_vpc_id = aws_vpc.bergen.id
  auto_accept = true
}
