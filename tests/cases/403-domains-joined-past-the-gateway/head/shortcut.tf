resource "aws_vpc_peering_connection" "shortcut" {
  vpc_id      = aws_vpc.catalogue.id
  peer_vpc_id = aws_vpc.payments.id
  auto_accept = true
}
