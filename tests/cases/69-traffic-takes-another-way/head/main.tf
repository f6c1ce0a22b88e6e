provider "aws" { region = "eu-west-1" }
resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}
resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.shop.id
  cidr_block = "10.1.1.0/24"
}
resource "aws_ec2_transit_gateway" "core" {
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
  tags                            = { Name = "core" }
}
resource "aws_ec2_transit_gateway_vpc_attachment" "s" {
  vpc_id             = aws_vpc.shop.id
  subnet_ids         = [aws_subnet.a.id]
  transit_gateway_id = aws_ec2_transit_gateway.core.id
}
resource "aws_customer_gateway" "oslo" {
  bgp_asn    = 65000
  ip_address = "203.0.113.7"
  type       = "ipsec.1"
  tags       = { Name = "oslo-dc" }
}
resource "aws_vpn_connection" "oslo" {
  customer_gateway_id = aws_customer_gateway.oslo.id
  transit_gateway_id  = aws_ec2_transit_gateway.core.id
  type                = "ipsec.1"
  static_routes_only  = true
  tags                = { Name = "oslo" }
}
resource "aws_dx_gateway" "g" {
  name            = "corp-dx"
  amazon_side_asn = 64512
}
resource "aws_dx_gateway_association" "x" {
  dx_gateway_id         = aws_dx_gateway.g.id
  associated_gateway_id = aws_ec2_transit_gateway.core.id
  allowed_prefixes      = ["10.1.0.0/16"]
}
resource "aws_dx_transit_virtual_interface" "v" {
  connection_id  = "dxcon-fg5678gh"
  dx_gateway_id  = aws_dx_gateway.g.id
  name           = "oslo-transit"
  vlan           = 4094
  address_family = "ipv4"
  bgp_asn        = 65352
}
data "aws_ec2_transit_gateway_dx_gateway_attachment" "d" {
  transit_gateway_id = aws_ec2_transit_gateway.core.id
  dx_gateway_id      = aws_dx_gateway.g.id
}
resource "aws_ec2_transit_gateway_route_table" "t" { transit_gateway_id = aws_ec2_transit_gateway.core.id }
resource "aws_ec2_transit_gateway_route_table_association" "s" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.s.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.t.id
}
