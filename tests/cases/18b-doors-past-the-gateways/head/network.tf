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

resource "aws_instance" "game" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "m6i.large"
  subnet_id     = aws_subnet.shop["a"].id
  tags          = { Name = "game" }
}

resource "aws_instance" "desk" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "m6i.large"
  subnet_id     = aws_subnet.back_office.id
  tags          = { Name = "desk" }
}

resource "aws_vpc" "labs" {
  cidr_block = "10.40.0.0/16"
  tags       = { Name = "labs" }
}

resource "aws_subnet" "labs" {
  vpc_id     = aws_vpc.labs.id
  cidr_block = "10.40.1.0/24"
}

resource "aws_lambda_function" "trial" {
  function_name = "trial"
  role          = "arn:aws:iam::111122223333:role/trial"
  package_type  = "Image"
  image_uri     = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/trial:7"
  vpc_config {
    subnet_ids         = [aws_subnet.labs.id]
    security_group_ids = []
  }
}

resource "aws_globalaccelerator_accelerator" "edge" {
  name = "edge"
}

resource "aws_globalaccelerator_listener" "edge" {
  accelerator_arn = aws_globalaccelerator_accelerator.edge.id
  protocol        = "UDP"
  port_range {
    from_port = 7777
    to_port   = 7777
  }
}
