edge_name = "e"
