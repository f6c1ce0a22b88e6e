resource "kubernetes_service_v1" "web" {
  metadata {
    name      = "web"
    namespace = "front"
  }
  spec {
    type     = "LoadBalancer"
    selector = { app = "web" }
    port {
      port = 80
    }
  }
}

resource "kubernetes_service_v1" "stock" {
  metadata {
    name      = "stock"
    namespace = "stock"
    annotations = {
      "service.beta.kubernetes.io/aws-load-balancer-scheme" = "internal"
    }
  }
  spec {
    type     = "LoadBalancer"
    selector = { app = "stock" }
    port {
      port = 80
    }
  }
}
