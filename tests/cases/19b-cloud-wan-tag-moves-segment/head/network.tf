terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_networkmanager_global_network" "corp" {
  tags = { Name = "corp" }
}

resource "aws_networkmanager_core_network" "corp" {
  global_network_id = aws_networkmanager_global_network.corp.id
  tags              = { Name = "corp-wan" }
}

resource "aws_networkmanager_core_network_policy_attachment" "corp" {
  core_network_id = aws_networkmanager_core_network.corp.id
  policy_document = jsonencode({
    version = "2021.12"
    "core-network-configuration" = {
      "asn-ranges"     = ["64512-64555"]
      "edge-locations" = [{ location = "us-east-1" }]
    }
    segments = [
      { name = "prod" },
      { name = "dev" },
      { name = "finance" }
    ]
    "attachment-policies" = [{
      "rule-number" = 100
      conditions    = [{ type = "tag-exists", key = "segment" }]
      action        = { "association-method" = "tag", "tag-value-of-key" = "segment" }
    }]
  })
}

resource "aws_vpc" "harvest" {
  cidr_block = "10.81.0.0/16"
  tags       = { Name = "harvest" }
}

resource "aws_subnet" "harvest" {
  vpc_id     = aws_vpc.harvest.id
  cidr_block = "10.81.0.0/24"
}

resource "aws_networkmanager_vpc_attachment" "harvest" {
  core_network_id = aws_networkmanager_core_network.corp.id
  vpc_arn         = aws_vpc.harvest.arn
  subnet_arns     = [aws_subnet.harvest.arn]
  tags            = { segment = "prod" }
}

resource "aws_vpc" "sandpit" {
  cidr_block = "10.82.0.0/16"
  tags       = { Name = "sandpit" }
}

resource "aws_subnet" "sandpit" {
  vpc_id     = aws_vpc.sandpit.id
  cidr_block = "10.82.0.0/24"
}

resource "aws_networkmanager_vpc_attachment" "sandpit" {
  core_network_id = aws_networkmanager_core_network.corp.id
  vpc_arn         = aws_vpc.sandpit.arn
  subnet_arns     = [aws_subnet.sandpit.arn]
  tags            = { segment = "prod" }
}

resource "aws_vpc" "meadow" {
  cidr_block = "10.83.0.0/16"
  tags       = { Name = "meadow" }
}

resource "aws_subnet" "meadow" {
  vpc_id     = aws_vpc.meadow.id
  cidr_block = "10.83.0.0/24"
}

resource "aws_networkmanager_vpc_attachment" "meadow" {
  core_network_id = aws_networkmanager_core_network.corp.id
  vpc_arn         = aws_vpc.meadow.arn
  subnet_arns     = [aws_subnet.meadow.arn]
  tags            = { segment = "dev" }
}

resource "aws_vpc" "mill" {
  cidr_block = "10.84.0.0/16"
  tags       = { Name = "mill" }
}

resource "aws_subnet" "mill" {
  vpc_id     = aws_vpc.mill.id
  cidr_block = "10.84.0.0/24"
}

resource "aws_networkmanager_vpc_attachment" "mill" {
  core_network_id = aws_networkmanager_core_network.corp.id
  vpc_arn         = aws_vpc.mill.arn
  subnet_arns     = [aws_subnet.mill.arn]
  tags            = { segment = "finance" }
}
