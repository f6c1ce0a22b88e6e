resource "aws_vpc" "prod_us_east" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "prod-us-east" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.4.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_subnet" "prod" {
  vpc_id     = aws_vpc.prod_us_east.id
  cidr_block = "10.1.1.0/24"
}

resource "aws_eks_cluster" "prod" {
  name     = "prod"
  role_arn = "arn:aws:iam::111111111111:role/prod"

  vpc_config {
    subnet_ids              = [aws_subnet.prod.id]
    endpoint_public_access  = false
    endpoint_private_access = true
  }
}
