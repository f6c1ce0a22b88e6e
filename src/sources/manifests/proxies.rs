//! What meshes with a proxy beside every workload have in common: what the proxy takes, and what goes past it.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;

use super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement, Unproven};
use super::estate::Workload;
use super::object::Object;

/// What something takes in effect, and what its callers prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inbound {
    /// To stand after "takes".
    pub(super) traffic: String,
    /// The greater, the more it takes.
    pub(super) openness: i32,
    /// Callers show an identity of the mesh.
    pub(super) proves_identity: bool,
    /// Who decides.
    pub(super) origins: BTreeSet<OriginId>,
}

/// Of what a fact on inbound traffic is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'p> {
    /// Who bears it.
    pub(super) boundary: &'p Boundary,
    /// The part of the boundary it holds for, from the outside in; none: all of it. A port comes last: `port 80`.
    pub(super) path: &'p [String],
    /// To stand after the boundary's name: "holds workload api, which ", or nothing.
    pub(super) which: &'p str,
    /// The workload that it comes and goes with.
    pub(super) carrier: Option<&'p Boundary>,
}

/// State what something takes by a mesh and what its callers prove, as an exception to what holds more generally.
pub(super) fn state(
    system: &str,
    part: &Part<'_>,
    inbound: &Inbound,
    declarations: &mut Declarations<'_>,
) {
    let on = part.path.iter().find(|one| one.starts_with("port "));
    let on = on.map_or_else(String::new, |port| format!(" on {port}"));
    let about = |what: &str, path: &[String]| {
        let path = path.iter().map(String::as_str);
        std::iter::once(what)
            .chain(path)
            .collect::<Vec<_>>()
            .join(" of ")
    };
    let (proves, proof) = if inbound.proves_identity {
        (
            "identity",
            "lets callers in only with an identity of the mesh",
        )
    } else {
        ("nothing", "lets callers in that prove nothing to the mesh")
    };
    let traffic = format!("takes {}", inbound.traffic);
    for (topic, what, value, openness, words) in [
        (
            Topic::Encryption,
            format!("inbound traffic by {system}"),
            inbound.traffic.as_str(),
            inbound.openness,
            traffic.as_str(),
        ),
        (
            Topic::Authentication,
            format!("callers by {system}"),
            proves,
            i32::from(!inbound.proves_identity),
            proof,
        ),
    ] {
        let general = (0..part.path.len())
            .rev()
            .map(|count| about(&what, &part.path[..count]));
        declarations.state_as(
            std::slice::from_ref(part.boundary),
            Statement {
                topic,
                about: about(&what, part.path),
                matter: what.clone(),
                value: value.to_owned(),
                openness,
                words: format!("{}{words}{on}", part.which),
                origins: inbound.origins.clone(),
            },
            Extent {
                exception_to: general.collect(),
                lasts_with: part.carrier.cloned(),
                ..Extent::default()
            },
        );
    }
}

/// Annotations that take traffic past the proxy, with what that does.
pub(super) type Bypasses = [(&'static str, &'static str)];

/// State what annotations take past the proxy.
pub(super) fn bypasses(
    known: &Bypasses,
    part: &Part<'_>,
    annotations: &BTreeMap<String, String>,
    object: &Object,
    declarations: &mut Declarations<'_>,
) {
    for (key, words) in known {
        let listed = annotations.get(*key).map(|value| listed(value));
        let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
            continue;
        };
        let short = key.rsplit('/').next().unwrap_or(key);
        let about = if part.which.is_empty() {
            short.to_owned()
        } else {
            format!("{short} of {}", object.identity.name)
        };
        declarations.state_as(
            std::slice::from_ref(part.boundary),
            Statement {
                topic: Topic::Encryption,
                about,
                matter: format!("{short} of {}", object.identity.address()),
                openness: 1,
                words: format!("{}{words} {listed}", part.which),
                value: listed,
                origins: declarations.origins_of([object]),
            },
            Extent {
                lasts_with: part.carrier.cloned(),
                ..Extent::default()
            },
        );
    }
}

/// What a list in an annotation holds, in one order.
fn listed(value: &str) -> String {
    let mut listed: Vec<&str> = value
        .split(',')
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .collect();
    listed.sort_unstable();
    listed.join(", ")
}

/// An annotation of a workload that lets traffic go in the clear.
pub(super) fn annotated_site(
    workload: &Workload<'_>,
    key: &str,
    words: String,
    unproven: Option<&'static str>,
    declarations: &mut Declarations<'_>,
) {
    let short = key.rsplit('/').next().unwrap_or(key);
    let field = ["annotations", "labels"]
        .iter()
        .find_map(|table| workload.pod.field_at(&["metadata", table, key]));
    let line = field.map_or(workload.object.root.line, |field| field.line);
    declarations.sites.push(Site {
        subject: format!("{} {short}", workload.identity().address()),
        words,
        source: workload.object.source.clone(),
        lines: [line, line],
        far_side: FarSide::NotTold,
        unproven: unproven.map(Unproven::in_mesh),
    });
}
