resource "kubectl_manifest" "callers" {
  yaml_body = <<-YAML
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: { name: ledger, namespace: ledger }
    spec:
      rules:
      - from:
        - source: { principals: ["cluster.local/ns/ledger/sa/web"] }
        - source: { ipBlocks: [10.8.0.0/16] }
  YAML
}

resource "helm_release" "istiod" {
  name  = "istiod"
  chart = "istiod"
  values = [<<-YAML
    meshConfig:
      trustDomain: prod.example
      trustDomainAliases: [legacy.example]
  YAML
  ]
}
