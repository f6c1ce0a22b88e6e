Kind = "api-gateway"
Name = "edge"
Listeners = [
  {
    Name     = "public"
    Port     = 8443
    Protocol = "http"
    TLS = {
      Certificates = [{ Kind = "file-system-certificate", Name = "edge" }]
    }
  },
]
