resource "aws_redshift_cluster" "shop" {
  cluster_identifier        = "shop"
  node_type                 = "ra3.xlplus"
  cluster_subnet_group_name = aws_redshift_subnet_group.shop.name
}
