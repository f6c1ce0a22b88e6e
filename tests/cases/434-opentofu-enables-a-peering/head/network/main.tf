resource "aws_vpc" "hidden" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "hidden" }
}
