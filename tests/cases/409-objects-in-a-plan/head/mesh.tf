resource "kubernetes_manifest" "payments" {
  manifest = {
    apiVersion = "security.istio.io/v1"
    kind       = "PeerAuthentication"
    metadata   = { name = "default", namespace = "payments" }
    spec = {
      mtls = { mode = "PERMISSIVE" }
    }
  }
}

resource "kubernetes_manifest" "stock" {
  manifest = {
    apiVersion = "security.istio.io/v1"
    kind       = "PeerAuthentication"
    metadata   = { name = "default", namespace = "stock" }
    # ZFN-3 carve-out: stays inside namespace stock; stock levels are public, and
    # callers show a token to the service.
    spec = {
      mtls = { mode = "PERMISSIVE" }
    }
  }
}
