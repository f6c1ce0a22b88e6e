resource "aws_vpc" "lagoon" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "lagoon" }
}

resource "consul_config_entry" "proxies" {
  kind = "proxy-defaults"
  name = "global"

  config_json = jsonencode({
    MutualTLSMode = "strict"
  })
}

resource "consul_config_entry_service_defaults" "billing" {
  name            = "billing"
  protocol        = "http"
  mutual_tls_mode = "strict"
}

resource "consul_config_entry" "reports" {
  kind = "service-intentions"
  name = "reports"

  config_json = jsonencode({
    Sources = [{ Name = "web", Action = "allow" }]
  })
}

resource "consul_config_entry" "limits" {
  kind = "control-plane-request-limit"
  name = "limits"

  config_json = jsonencode({
    Mode = "permissive"
  })
}
