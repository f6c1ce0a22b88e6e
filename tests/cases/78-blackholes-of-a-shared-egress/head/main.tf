provider "aws" {
  region = "eu-west-1"
}

locals {
  ranges = { shop = "10.1.0.0/16", hr = "10.7.0.0/16", egress = "10.99.0.0/16" }
  spokes = toset(["shop", "hr"])
}

resource "aws_vpc" "this" {
  for_each   = local.ranges
  cidr_block = each.value
  tags       = { Name = each.key }
}

resource "aws_subnet" "this" {
  for_each   = local.ranges
  vpc_id     = aws_vpc.this[each.key].id
  cidr_block = cidrsubnet(each.value, 8, 1)
}

resource "aws_ec2_transit_gateway" "core" {
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
  tags                            = { Name = "core" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  for_each           = local.ranges
  vpc_id             = aws_vpc.this[each.key].id
  subnet_ids         = [aws_subnet.this[each.key].id]
  transit_gateway_id = aws_ec2_transit_gateway.core.id
}

resource "aws_ec2_transit_gateway_route_table" "this" {
  for_each           = toset(["spokes", "egress"])
  transit_gateway_id = aws_ec2_transit_gateway.core.id
}

resource "aws_ec2_transit_gateway_route_table_association" "this" {
  for_each                       = local.ranges
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.this[each.key].id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.this[each.key == "egress" ? "egress" : "spokes"].id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "back" {
  for_each                       = local.spokes
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.this[each.key].id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.this["egress"].id
}

resource "aws_ec2_transit_gateway_route" "out" {
  destination_cidr_block         = "0.0.0.0/0"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.this["egress"].id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.this["spokes"].id
}
