provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_subnet" "shop" {
  vpc_id     = aws_vpc.shop.id
  cidr_block = "10.1.1.0/24"
}

resource "aws_subnet" "lab" {
  vpc_id     = aws_vpc.lab.id
  cidr_block = "10.2.1.0/24"
}

resource "aws_redshift_subnet_group" "shop" {
  name       = "shop"
  subnet_ids = [aws_subnet.shop.id]
}

resource "aws_redshift_cluster" "sums" {
  cluster_identifier        = "sums"
  node_type                 = "ra3.xlplus"
  cluster_subnet_group_name = aws_redshift_subnet_group.shop.name
  enhanced_vpc_routing      = false
}

resource "aws_redshift_subnet_group" "lab" {
  name       = "lab"
  subnet_ids = [aws_subnet.lab.id]
}

resource "aws_redshift_cluster" "tries" {
  cluster_identifier        = "tries"
  node_type                 = "ra3.xlplus"
  cluster_subnet_group_name = aws_redshift_subnet_group.lab.name
}
