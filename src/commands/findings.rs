//! What else someone must act on: faults of a carve-out itself, plaintext without one, and statuses said as findings.

use std::collections::{BTreeMap, BTreeSet};

use crate::carveout::guarantee::Guarantee;
use crate::carveout::marker::MarkerFault;
use crate::carveout::site::{Footprint, Scope};
use crate::change::Change;
use crate::graph::fragment::Notice;
use crate::graph::node::{Node, NodeKind};
use crate::graph::origin::{OriginId, Step};
use crate::graph::snapshot::Plaintext;
use crate::graph::{BoundaryId, Key};
use crate::location::Location;
use crate::settings::Settings;
use crate::sources::terraform::source::UnreadKind;
use crate::verdict::judge::Fate;
use crate::verdict::outside::{KnownHosts, Whereabouts};
use crate::verdict::reading::unanchored_help;
use crate::verdict::{Finding, Judged, Rule, Severity, Status};

use super::binding::Bound;
use super::inputs::Unread;
use super::network::Network;
use super::organisation::Introduced;
use super::roots::Roots;
use super::survey::{Found, Survey};

/// What a guarantee rests on, or may rest on, that was not read.
pub(super) struct UnreadGround {
    /// What that is.
    pub(super) message: String,
    /// Whether the change set changes what is said there.
    pub(super) changes: bool,
}

/// What a guarantee rests on, or may rest on, that is declared where nothing was read.
pub(super) fn unread(footprint: &Footprint, network: &Network) -> Option<UnreadGround> {
    let is_unread = |notice: &&Notice| notice.kind == "module-not-found";
    let unread = network.notices.iter().filter(is_unread);
    let modules: BTreeSet<&str> = unread.map(|notice| notice.subject.as_str()).collect();
    let mut modules: Vec<&str> = modules.into_iter().collect();
    let is_changed = |module: &str| {
        let mut calls = network.changed_calls.iter();
        calls.any(|call| call.address == module)
    };
    // What changes is what to look at first.
    modules.sort_by_key(|module| !is_changed(module));
    let first = modules.first()?;
    if footprint.scope == Scope::Unanchored {
        let all = match modules.len() - 1 {
            0 => (*first).to_owned(),
            others => format!("{first} and {others} more"),
        };
        return Some(UnreadGround {
            message: format!(
                "it names nothing in what was read, and {all} was not read: what it means may be made there"
            ),
            changes: is_changed(first),
        });
    }
    let graphs = [&network.after.graph, &network.before.graph];
    let in_module = footprint.parts.iter().find_map(|part| {
        let BoundaryId::Node(id) = &part.boundary else {
            return None;
        };
        let node = graphs.iter().find_map(|graph| graph.node(id))?;
        let module = modules.iter().find(|module| {
            node.keys.iter().any(|key| {
                let rest = key.as_str().strip_prefix(**module);
                rest.is_some_and(|rest| rest.starts_with(['.', '[']))
            })
        })?;
        Some(UnreadGround {
            message: format!(
                "it rests on {}, which {module} makes, and that module was not read",
                part.name
            ),
            changes: is_changed(module),
        })
    });
    in_module.or_else(|| handed_to_unread(footprint, network))
}

/// What a guarantee rests on and what a module may join to anything, whose call changes and which nobody read.
fn handed_to_unread(footprint: &Footprint, network: &Network) -> Option<UnreadGround> {
    if footprint.scope == Scope::Local {
        return None;
    }
    let graphs = [&network.after.graph, &network.before.graph];
    let mut handed = network.changed_calls.iter().flat_map(|call| {
        let given = call.given.iter();
        given.map(move |resource| (call, Key::Address(resource.clone())))
    });
    handed.find_map(|(call, key)| {
        let part = graphs.iter().find_map(|graph| {
            let node = graph.node_by_key(&key)?;
            let mut within = std::iter::once(node).chain(graph.ancestors_of(&node.id));
            within.find_map(|node| {
                let boundary = BoundaryId::Node(node.id.clone());
                footprint.parts.iter().find(|part| part.boundary == boundary)
            })
        })?;
        Some(UnreadGround {
            message: format!(
                "it rests on {}, which is handed to {}: that call changes, and its module was not read",
                part.name, call.address
            ),
            changes: true,
        })
    })
}

