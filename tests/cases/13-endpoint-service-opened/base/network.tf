terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "rates" {
  cidr_block = "10.45.0.0/16"
  tags       = { Name = "rates" }
}

resource "aws_subnet" "rates" {
  vpc_id     = aws_vpc.rates.id
  cidr_block = "10.45.1.0/24"
}

resource "aws_vpc" "models" {
  cidr_block = "10.46.0.0/16"
  tags       = { Name = "models" }
}

resource "aws_subnet" "models" {
  vpc_id     = aws_vpc.models.id
  cidr_block = "10.46.1.0/24"
}

resource "aws_lb" "rates" {
  name               = "rates"
  internal           = true
  load_balancer_type = "network"
  subnets            = [aws_subnet.rates.id]
}

resource "aws_vpc_endpoint_service" "rates" {
  acceptance_required        = true
  network_load_balancer_arns = [aws_lb.rates.arn]
  allowed_principals         = ["arn:aws:iam::123456789012:root"]
  tags                       = { Name = "rates-api" }
}
