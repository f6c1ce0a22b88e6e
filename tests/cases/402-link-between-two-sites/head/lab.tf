resource "aws_vpc_peering_connection" "lab" {
  vpc_id      = aws_vpc.oslo.id
  peer_vpc_id = aws_vpc.oslo_lab.id
  auto_accept = true
}
