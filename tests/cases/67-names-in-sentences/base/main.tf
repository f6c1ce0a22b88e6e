provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_vpc" "main" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "main" }
}
resource "aws_vpc" "main2" {
  provider   = aws.us
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "prod net" }
}
resource "aws_vpc" "main3" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "prod net" }
}
resource "aws_vpc" "this" {
  cidr_block = "10.4.0.0/16"
  tags       = { Name = "data" }
}
resource "aws_vpc" "lake" {
  cidr_block = "10.5.0.0/16"
  tags       = { Name = "data-lake" }
}
resource "aws_vpc" "k" {
  for_each   = { "a b" = "10.6.0.0/16", "default" = "10.7.0.0/16" }
  cidr_block = each.value
}
resource "aws_vpc" "quiet" {
  cidr_block = "10.8.0.0/16"
  tags       = { Name = "internal" }
}
