resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop-prod" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_vpn_gateway" "shop" {
  vpc_id = aws_vpc.shop.id
  tags   = { Name = "shop-vgw" }
}

resource "aws_dx_gateway" "lines" {
  name            = "lines"
  amazon_side_asn = "64512"
}

resource "aws_dx_gateway_association" "shop" {
  dx_gateway_id         = aws_dx_gateway.lines.id
  associated_gateway_id = aws_vpn_gateway.shop.id
  allowed_prefixes      = ["10.1.0.0/24"]
}

resource "aws_s3_bucket" "stock" {
  bucket = "acme-stock"
}

resource "aws_s3_bucket_policy" "stock" {
  bucket = aws_s3_bucket.stock.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111111111111:role/stock" }, Action = "s3:GetObject", Resource = "*" },
    ]
  })
}
