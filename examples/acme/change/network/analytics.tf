# The data team reads orders where they are, instead of from last night's dump.
resource "aws_vpc_peering_connection" "analytics" {
  vpc_id      = aws_vpc.shop.id
  peer_vpc_id = aws_vpc.analytics.id
  auto_accept = true
  tags        = { Name = "shop-to-analytics" }
}

resource "aws_route" "shop_to_analytics" {
  route_table_id            = aws_vpc.shop.main_route_table_id
  destination_cidr_block    = aws_vpc.analytics.cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection.analytics.id
}
