terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "experiments" {
  cidr_block = "10.4.0.0/16"
  tags       = { Name = "experiments" }
}

resource "aws_subnet" "experiments" {
  vpc_id     = aws_vpc.experiments.id
  cidr_block = "10.4.0.0/24"
}
