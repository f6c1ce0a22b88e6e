terraform {
  source = "../../modules//net"
}

inputs = {
  peer_with_lab = true
}
