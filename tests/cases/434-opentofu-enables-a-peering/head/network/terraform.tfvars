peer_with_lab = true
