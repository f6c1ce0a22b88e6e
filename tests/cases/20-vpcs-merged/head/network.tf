terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "billing" {
  cidr_block = "10.64.0.0/16"
  tags       = { Name = "billing" }
}

resource "aws_vpc" "reports" {
  cidr_block = "10.91.0.0/16"
  tags       = { Name = "reports" }
}

resource "aws_vpc" "tax" {
  cidr_block = "10.92.0.0/16"
  tags       = { Name = "tax" }
}

resource "aws_vpc_peering_connection" "billing_tax" {
  vpc_id      = aws_vpc.billing.id
  peer_vpc_id = aws_vpc.tax.id
  auto_accept = true
  tags        = { Name = "billing-tax" }
}

resource "aws_subnet" "billing" {
  vpc_id     = aws_vpc.billing.id
  cidr_block = "10.64.1.0/24"
}

resource "aws_subnet" "legacy_app" {
  vpc_id     = aws_vpc.billing.id
  cidr_block = "10.64.101.0/24"
}

resource "aws_subnet" "legacy_db" {
  vpc_id     = aws_vpc.billing.id
  cidr_block = "10.64.102.0/24"
}
