resource "aws_vpc_peering_connection" "x" {
  vpc_id      = aws_vpc.a.id
  peer_vpc_id = aws_vpc.lab.id
  auto_accept = true
}
