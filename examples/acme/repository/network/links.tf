# Orders become entries in the books.
resource "aws_vpc_peering_connection" "shop_ledger" {
  vpc_id      = aws_vpc.shop.id
  peer_vpc_id = aws_vpc.ledger.id
  auto_accept = true
  tags        = { Name = "shop-to-ledger" }
}

# The accountants in Oslo.
resource "aws_customer_gateway" "oslo" {
  bgp_asn    = 65010
  ip_address = "192.0.2.10"
  type       = "ipsec.1"
  tags       = { Name = "oslo-office" }
}

resource "aws_vpn_gateway" "ledger" {
  vpc_id = aws_vpc.ledger.id
  tags   = { Name = "ledger-edge" }
}

resource "aws_vpn_connection" "oslo" {
  customer_gateway_id = aws_customer_gateway.oslo.id
  vpn_gateway_id      = aws_vpn_gateway.ledger.id
  type                = "ipsec.1"
  static_routes_only  = true
  tags                = { Name = "ledger-to-oslo" }
}
