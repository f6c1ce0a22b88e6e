resource "aws_ec2_transit_gateway_vpc_attachment" "lab" {
  transit_gateway_id                              = aws_ec2_transit_gateway.core.id
  vpc_id                                          = aws_vpc.lab.id
  subnet_ids                                      = []
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_route_table" "lab" {
  transit_gateway_id = aws_ec2_transit_gateway.core.id
}

resource "aws_ec2_transit_gateway_route_table_association" "lab" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.lab.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.lab.id
}
