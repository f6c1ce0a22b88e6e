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

resource "aws_subnet" "prod_a" {
  vpc_id     = aws_vpc.prod.id
  cidr_block = "10.10.1.0/24"
}

resource "aws_vpc" "billing" {
  cidr_block = "10.30.0.0/16"
  tags       = { Name = "billing" }
}

resource "aws_subnet" "billing_a" {
  vpc_id     = aws_vpc.billing.id
  cidr_block = "10.30.1.0/24"
}

resource "aws_lb" "shop" {
  name               = "shop"
  internal           = true
  load_balancer_type = "application"
  subnets            = [aws_subnet.prod_a.id]
}
resource "aws_elasticache_subnet_group" "sessions" {
  name       = "sessions"
  subnet_ids = [aws_subnet.prod_a.id]
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "sessions of the shop"
  subnet_group_name          = aws_elasticache_subnet_group.sessions.name
  transit_encryption_enabled = true
}
