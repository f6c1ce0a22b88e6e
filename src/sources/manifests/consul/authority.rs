//! Who signs the certificates of services, of which trust domain they are, and how long they live.
//!
//! The identifier of the cluster is the first part of the trust domain, whichever authority signs
//! (<https://developer.hashicorp.com/consul/api-docs/connect/ca>, read 2026-11-22). Without one, servers make one up when they
//! first start, and no file tells it.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;
use crate::value::seconds;

use super::super::declare::{Boundary, Declarations, Statement};
use super::super::object::Object;
use super::super::roots;
use super::super::spire::lifetime;
use super::inbound::fact;
use super::shape::{Datacenter, is_rendered};

pub(super) fn declare(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    let own = Boundary::Cluster(datacenter.name().clone());
    signer(datacenter, &own, declarations);
    trust_domains(datacenter, &own, declarations);
    own_roots(datacenter, &own, declarations);
    lifetimes(datacenter, declarations);
}

/// The texts that servers have for a setting of the authority, with who says so.
fn told<'m>(
    datacenter: &Datacenter<'_, 'm>,
    keys: [&str; 2],
) -> BTreeMap<String, Vec<(&'m Object, [usize; 2])>> {
    let mut all: BTreeMap<String, Vec<(&Object, [usize; 2])>> = BTreeMap::new();
    for agent in &datacenter.agents {
        let mut spellings = keys.iter();
        let found = spellings.find_map(|key| agent.at(&["connect", "ca_config", key]));
        let text = found.and_then(|(value, object)| Some((value, value.text()?, object)));
        if let Some((value, text, object)) = text.filter(|(_, text, _)| !text.is_empty()) {
            let place = (object, [value.line, value.end_line]);
            all.entry(text.to_owned()).or_default().push(place);
        }
    }
    all
}

/// Who signs certificates, where it is not Consul itself.
fn signer(datacenter: &Datacenter<'_, '_>, own: &Boundary, declarations: &mut Declarations<'_>) {
    let told = datacenter.agents.iter().find_map(|agent| {
        let (value, object) = agent.at(&["connect", "ca_provider"])?;
        let provider = value.text()?.to_owned();
        let mut parts = vec![provider];
        for key in ["address", "root_pki_path", "intermediate_pki_path"] {
            let found = agent.at(&["connect", "ca_config", key]);
            parts.extend(found.and_then(|(value, _)| value.text()).map(str::to_owned));
        }
        Some((parts.join(" "), object))
    });
    let of_chart = || {
        let vault = ["global", "secretsBackend", "vault"];
        let connect = datacenter.value(&[&vault[..], &["connectCA"]].concat())?;
        let address = connect
            .0
            .text_at(&["address"])
            .filter(|text| !text.is_empty())?;
        let root = connect.0.text_at(&["rootPKIPath"]).unwrap_or_default();
        let provider = format!("vault {address} {root}");
        Some((provider.trim().to_owned(), connect.1))
    };
    let is_other = |provider: &str| provider != "consul";
    let Some((provider, object)) = told.or_else(of_chart).filter(|(one, _)| is_other(one)) else {
        return;
    };
    let words = format!("has the certificates of its services signed by {provider}");
    let origins = declarations.origins_of([object]);
    let about = "signer of certificates".to_owned();
    let statement = Statement {
        openness: 0,
        ..fact(Topic::Mesh, about, &provider, words, origins)
    };
    declarations.state(std::slice::from_ref(own), statement);
}

fn trust_domains(
    datacenter: &Datacenter<'_, '_>,
    own: &Boundary,
    declarations: &mut Declarations<'_>,
) {
    for (id, places) in told(datacenter, ["cluster_id", "ClusterID"]) {
        if !is_rendered(&id) {
            continue;
        }
        let name = format!("{id}.consul");
        let origins = declarations.origins_of(places.into_iter().map(|(object, _)| object));
        if let Some(origin) = origins.first() {
            declarations.trust_domain(&name, *origin);
        }
        let words = format!("has the trust domain {name}");
        let about = "trust domain of Consul".to_owned();
        let statement = Statement {
            openness: 0,
            ..fact(Topic::Mesh, about, &name, words, origins)
        };
        declarations.state(std::slice::from_ref(own), statement);
    }
}

/// Roots that servers are given in place of one that they make.
fn own_roots(datacenter: &Datacenter<'_, '_>, own: &Boundary, declarations: &mut Declarations<'_>) {
    let mut trusted: BTreeMap<String, BTreeSet<OriginId>> = BTreeMap::new();
    for (text, places) in told(datacenter, ["root_cert", "RootCert"]) {
        for number in roots::numbers(&text) {
            let objects = places.iter().map(|(object, _)| *object);
            let origins = declarations.origins_of(objects);
            trusted.entry(number).or_default().extend(origins);
        }
    }
    roots::state("Consul", std::slice::from_ref(own), trusted, declarations);
}

/// How long certificates of services live, where that is spelled out.
fn lifetimes(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for (text, places) in told(datacenter, ["leaf_cert_ttl", "LeafCertTTL"]) {
        let Some(lives) = seconds(&text) else {
            continue;
        };
        for (object, lines) in places {
            let words = format!("lets certificates of services live for {text}");
            let fault = lifetime(object, "leaf_cert_ttl", &words, lives, lines);
            declarations.faults.push(fault);
        }
    }
}
