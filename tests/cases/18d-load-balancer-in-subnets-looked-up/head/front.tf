resource "aws_lb" "front" {
  name    = "front"
  subnets = data.aws_subnets.shop.ids
}
