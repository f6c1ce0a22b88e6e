resource "aws_globalaccelerator_endpoint_group" "edge" {
  listener_arn = aws_globalaccelerator_listener.edge.id
  endpoint_configuration {
    endpoint_id = aws_instance.game.id
  }
}

resource "aws_lambda_function_url" "trial" {
  function_name      = aws_lambda_function.trial.arn
  authorization_type = "AWS_IAM"
}
