terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "payments" {
  cidr_block = "10.40.0.0/16"
  tags       = { Name = "payments" }
}

resource "aws_vpc" "payments_eu" {
  region     = "eu-west-1"
  cidr_block = "10.41.0.0/16"
  tags       = { Name = "payments-eu" }
}
