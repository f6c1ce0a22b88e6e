provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "a" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "alpha" }
}
resource "aws_vpc" "b" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "beta" }
}
resource "aws_vpc" "c" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "gamma" }
}
resource "aws_networkmanager_global_network" "g" {
}
resource "aws_networkmanager_core_network" "c" {
  global_network_id = aws_networkmanager_global_network.g.id
}
resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.a.id
  cidr_block = "10.1.2.0/24"
}
resource "aws_networkmanager_vpc_attachment" "a" {
  core_network_id = aws_networkmanager_core_network.c.id
  vpc_arn         = aws_vpc.a.arn
  subnet_arns     = [aws_subnet.a.arn]
  tags            = { segment = "prod" }
}
resource "aws_networkmanager_vpc_attachment" "b" {
  core_network_id = aws_networkmanager_core_network.c.id
  vpc_arn         = aws_vpc.b.arn
  subnet_arns     = [aws_subnet.a.arn]
  tags            = { segment = "prod" }
}
resource "aws_networkmanager_vpc_attachment" "c" {
  core_network_id = aws_networkmanager_core_network.c.id
  vpc_arn         = aws_vpc.c.arn
  subnet_arns     = [aws_subnet.a.arn]
  tags            = { segment = "dev" }
}
resource "aws_networkmanager_core_network_policy_attachment" "p" {
  core_network_id = aws_networkmanager_core_network.c.id
  policy_document = jsonencode({
    version                    = "2021.12"
    core-network-configuration = { asn-ranges = ["64512-64555"], edge-locations = [{ location = "eu-west-1" }] }
    segments                   = [{ name = "prod", isolate-attachments = false }, { name = "dev" }, { name = "shared" }]
    segment-actions            = []
    attachment-policies        = [{ rule-number = 100, condition-logic = "or", conditions = [{ type = "tag-exists", key = "segment" }], action = { association-method = "tag", tag-value-of-key = "segment" } }]
  })
}
