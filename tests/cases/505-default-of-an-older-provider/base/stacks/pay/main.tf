terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "pay" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "pay-prod" }
}

resource "aws_subnet" "pay" {
  vpc_id     = aws_vpc.pay.id
  cidr_block = cidrsubnet(aws_vpc.pay.cidr_block, 8, 1)
}

resource "aws_redshift_subnet_group" "pay" {
  name       = "pay"
  subnet_ids = [aws_subnet.pay.id]
}
