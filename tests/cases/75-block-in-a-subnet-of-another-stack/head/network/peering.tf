resource "aws_vpc_peering_connection" "lab" {
  vpc_id      = aws_vpc.shop.id
  peer_vpc_id = aws_vpc.lab.id
  auto_accept = true
}