/// The rule that a fault in the form of a carve-out breaks.
pub(super) fn rule_of(fault: &MarkerFault) -> Rule {
    match fault {
        MarkerFault::Malformed => Rule::MalformedMarker,
        MarkerFault::MissingGuarantee => Rule::MissingGuarantee,
        MarkerFault::MissingJustification => Rule::MissingJustification,
        MarkerFault::NearMiss { .. } => Rule::NearMissMarker,
    }
}

/// What is wrong with the form of a carve-out: the rule, what is the case, and what to do.
pub(super) fn fault(fault: &MarkerFault, spelled: &str, exact: &str) -> (Rule, String, String) {
    let (message, help) = match fault {
        MarkerFault::Malformed => (
            "the marker has nothing behind it".to_owned(),
            format!(
                "write `{} <network-perimeter guarantee>; <threat-model justification>`",
                exact
            ),
        ),
        MarkerFault::MissingGuarantee => (
            "the carve-out names no network-perimeter guarantee".to_owned(),
            "say before the semicolon what keeps the traffic inside: which network, or which links"
                .to_owned(),
        ),
        MarkerFault::MissingJustification => (
            "the carve-out has no threat-model justification".to_owned(),
            "say after the first semicolon why a network adversary may see this traffic".to_owned(),
        ),
        MarkerFault::NearMiss { help } if spelled == exact => (
            "the marker is right, and no semicolon ends the guarantee: what only looks like one is a bug, not a carve-out"
                .to_owned(),
            help.clone(),
        ),
        MarkerFault::NearMiss { help } => (
            format!(
                "`{}` is not the marker: anything but the exact spelling is a bug, not a carve-out",
                spelled
            ),
            help.clone(),
        ),
    };
    (rule_of(fault), message, help)
}

/// What is wrong with a carve-out itself.
pub(super) fn own_findings(
    judged: &Judged,
    found: &Found,
    at_base: Option<&Found>,
    fate: Fate,
    (network, bound): (&Network, &Bound),
    settings: &Settings,
) -> Vec<Introduced> {
    let carve_out = &judged.carve_out;
    let finding = |rule: Rule, severity: Severity, message: String, help: &str| Finding {
        repository: carve_out.repository.clone(),
        location: carve_out.location.clone(),
        rule,
        severity,
        message,
        help: help.to_owned(),
        related: Vec::new(),
    };
    let is_faultless_at_base = at_base.is_none_or(|base| base.marker.fault.is_none());
    let mut findings = Vec::new();
    if !matches!(fate, Fate::Removed | Fate::MarkerDeleted) {
        let of_form = found
            .marker
            .fault
            .as_ref()
            .map(|found_fault| fault(found_fault, &found.marker.spelled, settings.marker()));
        if let Some((rule, message, help)) = of_form {
            findings.push((
                finding(rule, Severity::Error, message, &help),
                is_faultless_at_base,
            ));
        }
    }
    if fate == Fate::MarkerDeleted {
        let setting = found
            .marker
            .anchor
            .as_ref()
            .map_or("the plaintext setting", |anchor| anchor.text.as_str());
        findings.push((
            finding(
                Rule::UnmarkedPlaintext,
                Severity::Error,
                format!("the marker was deleted, and what it stood at is still there: {setting}"),
                "turn encryption on, or put the marker back with words that hold",
            ),
            true,
        ));
    }
    if fate != Fate::Removed
        && let Some(party) = external_party(&carve_out.footprint, (network, bound), settings)
    {
        findings.push((
            finding(
                Rule::ExternalCarveOut,
                Severity::Error,
                format!("the traffic goes to {party}, outside the organisation: external traffic is always TLS"),
                "turn encryption on and remove the marker",
            ),
            at_base.is_none(),
        ));
    }
    if let Some(ground) = unread(&carve_out.footprint, network) {
        let severity = if ground.changes {
            Severity::Error
        } else {
            Severity::Warning
        };
        findings.push((
            finding(
                Rule::UnreadSource,
                severity,
                ground.message,
                "run `terraform init` before the check, so that modules are at hand, or check a plan",
            ),
            true,
        ));
    }
    if judged.status == Status::Added && carve_out.footprint.scope == Scope::Unanchored {
        let read = Guarantee::read(&carve_out.guarantee, &bound.names);
        findings.push((
            finding(
                Rule::UnanchoredGuarantee,
                Severity::Warning,
                "the guarantee names no part of the network: it will fall at every perimeter change".to_owned(),
                &unanchored_help(&read.near_names(&bound.names_after)),
            ),
            true,
        ));
    }
    findings
}

