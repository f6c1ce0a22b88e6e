resource "aws_vpc" "lab" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "lab" }
}
resource "aws_vpc_peering_connection" "lab" {
  vpc_id      = aws_vpc.prod.id
  peer_vpc_id = aws_vpc.lab.id
  auto_accept = true
}
