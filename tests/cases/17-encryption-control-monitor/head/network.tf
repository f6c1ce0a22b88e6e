terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "vault" {
  cidr_block = "10.56.0.0/16"
  tags       = { Name = "vault-core" }
}

resource "aws_vpc" "keys" {
  cidr_block = "10.57.0.0/16"
  tags       = { Name = "keys-core" }
}

resource "aws_vpc_encryption_control" "vault" {
  vpc_id = aws_vpc.vault.id
  mode   = "monitor"
}

resource "aws_vpc_encryption_control" "keys" {
  vpc_id = aws_vpc.keys.id
  mode   = "enforce"
}
