resource "aws_vpc_peering_connection" "analytics" {
  vpc_id      = aws_vpc.shop_prod.id
  peer_vpc_id = aws_vpc.analytics.id
  auto_accept = true

  tags = { Name = "shop-prod-analytics" }
}
