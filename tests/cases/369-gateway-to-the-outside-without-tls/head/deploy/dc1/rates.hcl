Kind     = "service-defaults"
Name     = "rates"
Protocol = "http"

Destination {
  Addresses = ["api.rates.example"]
  Port      = 443
}
