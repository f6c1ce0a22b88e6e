peers = ["vpc-0aaa1111bbbb2222c"]
