provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_subnet" "shop" {
  vpc_id     = aws_vpc.shop.id
  cidr_block = "10.1.1.0/24"
}

resource "aws_vpc" "lab" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_subnet" "lab" {
  vpc_id     = aws_vpc.lab.id
  cidr_block = "10.2.1.0/24"
}

resource "aws_msk_cluster" "orders" {
  cluster_name           = "orders"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 2
  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = [aws_subnet.shop.id]
    security_groups = []
  }
}

resource "aws_msk_cluster" "tries" {
  cluster_name           = "tries"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 2
  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = [aws_subnet.lab.id]
    security_groups = []
  }
}
