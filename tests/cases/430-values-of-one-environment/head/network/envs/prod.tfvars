env = "prod"
peer_with_lab = true
