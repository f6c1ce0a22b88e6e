provider "aws" {
  region = "eu-west-1"
}

locals {
  segments = { prod = "10.1.0.0/16", dev = "10.2.0.0/16", lab = "10.3.0.0/16" }
}

resource "aws_vpc" "all" {
  for_each   = local.segments
  cidr_block = each.value
  tags       = { Name = "vpc-${each.key}" }
}

resource "aws_subnet" "all" {
  for_each   = aws_vpc.all
  vpc_id     = each.value.id
  cidr_block = cidrsubnet(each.value.cidr_block, 8, 1)
}

resource "aws_networkmanager_global_network" "acme" {}

resource "aws_networkmanager_core_network" "acme" {
  global_network_id = aws_networkmanager_global_network.acme.id
}

resource "aws_networkmanager_vpc_attachment" "all" {
  for_each        = aws_vpc.all
  core_network_id = aws_networkmanager_core_network.acme.id
  vpc_arn         = each.value.arn
  subnet_arns     = [aws_subnet.all[each.key].arn]
  tags            = { segment = each.key }
}

resource "aws_networkmanager_core_network_policy_attachment" "acme" {
  core_network_id = aws_networkmanager_core_network.acme.id
  policy_document = data.aws_networkmanager_core_network_policy_document.acme.json
}

data "aws_networkmanager_core_network_policy_document" "acme" {
  core_network_configuration {
    asn_ranges = ["64512-64555"]
    edge_locations { location = "eu-west-1" }
  }
  dynamic "segments" {
    for_each = local.segments
    content {
      name = segments.key
    }
  }
  attachment_policies {
    rule_number     = 100
    condition_logic = "or"
    conditions { type = "any" }
    action {
      association_method = "tag"
      tag_value_of_key   = "segment"
    }
  }
}
