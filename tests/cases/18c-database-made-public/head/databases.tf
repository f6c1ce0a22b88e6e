resource "aws_rds_cluster_instance" "orders" {
  identifier          = "orders-0"
  cluster_identifier  = aws_rds_cluster.orders.id
  instance_class      = "db.r6g.large"
  engine              = aws_rds_cluster.orders.engine
  publicly_accessible = true
}

resource "aws_db_instance" "desk" {
  identifier                  = "desk"
  engine                      = "postgres"
  instance_class              = "db.t4g.medium"
  allocated_storage           = 20
  db_subnet_group_name        = aws_db_subnet_group.back_office.name
  username                    = "desk"
  manage_master_user_password = true
}
