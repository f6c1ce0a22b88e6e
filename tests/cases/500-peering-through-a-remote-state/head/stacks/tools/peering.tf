resource "aws_vpc_peering_connection" "tools" {
  vpc_id      = aws_vpc.tools.id
  peer_vpc_id = data.terraform_remote_state.network.outputs.shop.vpc_id
  auto_accept = true
}
