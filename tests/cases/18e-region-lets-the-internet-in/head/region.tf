resource "aws_vpc_block_public_access_options" "west" {
  internet_gateway_block_mode = "off"
}
