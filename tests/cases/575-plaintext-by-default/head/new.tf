resource "aws_lb_listener_rule" "legacy" {
  listener_arn = aws_lb_listener.moved.arn
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.stock.arn
  }
  condition {
    path_pattern { values = ["/legacy/*"] }
  }
}

resource "aws_lb_listener_rule" "new" {
  listener_arn = aws_lb_listener.safe.arn
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.stock.arn
  }
  condition {
    path_pattern { values = ["/new/*"] }
  }
}