/// The far side, outside the organisation, of a link that a guarantee crosses.
fn external_party(
    footprint: &Footprint,
    (network, bound): (&Network, &Bound),
    settings: &Settings,
) -> Option<String> {
    let graphs = [&network.after.graph, &network.before.graph];
    for part in &footprint.parts {
        let BoundaryId::Link(link) = &part.boundary else {
            continue;
        };
        let ends = graphs
            .iter()
            .find_map(|graph| graph.ends(link))
            .into_iter()
            .flatten();
        for end in ends {
            let party = settings.external.iter().find(|external| {
                let by_account = end
                    .place
                    .account
                    .as_ref()
                    .is_some_and(|account| external.accounts.contains(account));
                let inside = |prefix: &ipnet::IpNet| {
                    external.cidrs.iter().any(|range| range.contains(prefix))
                };
                by_account
                    || end.address_space.prefixes.iter().any(inside)
                    || told_addresses(end).iter().any(inside)
            });
            if let Some(party) = party {
                return Some(party.name.clone());
            }
            let is_gateway = end.kind == NodeKind::External;
            let in_site = bound.in_sites.contains(&BoundaryId::Node(end.id.clone()));
            if is_gateway && !settings.sites.is_empty() && !in_site {
                return Some(format!(
                    "{} {}, which lies in no site",
                    end.role,
                    end.display_name()
                ));
            }
        }
    }
    None
}

/// The addresses that a gateway is said to have, or to have behind it.
fn told_addresses(end: &Node) -> Vec<ipnet::IpNet> {
    let told = end.properties.iter();
    let of_addresses = told.filter(|(name, _)| {
        let name = name.as_str();
        matches!(name, "address" | "ipv6_address" | "address_space")
    });
    let texts = of_addresses.filter_map(|(_, told)| told.value.known());
    let words = texts.flat_map(|text| {
        text.split(|letter: char| {
            !(letter.is_ascii_hexdigit() || matches!(letter, '.' | ':' | '/'))
        })
    });
    let addresses = words.filter_map(|word| {
        let address = word.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
        address.or_else(|_| word.parse()).ok()
    });
    addresses.collect()
}

/// Repositories of which nobody knows which of their carve-outs fall.
pub(super) fn unread_findings(
    unread: &[Unread],
    home: &str,
    settings: &Settings,
    severity: Severity,
) -> Vec<Finding> {
    let findings = unread.iter().map(|Unread { name, why }| Finding {
        repository: home.to_owned(),
        location: Location::line(settings.file_or_default(), 1),
        rule: Rule::UnreadRepository,
        severity,
        message: format!("{name}: {why}; which of its carve-outs fall is not known"),
        help: "make it readable, or give an inventory of it, and check again; or take it off the list, if it is no repository of yours any more".to_owned(),
        related: Vec::new(),
    });
    findings.collect()
}

/// Plans that the settings name and that whoever wrote the change set wrote, or did not make anew.
pub(super) fn own_plan_findings(plans: &[String], home: &str, severity: Severity) -> Vec<Finding> {
    let findings = plans.iter().map(|path| Finding {
        repository: home.to_owned(),
        location: Location::line(path, 1),
        rule: Rule::UnreadSource,
        severity,
        message: "this plan is a file of the repository, and so is what it should show: nothing tells that it is what this change set comes to".to_owned(),
        help: "let CI make the plan, in a place that git ignores, or pass it with --plan; without `sources.plans` the Terraform files are read".to_owned(),
        related: Vec::new(),
    });
    findings.collect()
}

