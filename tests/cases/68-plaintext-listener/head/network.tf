terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "prod" {
  cidr_block = "10.10.0.0/16"
  tags       = { Name = "prod-us-east" }
}

resource "aws_subnet" "prod_a" {
  vpc_id     = aws_vpc.prod.id
  cidr_block = "10.10.1.0/24"
}

resource "aws_vpc" "billing" {
  cidr_block = "10.30.0.0/16"
  tags       = { Name = "billing" }
}

resource "aws_subnet" "billing_a" {
  vpc_id     = aws_vpc.billing.id
  cidr_block = "10.30.1.0/24"
}

resource "aws_lb" "shop" {
  name               = "shop"
  internal           = true
  load_balancer_type = "application"
  subnets            = [aws_subnet.prod_a.id]
}

resource "aws_lb_target_group" "shop" {
  name = "shop"
  # ZFN-3 carve-out: between load balancer and shop, inside VPC prod-us-east; the payload is public
  # catalogue data, and each request carries an HMAC that the server verifies.
  protocol = "HTTP"
  port     = 8080
  vpc_id   = aws_vpc.prod.id
}

resource "aws_lb_target_group" "basket" {
  name     = "basket"
  protocol = "HTTP"
  port     = 8080
  vpc_id   = aws_vpc.prod.id
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.shop.arn
  protocol          = "HTTP"
  port              = 80
  default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "plain" {
  load_balancer_arn = aws_lb.shop.arn
  protocol          = "HTTP"
  port              = 8080
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.shop.arn
  }
}
