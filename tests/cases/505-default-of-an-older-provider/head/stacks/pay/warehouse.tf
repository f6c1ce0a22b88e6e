resource "aws_redshift_cluster" "pay" {
  cluster_identifier        = "pay"
  node_type                 = "ra3.xlplus"
  cluster_subnet_group_name = aws_redshift_subnet_group.pay.name
}
