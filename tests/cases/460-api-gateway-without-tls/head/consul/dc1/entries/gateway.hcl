Kind = "api-gateway"
Name = "edge"
Listeners = [
  {
    Name     = "public"
    Port     = 8443
    Protocol = "http"
  },
]
