resource "aws_lb_listener" "plain" {
  load_balancer_arn = aws_lb.inside.arn
  port              = 8080
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.stock.arn
  }
}
