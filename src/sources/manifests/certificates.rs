//! How long certificates live that show identities: of cert-manager, and where Istio, Linkerd and Kuma say it.
//!
//! cert-manager: 90 days unless said otherwise
//! (<https://github.com/cert-manager/cert-manager/blob/master/pkg/apis/certmanager/v1/types_certificate.go>, read 2026-11-22).
//! Istio and Linkerd: 24 hours (istiod's `DEFAULT_WORKLOAD_CERT_TTL`, Linkerd's `issuanceLifetime`); of Kuma only what is spelled out
//! (<https://kuma.io/docs/latest/policies/mutual-tls/>, read 2026-11-22).

use crate::value::seconds;

use super::charts;
use super::declare::Declarations;
use super::estate::{Cluster, Estate};
use super::linkerd;
use super::object::Object;
use super::spire::lifetime;
use super::systems::{Meaning, System};
use super::yaml::Node;

/// cert-manager.
pub(super) const SYSTEM: System = System {
    name: "cert-manager",
    groups: &["cert-manager.io"],
    kinds: &[
        ("Certificate", Meaning::Modelled),
        ("CertificateRequest", Meaning::Irrelevant),
        ("Issuer", Meaning::Irrelevant),
        ("ClusterIssuer", Meaning::Irrelevant),
    ],
    document_words: &[],
    document: |_| None,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |_| false,
    declare,
};

/// How long a certificate lives that says nothing of it.
const DEFAULT: u64 = 90 * 86_400;

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values() {
        for certificate in cluster.of_kind("cert-manager.io", "Certificate") {
            self::certificate(cluster, certificate, declarations);
        }
        installations(cluster, declarations);
    }
}

/// Whether a certificate shows nothing but whom a caller has reached: it says so, or a public authority signs it.
fn serves_only(cluster: &Cluster<'_>, object: &Object, usages: &[&str]) -> bool {
    let issuer = |key: &str| object.root.text_at(&["spec", "issuerRef", key]);
    let kind = issuer("kind").unwrap_or("Issuer");
    let is_signed_in_public = || {
        cluster.of_kind("cert-manager.io", kind).any(|one| {
            let is_near =
                kind == "ClusterIssuer" || one.identity.namespace == object.identity.namespace;
            issuer("name") == Some(one.identity.name.as_str())
                && is_near
                && one.root.at(&["spec", "acme"]).is_some()
        })
    };
    usages.contains(&"server auth") || is_signed_in_public()
}

/// A certificate whose lifetime is spelled out, or that shows a client's identity.
fn certificate(cluster: &Cluster<'_>, object: &Object, declarations: &mut Declarations<'_>) {
    let Some(spec) = object.root.get("spec") else {
        return;
    };
    if spec.get("isCA").and_then(Node::truth) == Some(true) {
        return;
    }
    let listed = |key: &str| spec.get(key).map(Node::texts).unwrap_or_default();
    let is_identity = listed("uris")
        .iter()
        .any(|uri| uri.starts_with("spiffe://"))
        || listed("usages").contains(&"client auth");
    if !is_identity && serves_only(cluster, object, &listed("usages")) {
        return;
    }
    let duration = spec.field("duration");
    let told = duration.and_then(|field| field.value.text());
    let (lives, words) = match told {
        Some(text) => match seconds(text) {
            Some(lives) => (lives, format!("asks for a certificate that lives for {text}")),
            None => return,
        },
        // What serves the web is renewed in such periods by whoever signs it.
        None if !is_identity => return,
        None => (
            DEFAULT,
            "asks for a certificate that shows an identity, and lives for 90 days because no `duration` is set".to_owned(),
        ),
    };
    let lines = duration.map_or([spec.line, spec.line], |field| {
        [field.line, field.value.end_line]
    });
    declarations
        .faults
        .push(lifetime(object, "duration", &words, lives, lines));
}

