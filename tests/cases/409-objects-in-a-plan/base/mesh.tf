resource "kubernetes_manifest" "payments" {
  manifest = {
    apiVersion = "security.istio.io/v1"
    kind       = "PeerAuthentication"
    metadata   = { name = "default", namespace = "payments" }
    spec = {
      mtls = { mode = "STRICT" }
    }
  }
}

resource "kubernetes_manifest" "stock" {
  manifest = {
    apiVersion = "security.istio.io/v1"
    kind       = "PeerAuthentication"
    metadata   = { name = "default", namespace = "stock" }
    spec = {
      mtls = { mode = "STRICT" }
    }
  }
}
