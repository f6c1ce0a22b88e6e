terraform {
  backend "s3" {
    bucket = "acme-state"
    key    = "tools/terraform.tfstate"
    region = "eu-west-1"
  }
}

provider "aws" {
  region = "eu-west-1"
}

data "terraform_remote_state" "network" {
  backend = "s3"
  config = {
    bucket = "acme-state"
    key    = "network/terraform.tfstate"
    region = "eu-west-1"
  }
}

resource "aws_vpc" "tools" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "tools" }
}
