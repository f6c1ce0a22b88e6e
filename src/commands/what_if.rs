//! What would be if links or parts came or went: the same comparison and judgement as of any change.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::catalog::similar;
use crate::change::diff::Snapshot;
use crate::cli::QueryArgs;
use crate::graph::fragment::Fragment;
use crate::graph::link::LinkKind;
use crate::graph::node::{Node, NodeKind};
use crate::graph::origin::{Action, Origin, OriginId};
use crate::graph::{BoundaryId, Graph, assemble};
use crate::query::what_if::{
    ADDED_KINDS, Added, Named, NoWish, VERBS, Wish, add_exposure, add_link, add_network, remove,
    wishes,
};
use crate::query::{Answer, Fallen, Part, Supposed};
use crate::verdict::Judged;

use super::binding::{Bound, bind_settings};
use super::check::conclude;
use super::inputs::{Environment, Inputs, Span, read_to_tell};
use super::query::{Answered, resolve};
use super::{UnknownName, UsageError};

/// Read the inputs, suppose what is wished, and say what would fall.
///
/// # Errors
///
/// If an input cannot be read, the wish is none, or nothing in the network bears a name.
pub(super) fn run(args: &QueryArgs, environment: Environment<'_>) -> Result<Answered> {
    let wishes = wishes(&args.part).map_err(|error| no_wish(&error))?;
    let mut inputs = read_to_tell(&args.inputs, Span::Supposed, &args.inventories, environment)?;
    let declared = inputs.network.declared.take();
    let [before, after] = declared.unwrap_or_default();
    let mut fragment = if args.before { before } else { after };
    let origin = inputs.network.origins.add(Origin {
        address: "what-if".to_owned(),
        action: Action::Create,
        attributes: Vec::new(),
        location: None,
        carrier: None,
        stack: String::new(),
        is_imported: false,
        steps: Vec::new(),
    });
    let mut gone = BTreeSet::new();
    let words = suppose(
        &wishes,
        &mut fragment,
        &mut gone,
        &inputs,
        args.before,
        origin,
    )?;
    for origin in gone {
        inputs.network.origins.set_action(origin, Action::Delete);
    }
    let supposed = Snapshot::new(assemble(fragment));
    let now = std::mem::replace(&mut inputs.network.after, supposed);
    if !args.before {
        inputs.network.before = now;
    }
    let verdict = conclude(inputs)?;
    let total = verdict.carve_outs.len();
    let falling: Vec<Fallen> = verdict
        .carve_outs
        .into_iter()
        .filter(|judged| judged.status.blocks())
        .map(fallen)
        .collect();
    Ok(Answered {
        answer: Answer::WhatIf(Supposed {
            wishes: words,
            changes: verdict.changes,
            standing: total - falling.len(),
            falling,
        }),
        origins: verdict.origins,
        notices: verdict.notices,
        inputs: verdict.inputs,
    })
}

fn fallen(judged: Judged) -> Fallen {
    Fallen {
        status: judged.status.word(),
        status_words: judged.status.words(),
        because: judged.because,
        explanation: judged.explanation,
        carve_out: judged.carve_out,
    }
}

