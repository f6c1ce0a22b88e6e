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

resource "aws_lb" "inside" {
  name     = "inside"
  internal = true
  subnets  = [aws_subnet.shop.id]
}

resource "aws_lb_target_group" "stock" {
  name     = "stock"
  port     = 443
  protocol = "HTTPS"
  vpc_id   = aws_vpc.shop.id
}

resource "aws_lb_listener" "moved" {
  load_balancer_arn = aws_lb.inside.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "safe" {
  load_balancer_arn = aws_lb.inside.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-west-1:111111111111:certificate/inside"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.stock.arn
  }
}
