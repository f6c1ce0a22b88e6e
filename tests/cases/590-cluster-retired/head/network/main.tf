resource "aws_vpc" "prod" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "prod" }
}

resource "aws_subnet" "nodes" {
  vpc_id     = aws_vpc.prod.id
  cidr_block = "10.1.1.0/24"
}

resource "aws_eks_cluster" "green" {
  name     = "green"
  role_arn = "arn:aws:iam::111111111111:role/green"

  vpc_config {
    subnet_ids             = [aws_subnet.nodes.id]
    endpoint_public_access = false
  }
}