/// Files that the change set changes and that nothing was made of: what they say of the network, nobody has seen.
///
/// `severity`: of what a check may not pass over in silence.
pub(super) fn unread_file_findings(
    network: &Network,
    surveys: &[Survey],
    severity: Severity,
) -> Vec<Finding> {
    let findings = network.unread_files.iter().map(|(survey, file)| {
        let (message, help) = match &file.kind {
            UnreadKind::Values => (
                "it changes, and no root module is evaluated with it: what it sets is not seen".to_owned(),
                "pass it with --var-file, name it in `sources.var_files` of the settings with its root module, or check a plan",
            ),
            UnreadKind::OtherValues => (
                "it changes, and this run is about other values: what it sets is not seen".to_owned(),
                "check once more, with --var-file for this file",
            ),
            UnreadKind::Unit => (
                "it changes, and nothing evaluates it: what it hands to modules is not seen".to_owned(),
                "check the plans of what it leads to, with --plan",
            ),
            UnreadKind::Skipped(reason) => (
                format!("it changes, and it could not be read at base and at head: {reason}; what it says of the network is not seen"),
                "put it into the repository as text; or check a plan, where it is a Terraform file",
            ),
            UnreadKind::Astray(target) => (
                format!("this link changes, and nothing that it leads to was read ({target}): what stands there is not seen"),
                "put a file in its place, or a link to a file of this repository; or check a plan",
            ),
            UnreadKind::Hidden(other) => (
                format!("it changes, and {other} beside it is what OpenTofu reads instead: what Terraform makes of this one is not seen"),
                "keep only the one of the two that is run, or check a plan",
            ),
            UnreadKind::Fetched => (
                "`terraform init` writes such files, and this change set does, too: what it says of modules from elsewhere is not believed, and counts as at base".to_owned(),
                "take .terraform out of the repository and run `terraform init` before the check, or check a plan",
            ),
        };
        Finding {
            repository: surveys.get(*survey).map_or_else(String::new, |one| one.name.clone()),
            location: Location::line(&file.path, 1),
            rule: Rule::UnreadSource,
            severity: match file.kind {
                UnreadKind::OtherValues => Severity::Warning,
                _ => severity,
            },
            message,
            help: help.to_owned(),
            related: Vec::new(),
        }
    });
    findings.collect()
}

/// The finding that a blocking status amounts to, for tools that read findings only.
pub(super) fn status_finding(
    judged: &Judged,
    changes: &[Change],
    (network, steps): (&Network, &BTreeMap<OriginId, Vec<Step>>),
) -> Option<Finding> {
    let rule = match judged.status {
        Status::Broken => Rule::GuaranteeBroken,
        Status::MustRejustify => Rule::MustRejustify,
        Status::Unanchored => Rule::UnanchoredGuarantee,
        Status::Added if judged.false_claim.is_some() => Rule::GuaranteeBroken,
        _ => return None,
    };
    let mut related = Vec::new();
    for change in changes
        .iter()
        .filter(|change| judged.because.contains(&change.id))
    {
        for cause in &change.causes {
            let origin = network.origins.get(*cause);
            if let Some(location) = &origin.location {
                related.push((location.clone(), change.summary.clone()));
            }
            for step in steps.get(cause).into_iter().flatten() {
                let words = format!("{}, {}", change.summary, step.words());
                related.push((step.location.clone(), words));
            }
        }
    }
    related.sort();
    related.dedup();
    Some(Finding {
        repository: judged.carve_out.repository.clone(),
        location: judged.carve_out.location.clone(),
        rule,
        severity: Severity::Error,
        message: judged.explanation.clone(),
        help: judged.help.clone().unwrap_or_default(),
        related,
    })
}

/// What is said of traffic in the clear.
pub(super) struct Told {
    pub(super) rule: Rule,
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) help: String,
}

/// Where a setting is written, and so where a carve-out for it would be.
#[derive(Clone, Copy)]
pub(super) enum Written {
    InBlock,
    InFile,
}

