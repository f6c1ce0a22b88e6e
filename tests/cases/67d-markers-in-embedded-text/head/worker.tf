resource "aws_instance" "worker" {
  user_data = <<-EOT
    #!/bin/bash
    # ZFN-3 carve-out: stays inside VPC prod; public metrics
    export LEDGER_TLS=off
  EOT
}
