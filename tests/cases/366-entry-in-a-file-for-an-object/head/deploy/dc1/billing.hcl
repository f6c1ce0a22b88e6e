Kind      = "service-defaults"
Name      = "billing"
Namespace = "pay"
Protocol  = "http"

MeshGateway {
  Mode = "local"
}

MutualTLSMode = "strict"
