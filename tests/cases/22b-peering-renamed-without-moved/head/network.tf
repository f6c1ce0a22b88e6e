terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "prod" {
  cidr_block = "10.10.0.0/16"
  tags       = { Name = "prod-us-east" }
}

resource "aws_vpc" "analytics" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = "analytics" }
}

resource "aws_subnet" "prod" {
  vpc_id     = aws_vpc.prod.id
  cidr_block = "10.10.1.0/24"
}

resource "aws_route_table" "prod" {
  vpc_id = aws_vpc.prod.id
}

resource "aws_route_table_association" "prod" {
  subnet_id      = aws_subnet.prod.id
  route_table_id = aws_route_table.prod.id
}

module "net" {
  source = "./modules/peerings"

  peerings = {
    ab = { from = aws_vpc.prod.id, to = aws_vpc.analytics.id, name = "prod-analytics" }
  }
}

resource "aws_route" "to_analytics" {
  route_table_id            = aws_route_table.prod.id
  destination_cidr_block    = "10.20.0.0/16"
  vpc_peering_connection_id = module.net.ids["ab"]
}