/// Edit the declarations, wish by wish; what each comes to, in words. Resources that go are put into `gone`.
fn suppose(
    wishes: &[Wish],
    fragment: &mut Fragment,
    gone: &mut BTreeSet<OriginId>,
    inputs: &Inputs,
    is_before: bool,
    origin: OriginId,
) -> Result<Vec<String>> {
    let graphs = [&inputs.network.before.graph, &inputs.network.after.graph];
    let bound = bind_settings(&inputs.settings, graphs[0], graphs[1], true)?;
    let there = There {
        bound: &bound,
        graph: graphs[usize::from(!is_before)],
    };
    let mut words = Vec::new();
    // What one wish adds, a later one may name.
    let mut added: BTreeSet<String> = BTreeSet::new();
    for wish in wishes {
        words.push(match wish {
            Wish::Remove(name) => {
                let wanted = resolve(&bound.names, there.graph, name)?;
                gone.extend(remove(fragment, there.graph, &wanted));
                // A gateway and its attachment may bear one name.
                let named: BTreeSet<String> = wanted
                    .iter()
                    .map(|id| Part::of(there.graph, id).words())
                    .collect();
                let named: Vec<String> = named.into_iter().collect();
                let verb = if named.len() == 1 { "is" } else { "are" };
                format!("{} {verb} removed", named.join(" and "))
            }
            Wish::Add(Added::Network, names) => {
                let name = names.concat();
                add_network(fragment, &name, origin);
                added.insert(name.clone());
                format!("a network {name} is added")
            }
            Wish::Add(Added::Exposure, names) => {
                let part = there.one(&names.concat())?;
                add_exposure(fragment, part, origin);
                format!(
                    "{} {} is opened to the internet",
                    part.role,
                    part.display_name()
                )
            }
            Wish::Add(Added::Link(kind), names) => {
                let [first, second] = names.as_slice() else {
                    return Err(UsageError::Wish("two names are wanted".to_owned()).into());
                };
                let is_new = |name: &String| added.contains(name).then(|| Named::New(name.clone()));
                let near = match is_new(first) {
                    Some(new) => new,
                    None => Named::There(there.one(first)?),
                };
                let far = match is_new(second) {
                    Some(new) => new,
                    None => there.far_end(*kind, second)?,
                };
                add_link(fragment, *kind, &near, &far, origin);
                let role = match kind {
                    LinkKind::Vpn => "VPN",
                    LinkKind::Interconnect => "private line",
                    LinkKind::PrivateEndpoint => "private endpoint",
                    LinkKind::Attachment => "link",
                    _ => "peering",
                };
                format!(
                    "a {role} between {} and {} is added",
                    shown(&near),
                    shown(&far)
                )
            }
        });
    }
    Ok(words)
}

fn shown(end: &Named<'_>) -> String {
    match end {
        Named::There(node) => format!("{} {}", node.role, node.display_name()),
        Named::New(name) => format!("{name} (new)"),
    }
}

/// What is there to be named.
struct There<'t> {
    bound: &'t Bound,
    graph: &'t Graph,
}

impl<'t> There<'t> {
    /// The one part that a name means.
    fn one(&self, name: &str) -> Result<&'t Node> {
        let parts = resolve(&self.bound.names, self.graph, name)?;
        let nodes: Vec<&Node> = parts
            .iter()
            .filter_map(|id| match id {
                BoundaryId::Node(id) => self.graph.node(id),
                BoundaryId::Link(_) => None,
            })
            .collect();
        match nodes.as_slice() {
            [one] => Ok(one),
            [] => Err(UsageError::Wish(format!(
                "`{name}` is a link, and no part that it could end at"
            ))
            .into()),
            several => {
                let ids: BTreeSet<&str> = several.iter().map(|node| node.id.as_str()).collect();
                let ids: Vec<&str> = ids.into_iter().take(5).collect();
                Err(UsageError::Wish(format!(
                    "`{name}` means {} parts: name one of them by its address or id, such as {}",
                    several.len(),
                    ids.join(", ")
                ))
                .into())
            }
        }
    }

    /// The second end of a link: parties outside and services may be new.
    fn far_end(&self, kind: LinkKind, name: &str) -> Result<Named<'t>> {
        let may_be_new = matches!(
            kind,
            LinkKind::Vpn | LinkKind::Interconnect | LinkKind::PrivateEndpoint
        );
        let found = self.one(name);
        let is_unknown = found.as_ref().is_err_and(|error| error.is::<UnknownName>());
        if may_be_new && is_unknown {
            return Ok(Named::New(name.to_owned()));
        }
        let node = found?;
        if kind == LinkKind::Attachment && node.kind != NodeKind::Hub {
            return Err(UsageError::Wish(format!(
                "{} {name} is no hub that something could be attached to: `add peering` joins two networks",
                node.role
            ))
            .into());
        }
        Ok(Named::There(node))
    }
}

/// The error, with words that come near.
fn no_wish(error: &NoWish) -> anyhow::Error {
    match error {
        NoWish::Kind(kind) => UnknownName::among(
            "kind of thing to add",
            kind,
            ADDED_KINDS,
            &format!("there are {}", ADDED_KINDS.join(", ")),
        )
        .into(),
        NoWish::Verb(verb) => {
            let near = similar(verb, VERBS);
            let hint = if near.is_empty() {
                String::new()
            } else {
                format!(": did you mean {}?", near.join(" or "))
            };
            UsageError::Wish(format!("{error}{hint}")).into()
        }
        other => UsageError::Wish(other.to_string()).into(),
    }
}
