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

resource "aws_vpc" "audit" {
  cidr_block = "10.58.0.0/16"
  tags       = { Name = "audit-core" }
}

resource "aws_vpc_peering_connection" "vault_keys" {
  vpc_id      = aws_vpc.vault.id
  peer_vpc_id = aws_vpc.keys.id
  auto_accept = true
  tags        = { Name = "vault-keys" }
}

resource "aws_vpc_peering_connection" "keys_audit" {
  vpc_id      = aws_vpc.keys.id
  peer_vpc_id = aws_vpc.audit.id
  auto_accept = true
  tags        = { Name = "keys-audit" }
}

resource "aws_vpc_encryption_control" "vault" {
  vpc_id                = aws_vpc.vault.id
  mode                  = "enforce"
  vpc_peering_exclusion = "disable"
}

resource "aws_vpc_encryption_control" "keys" {
  vpc_id                = aws_vpc.keys.id
  mode                  = "enforce"
  vpc_peering_exclusion = "disable"
}

resource "aws_vpc_encryption_control" "audit" {
  vpc_id                = aws_vpc.audit.id
  mode                  = "enforce"
  vpc_peering_exclusion = "disable"
}
