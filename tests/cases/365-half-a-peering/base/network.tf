resource "aws_vpc" "island" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "island" }
}