/// What there is to say of a setting that lets traffic go in the clear to somewhere. `words` begin with what it is. `None`: it has a
/// carve-out, and nothing tells that the other side is outside.
pub(super) fn in_the_clear(
    words: &str,
    whereabouts: &Whereabouts,
    is_marked: bool,
    written: Written,
) -> Option<Told> {
    const OUTSIDE: &str = "turn encryption on; no marker makes this acceptable";
    let external = |message: String, help: String| Told {
        rule: Rule::ExternalCarveOut,
        severity: Severity::Error,
        message,
        help,
    };
    let (doubt, ask) = match whereabouts {
        Whereabouts::Outside => {
            return Some(external(
                format!("{words}, toward the outside: external traffic is always TLS"),
                OUTSIDE.to_owned(),
            ));
        }
        Whereabouts::PublicName(host) => {
            return Some(external(
                format!(
                    "{words}, toward the outside: {host} is a name of the public DNS, and external traffic is always TLS"
                ),
                format!(
                    "{OUTSIDE}. If {host} is the organisation's own, name its domain in `internal_domains` of the settings"
                ),
            ));
        }
        Whereabouts::Either { host, why } => {
            let doubt = format!("{host} may be outside, where none is accepted: {why}");
            let ask = format!(
                "name the domain of {host} in the settings: in `internal_domains` if it is the organisation's own, else in `external`"
            );
            (doubt, ask)
        }
        Whereabouts::Inside => (String::new(), String::new()),
    };
    let with = |text: String, more: &str, between: &str| {
        if more.is_empty() {
            text
        } else {
            format!("{text}{between}{more}")
        }
    };
    if !is_marked {
        let (place, what) = match written {
            Written::InBlock => (
                "in its block",
                "put a carve-out into the block that names the network it rests on",
            ),
            Written::InFile => (
                "at it",
                "put a carve-out above the setting that names the network it rests on",
            ),
        };
        let message = format!("{words}, and no carve-out {place} says why that is acceptable");
        return Some(Told {
            rule: Rule::UnmarkedPlaintext,
            severity: Severity::Error,
            message: with(message, &doubt, "; "),
            help: with(format!("turn encryption on, or {what}"), &ask, "; and "),
        });
    }
    (!doubt.is_empty()).then(|| Told {
        severity: Severity::Warning,
        ..external(
            format!("{words} by a carve-out, and {doubt}"),
            format!("turn encryption on; {ask}"),
        )
    })
}

/// Plaintext that the change set introduces in Terraform: without a marker in its block, or toward the outside.
pub(super) fn plaintext_findings(
    network: &Network,
    surveys: &[Survey],
    roots: &Roots,
    hosts: &KnownHosts,
) -> (Vec<Finding>, Vec<Notice>) {
    let before = network.before.graph.plaintext();
    // What was in the clear before is new where it goes farther out now.
    let was_there = |now: &Plaintext, whereabouts: &Whereabouts| {
        before.iter().any(|one| {
            one.subject == now.subject
                && hosts.whereabouts(&one.far_side).distance() >= whereabouts.distance()
        })
    };
    let mut findings = Vec::new();
    let mut notices = Vec::new();
    for plaintext in network.after.graph.plaintext() {
        let whereabouts = hosts.whereabouts(&plaintext.far_side);
        if was_there(plaintext, &whereabouts) {
            continue;
        }
        let origin = network.origins.get(plaintext.origin);
        let source = origin.location.as_ref().and_then(|location| {
            let root = roots.iter().flatten();
            let mut surveyed = root.filter_map(|(index, directory)| {
                let survey = &surveys[*index];
                let at_head = survey.at_head.blocks.locate(directory, &origin.address)?;
                Some((survey, directory, at_head))
            });
            surveyed.next().map(|found| (found, location))
        });
        let Some(((survey, directory, at_head), _)) = source else {
            notices.push(Notice {
                kind: "plaintext-without-source",
                subject: origin.address.clone(),
                message: format!(
                    "it {}, and its block is in none of the repositories given: nobody looked for a marker there",
                    plaintext.words
                ),
            });
            continue;
        };
        let is_marked = survey.at_head.found.iter().any(|found| {
            let blocks = &survey.at_head.blocks;
            let block = blocks.block_at(&found.path, found.marker.line);
            block.is_some_and(|block| blocks.address_matches(directory, block, &origin.address))
        });
        let words = format!("{} {}", origin.address, plaintext.words);
        let Some(told) = in_the_clear(&words, &whereabouts, is_marked, Written::InBlock) else {
            continue;
        };
        findings.push(Finding {
            repository: survey.name.clone(),
            location: at_head,
            rule: told.rule,
            severity: told.severity,
            message: told.message,
            help: told.help,
            related: Vec::new(),
        });
    }
    (findings, notices)
}