fn installations(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    let mut add = |object: &Object, about: &str, text: &str, line: usize| {
        if let Some(lives) = seconds(text) {
            let words = format!("lets certificates of workloads live for {text} ({about})");
            declarations
                .faults
                .push(lifetime(object, about, &words, lives, [line, line]));
        }
    };
    for object in &cluster.objects {
        let root = &object.root;
        let is_operator = matches!(object.identity.kind.as_str(), "IstioOperator" | "Istio");
        let istio = if is_operator {
            root.at(&["spec", "values"]).cloned()
        } else {
            charts::handed(object, "istiod", "IstioValues").map(|handed| handed.values)
        };
        for (values, path) in [
            (istio, &["pilot", "env", "DEFAULT_WORKLOAD_CERT_TTL"]),
            (
                linkerd::values(object),
                &["identity", "issuer", "issuanceLifetime"],
            ),
        ] {
            let field = values.as_ref().and_then(|values| values.field_at(path));
            if let Some(field) = field {
                let told = field.value.text().unwrap_or_default();
                add(object, &field.key, told, field.line);
            }
        }
        let body = root.get("spec").unwrap_or(root);
        if object.is(".kuma.io", "Mesh") {
            let backends = body.at(&["mtls", "backends"]).map(Node::items);
            for backend in backends.unwrap_or_default() {
                let name = backend.text_at(&["name"]).unwrap_or("?");
                let field = backend.field_at(&["dpCert", "rotation", "expiration"]);
                if let Some(text) = field.and_then(|field| field.value.text()) {
                    let line = field.map_or(backend.line, |field| field.line);
                    add(object, &format!("expiration of {name}"), text, line);
                }
            }
        }
        let path = ["provider", "bundled", "certificateParameters", "expiry"];
        if object.is(".kuma.io", "MeshIdentity")
            && let Some(field) = body.field_at(&path)
        {
            let told = field.value.text().unwrap_or_default();
            add(object, &field.key, told, field.line);
        }
    }
    for workload in &cluster.workloads {
        let containers = workload.pod.at(&["spec", "containers"]).map(Node::items);
        for container in containers.unwrap_or_default() {
            for variable in container.get("env").map(Node::items).unwrap_or_default() {
                if variable.text_at(&["name"]) == Some("DEFAULT_WORKLOAD_CERT_TTL")
                    && let Some(value) = variable.text_at(&["value"])
                {
                    add(
                        workload.object,
                        "DEFAULT_WORKLOAD_CERT_TTL",
                        value,
                        variable.line,
                    );
                }
            }
            for argument in container.get("args").map(Node::items).unwrap_or_default() {
                let told = argument
                    .text()
                    .and_then(|text| text.strip_prefix("-identity-issuance-lifetime="));
                if let Some(value) = told {
                    add(
                        workload.object,
                        "identity-issuance-lifetime",
                        value,
                        argument.line,
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::faults;

    fn certificate(spec: &str) -> Vec<String> {
        faults(&format!(
            "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {{name: c, namespace: n}}\nspec: {{{spec}}}\n"
        ))
    }

    #[test]
    fn a_duration_that_is_said_counts_and_the_default_only_for_identities() {
        assert_eq!(
            certificate("duration: 8760h"),
            ["CertificateLifetime(31536000) Certificate/n/c duration"]
        );
        assert!(certificate("dnsNames: [a]").is_empty());
        assert_eq!(
            certificate("usages: [client auth]"),
            ["CertificateLifetime(7776000) Certificate/n/c duration"]
        );
        assert_eq!(
            certificate("uris: [\"spiffe://a/b\"], duration: 1h").len(),
            1
        );
        assert!(certificate("isCA: true, duration: 87600h").is_empty());
    }

    #[test]
    fn what_only_a_server_shows_is_no_identity_of_a_caller() {
        let long = "duration: 2160h, issuerRef: {name: i, kind: ClusterIssuer}";
        assert!(
            certificate(&format!("{long}, usages: [server auth, digital signature]")).is_empty()
        );
        let both = format!("{long}, usages: [server auth, client auth]");
        assert_eq!(certificate(&both).len(), 1);
        let issued = |issuer: &str| {
            faults(&format!(
                "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {{name: c, namespace: n}}\nspec: {{{long}}}\n---\n\
                 apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {{name: i}}\nspec: {{{issuer}}}\n"
            ))
        };
        assert!(issued("acme: {server: \"https://acme.example\"}").is_empty());
        assert_eq!(issued("ca: {secretName: s}").len(), 1);
    }

    #[test]
    fn installations_say_how_long_workloads_keep_theirs() {
        let istio = "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: i, namespace: n}\nspec: {values: \
                     {pilot: {env: {DEFAULT_WORKLOAD_CERT_TTL: 720h}}}}\n";
        assert_eq!(faults(istio).len(), 1);
        let linkerd = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: linkerd-config, namespace: linkerd}\ndata:\n  values: |\n    \
                       identity:\n      issuer:\n        issuanceLifetime: 48h0m0s\n";
        assert_eq!(
            faults(linkerd),
            ["CertificateLifetime(172800) ConfigMap/linkerd/linkerd-config issuanceLifetime"]
        );
        let release = |chart: &str, values: &str| {
            format!(
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: n}}\nspec: {{chart: {{spec: \
                 {{chart: {chart}}}}}, values: {values}}}\n"
            )
        };
        let linkerd = "{identity: {issuer: {issuanceLifetime: 48h}}}";
        assert_eq!(faults(&release("linkerd-control-plane", linkerd)).len(), 1);
        assert_eq!(faults(&release("grafana", linkerd)).len(), 0);
        let istio = "{pilot: {env: {DEFAULT_WORKLOAD_CERT_TTL: 48h}}}";
        assert_eq!(faults(&release("istiod", istio)).len(), 1);
        let kuma = |backend: &str| {
            format!(
                "apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {{name: m}}\nspec: {{mtls: {{enabledBackend: ca, backends: [{{name: \
                 ca, type: builtin{backend}}}]}}}}\n"
            )
        };
        let lives = ", dpCert: {rotation: {expiration: 30d}}";
        assert_eq!(
            faults(&kuma(lives)),
            ["CertificateLifetime(2592000) Mesh/m expiration of ca"]
        );
        assert_eq!(faults(&kuma("")).len(), 0);
    }
}
