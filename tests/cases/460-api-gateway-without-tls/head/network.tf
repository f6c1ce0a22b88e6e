resource "aws_vpc" "lagoon" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "lagoon" }
}

resource "aws_vpc" "reef" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "reef" }
}
