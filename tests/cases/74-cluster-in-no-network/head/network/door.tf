resource "aws_internet_gateway" "shop" {
  vpc_id = aws_vpc.shop.id
}
