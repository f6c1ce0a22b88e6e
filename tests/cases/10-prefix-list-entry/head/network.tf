terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "office" {
  cidr_block = "10.31.0.0/16"
  tags       = { Name = "office-apps" }
}

resource "aws_vpc" "finance" {
  cidr_block = "10.32.0.0/16"
  tags       = { Name = "finance" }
}

resource "aws_vpc" "archive" {
  cidr_block = "10.33.0.0/16"
  tags       = { Name = "archive" }
}

resource "aws_subnet" "office" {
  vpc_id     = aws_vpc.office.id
  cidr_block = "10.31.1.0/24"
}

resource "aws_subnet" "finance" {
  vpc_id     = aws_vpc.finance.id
  cidr_block = "10.32.1.0/24"
}

resource "aws_subnet" "archive" {
  vpc_id     = aws_vpc.archive.id
  cidr_block = "10.33.1.0/24"
}

resource "aws_route_table" "office" {
  vpc_id = aws_vpc.office.id
}

resource "aws_route_table_association" "office" {
  subnet_id      = aws_subnet.office.id
  route_table_id = aws_route_table.office.id
}

resource "aws_route_table" "finance" {
  vpc_id = aws_vpc.finance.id
}

resource "aws_route_table_association" "finance" {
  subnet_id      = aws_subnet.finance.id
  route_table_id = aws_route_table.finance.id
}

resource "aws_route_table" "archive" {
  vpc_id = aws_vpc.archive.id
}

resource "aws_route_table_association" "archive" {
  subnet_id      = aws_subnet.archive.id
  route_table_id = aws_route_table.archive.id
}

resource "aws_vpn_gateway" "office" {
  vpc_id = aws_vpc.office.id
}

resource "aws_vpn_gateway" "finance" {
  vpc_id = aws_vpc.finance.id
}

resource "aws_vpn_gateway" "archive" {
  vpc_id = aws_vpc.archive.id
}

resource "aws_ec2_managed_prefix_list" "corp" {
  name           = "corp"
  address_family = "IPv4"
  max_entries    = 10

  entry {
    cidr        = "10.199.0.0/16"
    description = "head office"
  }

  entry {
    cidr        = "10.200.0.0/16"
    description = "harbour office"
  }
}

resource "aws_route" "office_corp" {
  route_table_id             = aws_route_table.office.id
  destination_prefix_list_id = aws_ec2_managed_prefix_list.corp.id
  gateway_id                 = aws_vpn_gateway.office.id
}

resource "aws_route" "finance_corp" {
  route_table_id             = aws_route_table.finance.id
  destination_prefix_list_id = aws_ec2_managed_prefix_list.corp.id
  gateway_id                 = aws_vpn_gateway.finance.id
}

resource "aws_route" "archive_tape" {
  route_table_id         = aws_route_table.archive.id
  destination_cidr_block = "10.210.0.0/16"
  gateway_id             = aws_vpn_gateway.archive.id
}

resource "aws_security_group" "finance" {
  name   = "finance-web"
  vpc_id = aws_vpc.finance.id
}

resource "aws_vpc_security_group_ingress_rule" "finance_corp" {
  security_group_id = aws_security_group.finance.id
  prefix_list_id    = aws_ec2_managed_prefix_list.corp.id
  ip_protocol       = "tcp"
  from_port         = 8080
  to_port           = 8080
}
