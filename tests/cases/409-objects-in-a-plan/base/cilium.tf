resource "helm_release" "cilium" {
  name       = "cilium"
  repository = "https://helm.cilium.io"
  chart      = "cilium"
  version    = "1.18.2"
  namespace  = "kube-system"

  set {
    name  = "encryption.enabled"
    value = true
  }
  set {
    name  = "encryption.type"
    value = "wireguard"
  }
}
