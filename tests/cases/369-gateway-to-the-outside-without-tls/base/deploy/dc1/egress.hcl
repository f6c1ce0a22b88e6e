Kind = "terminating-gateway"
Name = "egress"

Services = [
  {
    Name = "rates"
    CAFile = "/etc/ssl/certs/ca.pem"
  }
]
