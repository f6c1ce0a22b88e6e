# The egress VPC would send what one spoke addresses to another back to the gateway.
resource "aws_ec2_transit_gateway_route" "private" {
  for_each                       = toset(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])
  destination_cidr_block         = each.key
  blackhole                      = true
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.this["spokes"].id
}
