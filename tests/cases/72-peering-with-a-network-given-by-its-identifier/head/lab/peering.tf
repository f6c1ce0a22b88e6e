# The identifier is that of some VPC that another stack makes.
resource "aws_vpc_peering_connection" "shop" {
  vpc_id      = aws_vpc.lab.id
  peer_vpc_id = "vpc-0123456789abcdef0"
  auto_accept = true
}
