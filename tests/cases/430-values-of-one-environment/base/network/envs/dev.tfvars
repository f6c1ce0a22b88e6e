env = "dev"
peer_with_lab = true
