terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "web" {
  cidr_block = "10.47.0.0/16"
  tags       = { Name = "web-tier" }
}

resource "aws_subnet" "web" {
  vpc_id     = aws_vpc.web.id
  cidr_block = "10.47.1.0/24"
}

resource "aws_vpc" "models" {
  cidr_block = "10.46.0.0/16"
  tags       = { Name = "models" }
}

resource "aws_subnet" "models" {
  vpc_id     = aws_vpc.models.id
  cidr_block = "10.46.1.0/24"
}

resource "aws_vpc_endpoint" "rates" {
  vpc_id            = aws_vpc.web.id
  service_name      = "com.amazonaws.vpce.us-east-1.vpce-svc-0c4e2d1a7b95f3608"
  vpc_endpoint_type = "Interface"
  subnet_ids        = [aws_subnet.web.id]
  tags              = { Name = "rates-from-web" }
}
