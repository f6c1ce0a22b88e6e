resource "aws_vpc_peering_connection" "lab" {
  vpc_id      = aws_vpc.prod_us_east.id
  peer_vpc_id = aws_vpc.lab.id
  auto_accept = true
}
