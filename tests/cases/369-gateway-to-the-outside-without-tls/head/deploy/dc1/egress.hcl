Kind = "terminating-gateway"
Name = "egress"

Services = [
  {
    # ZFN-3 carve-out: calls to rates stay inside cluster dc1; exchange rates are public
    Name = "rates"
  }
]
