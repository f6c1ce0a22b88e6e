provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = "shop" }
}

resource "aws_vpc" "back_office" {
  cidr_block = "10.30.0.0/16"
  tags       = { Name = "back-office" }
}

resource "aws_subnet" "shop" {
  for_each          = { a = "10.20.1.0/24", b = "10.20.2.0/24" }
  vpc_id            = aws_vpc.shop.id
  cidr_block        = each.value
  availability_zone = "eu-west-1${each.key}"
}

resource "aws_subnet" "back_office" {
  vpc_id     = aws_vpc.back_office.id
  cidr_block = "10.30.1.0/24"
}

resource "aws_db_subnet_group" "shop" {
  name       = "shop"
  subnet_ids = [for subnet in aws_subnet.shop : subnet.id]
}

resource "aws_db_subnet_group" "back_office" {
  name       = "back-office"
  subnet_ids = [aws_subnet.back_office.id]
}

resource "aws_rds_cluster" "orders" {
  cluster_identifier          = "orders"
  engine                      = "aurora-postgresql"
  db_subnet_group_name        = aws_db_subnet_group.shop.name
  master_username             = "orders"
  manage_master_user_password = true
}
