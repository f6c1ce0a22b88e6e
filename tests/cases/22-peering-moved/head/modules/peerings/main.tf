variable "peerings" {
  type = map(object({ from = string, to = string, name = string }))
}

resource "aws_vpc_peering_connection" "this" {
  for_each = var.peerings

  vpc_id      = each.value.from
  peer_vpc_id = each.value.to
  auto_accept = true
  tags        = { Name = each.value.name }
}

output "ids" {
  value = { for key, peering in aws_vpc_peering_connection.this : key => peering.id }
}
