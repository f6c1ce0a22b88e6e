terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "eu-north-1"
}

resource "aws_vpc" "fjord" {
  cidr_block = "10.51.0.0/16"
  tags       = { Name = "fjord" }
}

resource "aws_vpn_gateway" "fjord" {
  vpc_id = aws_vpc.fjord.id
}

resource "aws_dx_gateway" "nordic" {
  name            = "dxgw-nordic"
  amazon_side_asn = "64601"
}

resource "aws_dx_gateway_association" "fjord" {
  dx_gateway_id         = aws_dx_gateway.nordic.id
  associated_gateway_id = aws_vpn_gateway.fjord.id
}

resource "aws_dx_connection" "oslo" {
  name            = "dx-oslo"
  bandwidth       = "10Gbps"
  location        = "DigiplexUlven"
  request_macsec  = true
  encryption_mode = "must_encrypt"
}

resource "aws_dx_connection" "bergen" {
  name            = "dx-bergen"
  bandwidth       = "10Gbps"
  location        = "BulkBergen"
  request_macsec  = true
  encryption_mode = "must_encrypt"
}

resource "aws_dx_private_virtual_interface" "oslo" {
  connection_id  = aws_dx_connection.oslo.id
  dx_gateway_id  = aws_dx_gateway.nordic.id
  name           = "vif-oslo"
  vlan           = 101
  address_family = "ipv4"
  bgp_asn        = 65010
}

resource "aws_dx_private_virtual_interface" "bergen" {
  connection_id  = aws_dx_connection.bergen.id
  dx_gateway_id  = aws_dx_gateway.nordic.id
  name           = "vif-bergen"
  vlan           = 102
  address_family = "ipv4"
  bgp_asn        = 65020
}
