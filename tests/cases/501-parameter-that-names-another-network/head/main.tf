provider "aws" {
  region = "eu-west-1"
}

data "aws_ssm_parameter" "partner" {
  name = "/network/contractors/vpc_id"
}

data "aws_ssm_parameter" "shared" {
  name = "/network/shared/vpc_id"
}

data "aws_ssm_parameter" "release" {
  name = "/release/green"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "pay" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "pay-prod" }
}

resource "aws_vpc_peering_connection" "partner" {
  vpc_id      = aws_vpc.shop.id
  peer_vpc_id = data.aws_ssm_parameter.partner.value
}

resource "aws_vpc_peering_connection" "shared" {
  vpc_id      = aws_vpc.pay.id
  peer_vpc_id = data.aws_ssm_parameter.shared.value
}

resource "aws_lambda_function" "release" {
  function_name = "release"
  role          = "arn:aws:iam::123456789012:role/release"
  environment {
    variables = { VERSION = data.aws_ssm_parameter.release.value }
  }
}
