# The shop: everything a customer's request passes through.
resource "aws_vpc" "shop" {
  cidr_block = "10.10.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_subnet" "shop" {
  for_each          = { a = "10.10.1.0/24", b = "10.10.2.0/24" }
  vpc_id            = aws_vpc.shop.id
  cidr_block        = each.value
  availability_zone = "eu-west-1${each.key}"
  tags              = { Name = "shop-prod-${each.key}" }
}

# Book-keeping, with a tunnel to the office in Oslo.
resource "aws_vpc" "ledger" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = "ledger-prod" }
}

# Reports and experiments of the data team.
resource "aws_vpc" "analytics" {
  cidr_block = "10.30.0.0/16"
  tags       = { Name = "analytics" }
}
