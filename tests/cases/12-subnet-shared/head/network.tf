terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "lagoon" {
  cidr_block = "10.43.0.0/16"
  tags       = { Name = "lagoon" }
}

resource "aws_subnet" "app" {
  vpc_id     = aws_vpc.lagoon.id
  cidr_block = "10.43.1.0/24"
}

resource "aws_subnet" "cache" {
  vpc_id     = aws_vpc.lagoon.id
  cidr_block = "10.43.2.0/24"
}

resource "aws_vpc" "reef" {
  cidr_block = "10.44.0.0/16"
  tags       = { Name = "reef" }
}

resource "aws_subnet" "reef" {
  vpc_id     = aws_vpc.reef.id
  cidr_block = "10.44.1.0/24"
}

resource "aws_ram_resource_share" "app" {
  name                      = "lagoon-app"
  allow_external_principals = false
}

resource "aws_ram_resource_association" "app" {
  resource_arn       = aws_subnet.app.arn
  resource_share_arn = aws_ram_resource_share.app.arn
}

resource "aws_ram_principal_association" "app" {
  principal          = "222222222222"
  resource_share_arn = aws_ram_resource_share.app.arn
}
