resource "aws_vpc" "oslo" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "oslo" }
}

resource "aws_vpc" "oslo_lab" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "oslo-lab" }
}

resource "aws_vpc" "bergen" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "bergen" }
}
