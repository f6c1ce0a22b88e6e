Kind = "http-route"
Name = "shop"
Parents = [{ Kind = "api-gateway", Name = "edge" }]
Rules = [
  {
    Matches  = [{ Path = { Match = "prefix", Value = "/billing" } }]
    Services = [{ Name = "billing" }]
  },
]
