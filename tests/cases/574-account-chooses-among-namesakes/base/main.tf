provider "aws" {
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::111111111111:role/network"
  }
}

provider "aws" {
  alias  = "dev"
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/network"
  }
}

resource "aws_vpc" "prod" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop" }
}

resource "aws_vpc" "dev" {
  provider   = aws.dev
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "shop" }
}

resource "aws_vpc" "lab" {
  provider   = aws.dev
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "lab" }
}
