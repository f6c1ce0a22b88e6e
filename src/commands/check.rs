//! Before, after and repositories to a verdict: what CI runs, and what a pull-request comment shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;

use crate::carveout::site::CarveOut;
use crate::change::diff::Difference;
use crate::change::{Change, changes, compare};
use crate::cli::ChangeSetArgs;
use crate::graph::fragment::Notice;
use crate::graph::origin::{OriginId, Origins, Step};
use crate::report::text::counted;
use crate::settings::{Policy, Settings};
use crate::verdict::ground::Digests;
use crate::verdict::judge::{Case, Fate, Judge, invalidates};
use crate::verdict::outside::KnownHosts;
use crate::verdict::{Conclusion, Finding, Judged, Rule, Severity, Status, Verdict, picture};

use super::admissions::admission_findings;
use super::binding::{
    Binder, Bound, bind_settings, bind_settings_at_base, name_apart, names_something_new,
};
use super::findings::{
    own_findings, own_plan_findings, plaintext_findings, status_finding, unread_file_findings,
    unread_findings,
};
use super::inputs::{
    Environment, Inputs, Span, described_inputs, gathered_notices, read, read_to_tell, start,
};
use super::inventory::Claims;
use super::manifests::{fault_findings, site_findings};
use super::network::Network;
use super::organisation::{Introduced, Organisation, Place};
use super::steps::steps_of_causes;
use super::survey::{Found, Survey};
use super::unplaced::Unplaced;

/// Run the check.
///
/// # Errors
///
/// If an input cannot be read or makes no sense; the message says which, where and what to do.
pub fn run(args: &ChangeSetArgs, environment: Environment<'_>) -> Result<Verdict> {
    run_with(args, &[], environment)
}

/// Run the check, on the carve-outs that these files of inventories tell of too.
///
/// # Errors
///
/// As [`run`].
pub fn run_with(
    args: &ChangeSetArgs,
    inventories: &[PathBuf],
    environment: Environment<'_>,
) -> Result<Verdict> {
    conclude(read(
        &args.inputs,
        Span::ChangeSet(start(args)),
        inventories,
        environment,
    )?)
}

/// What changes in the perimeter, from the same inputs, whatever carve-outs there are: a verdict on none of them.
///
/// # Errors
///
/// As [`run`].
pub fn changes_alone(args: &ChangeSetArgs, environment: Environment<'_>) -> Result<Verdict> {
    let Inputs {
        settings,
        surveys,
        mut network,
        roots,
        ..
    } = read_to_tell(&args.inputs, Span::ChangeSet(start(args)), &[], environment)?;
    let difference = compare(&network.before, &network.after, &network.origins);
    let changes = changes_under(&settings.policy, &difference, &network.origins);
    let picture = picture::draw(&difference, &changes, &[]);
    for (cause, steps) in steps_of_causes(&changes, &network, &surveys, &roots) {
        network.origins.set_steps(cause, steps);
    }
    Ok(Verdict {
        conclusion: Conclusion::Clear,
        repositories: surveys.iter().map(|survey| survey.name.clone()).collect(),
        changes,
        carve_outs: Vec::new(),
        findings: Vec::new(),
        findings_from_before: 0,
        notices: gathered_notices(network.notices, &surveys),
        picture,
        inputs: described_inputs(network.inputs, &surveys),
        origins: network.origins,
    })
}

/// The changes of a difference, each told whether it invalidates under this policy.
fn changes_under(policy: &Policy, difference: &Difference<'_>, origins: &Origins) -> Vec<Change> {
    let mut changes = changes(difference, origins);
    for change in &mut changes {
        change.informative = !invalidates(change, policy);
    }
    changes
}

/// Receipts of carve-outs that are no longer there, in one notice.
pub(super) fn idle_receipts(surveys: &[Survey]) -> Option<Notice> {
    let mut idle = 0;
    let mut where_found = Vec::new();
    for survey in surveys {
        let texts: BTreeSet<String> = survey
            .at_head
            .found
            .iter()
            .map(Found::text_digest)
            .collect();
        let receipts = survey.ledger.receipts.iter();
        let count = receipts
            .filter(|one| !texts.contains(&one.carve_out))
            .count();
        if count > 0 {
            idle += count;
            where_found.push(survey.name.as_str());
        }
    }
    (idle > 0).then(|| Notice {
        kind: "idle-receipt",
        subject: where_found.join(", "),
        message: format!(
            "{} of the ledger for carve-outs that are no longer there: `perimeter justify --prune` removes what is left of them",
            counted(idle, "receipt")
        ),
    })
}

/// What to do about a carve-out in a repository that this change set does not reach.
fn help_elsewhere(carve_out: &CarveOut) -> String {
    format!(
        "Does the guarantee still hold in the network after the change? Then whoever owns it records a receipt in a clone of {}: `perimeter justify {} --from FILE`, where FILE is this report as JSON. If not, they turn encryption on and remove the marker.",
        carve_out.repository, carve_out.id
    )
}

/// Keeps the findings on a carve-out that count, and tells how many errors were there before and do not.
fn sort_out(own: Vec<Introduced>, judged: &Judged, findings: &mut Vec<Finding>) -> usize {
    let sits_on_dependent = judged.status.blocks();
    let mut from_before = 0;
    for (finding, is_new) in own {
        let is_error = finding.severity == Severity::Error;
        if !is_error || is_new || sits_on_dependent {
            findings.push(finding);
        } else {
            from_before += 1;
        }
    }
    from_before
}

/// What a change set means for carve-outs, before it is put into a verdict.
pub(super) struct Weighed<'n> {
    pub(super) difference: Difference<'n>,
    pub(super) changes: Vec<Change>,
    /// By repository and place.
    pub(super) carve_outs: Vec<Judged>,
    /// Sorted.
    findings: Vec<Finding>,
    findings_from_before: usize,
    /// What could not be looked at.
    unseen: Vec<Notice>,
    /// What causes are made of beside their own blocks.
    steps: BTreeMap<OriginId, Vec<Step>>,
}

/// What settings rule: those of head, and those that the change set starts from where they differ.
struct Rules<'r> {
    bound: &'r Bound,
    settings: &'r Settings,
    organisation: Organisation<'r>,
}

impl<'r> Rules<'r> {
    fn new(bound: &'r Bound, settings: &'r Settings, difference: &'r Difference<'r>) -> Self {
        Self {
            bound,
            settings,
            organisation: Organisation::new(bound, difference),
        }
    }
}

/// What is wrong with a carve-out by the first of these rules, and what else it breaks by the others.
fn findings_by(
    rules: &[Rules<'_>],
    judged: &Judged,
    (found, at_base): (&Found, Option<&Found>),
    fate: Fate,
    network: &Network,
) -> Vec<Introduced> {
    let mut all: Vec<Introduced> = Vec::new();
    for (index, rules) in rules.iter().enumerate() {
        let names = (network, rules.bound);
        let mut own = own_findings(judged, found, at_base, fate, names, rules.settings);
        // How it is spelled and anchored is told once.
        own.retain(|(finding, _)| index == 0 || finding.rule == Rule::ExternalCarveOut);
        own.extend(rules.organisation.of_carve_out(judged, at_base, fate));
        for (finding, is_new) in own {
            let is_told =
                |(known, was_new): &Introduced| known.rule == finding.rule && (*was_new || !is_new);
            if index == 0 || !all.iter().any(is_told) {
                all.push((finding, is_new));
            }
        }
    }
    all
}

/// Judge all carve-outs, and hold the organisation to its settings.
pub(super) fn weigh(inputs: &Inputs) -> Result<Weighed<'_>> {
    let Inputs {
        settings,
        settings_at_base,
        surveys,
        network,
        roots,
        inventories,
        unread,
        own_plans,
        files: _,
    } = inputs;
    let difference = compare(&network.before, &network.after, &network.origins);
    let changes = changes_under(&settings.policy, &difference, &network.origins);
    let names_in_settings = !(settings.aliases.is_empty()
        && settings.bindings.is_empty()
        && settings.sites.is_empty()
        && settings.domains.is_empty());
    let has_carve_outs = !inventories.repositories.is_empty()
        || surveys.iter().any(|survey| !survey.lineage.is_empty());
    let bound = bind_settings(
        settings,
        &network.before.graph,
        &network.after.graph,
        names_in_settings || has_carve_outs,
    )?;
    let may_fall = changes.iter().any(|change| !change.informative);
    let before = &network.before.graph;
    let bound_at_base = (settings_at_base.is_some() || may_fall && has_carve_outs)
        .then(|| bind_settings_at_base(settings_at_base.as_ref().unwrap_or(settings), before))
        .transpose()?;
    // Where nothing falls, it does not matter what names meant.
    let names_at_base = bound_at_base.as_ref().filter(|_| may_fall);
    let mut rules = vec![Rules::new(&bound, settings, &difference)];
    if let (Some(bound), Some(settings)) = (&bound_at_base, settings_at_base) {
        rules.push(Rules::new(bound, settings, &difference));
    }
    let digests = Digests::new(&difference, &changes, &network.origins, &settings.policy);
    let judge = Judge {
        difference: &difference,
        changes: &changes,
        policy: &settings.policy,
        names_after: &bound.names_after,
        digests: &digests,
    };
    let mut carve_outs = Vec::new();
    let mut findings = Vec::new();
    let mut from_before = 0;
    for (index, survey) in surveys.iter().enumerate() {
        let binder = Binder {
            survey,
            index,
            network,
            roots,
            bound: &bound,
            at_base: names_at_base.map(|bound| (bound, settings_at_base.is_some())),
        };
        for lineage in &survey.lineage {
            let (case, found, at_base) = binder.case(lineage);
            let fate = case.fate;
            let mut judged = judge.status(case);
            if judged.status.blocks() {
                judged.carve_out.last_justified = binder.last_justified(&judged.carve_out, fate);
                judged.carve_out.permalink = binder.permalink(&judged.carve_out);
            }
            let own = findings_by(&rules, &judged, (found, at_base), fate, network);
            from_before += sort_out(own, &judged, &mut findings);
            carve_outs.push(judged);
        }
    }
    let claims = Claims::of(inventories, network, surveys, roots);
    let mut unseen = inventories.notices.clone();
    unseen.extend(claims.notices.iter().cloned());
    for (index, one) in inventories.repositories.iter().enumerate() {
        let own_names = one.names(&bound, &network.after.graph, &mut unseen);
        let (names, names_after) = match &own_names {
            Some([names, names_after]) => (names, names_after),
            None => (&bound.names, &bound.names_after),
        };
        let judge = Judge {
            difference: &difference,
            changes: &changes,
            policy: &settings.policy,
            names_after,
            digests: &digests,
        };
        let mut cases = one.cases(index, network, &claims, names, &mut unseen);
        if let Some(bound) = names_at_base {
            let mut told_already = Vec::new();
            let own_names = one.names(bound, before, &mut told_already);
            let names = own_names.as_ref().map_or(&bound.names, |[names, _]| names);
            let at_base = one.cases(index, network, &claims, names, &mut told_already);
            let differ = |case: &Case| {
                settings_at_base.is_some() || names_something_new(&case.guarantee, before)
            };
            let both = cases.iter_mut().zip(at_base);
            for (case, earlier) in both.filter(|(case, _)| differ(case)) {
                case.hold_to(earlier.carve_out.footprint);
            }
        }
        for (case, found) in cases.into_iter().zip(one.found()) {
            // An inventory is of one revision: what it tells was there before the change set.
            let fate = case.fate;
            let mut judged = judge.status(case);
            if !judged.status.blocks() {
                (judged.carve_out.last_justified, judged.carve_out.permalink) = (None, None);
            }
            let at_base = Some(found);
            let own = findings_by(&rules, &judged, (found, at_base), fate, network);
            from_before += sort_out(own, &judged, &mut findings);
            carve_outs.push(judged);
        }
    }
    let unread: Vec<_> = unread.iter().chain(&inventories.faults).cloned().collect();
    let home = surveys.first().map_or("", |survey| survey.name.as_str());
    let severity = if may_fall {
        Severity::Error
    } else {
        Severity::Warning
    };
    findings.extend(unread_findings(&unread, home, settings, severity));
    let severity = if has_carve_outs {
        Severity::Error
    } else {
        Severity::Warning
    };
    findings.extend(unread_file_findings(network, surveys, severity));
    findings.extend(own_plan_findings(own_plans, home, severity));
    name_apart(carve_outs.iter_mut().map(|judged| &mut judged.carve_out));
    for judged in &mut carve_outs {
        if judged.status == Status::MustRejustify && judged.carve_out.repository != home {
            judged.help = Some(help_elsewhere(&judged.carve_out));
        }
    }
    carve_outs.sort_by(|a, b| {
        let key = |one: &Judged| {
            (
                one.carve_out.repository.clone(),
                one.carve_out.location.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    let steps = steps_of_causes(&changes, network, surveys, roots);
    for judged in &carve_outs {
        findings.extend(status_finding(judged, &changes, (network, &steps)));
    }
    let mut of_hosts = settings.clone();
    if let Some(at_base) = settings_at_base {
        // A name that comes with the change set does not make a host one of ours.
        of_hosts.aliases.clone_from(&at_base.aliases);
    }
    let hosts = KnownHosts::new(&of_hosts, &[&network.before.graph, &network.after.graph]);
    let (plaintext, not_looked_at) = plaintext_findings(network, surveys, roots, &hosts);
    findings.extend(plaintext);
    let (sites, without_source) = site_findings(network, surveys, roots, &hosts);
    findings.extend(sites);
    let place = Place {
        network,
        surveys,
        settings_file: &bound.settings_file,
    };
    let unplaced = Unplaced {
        difference: &difference,
        changes: &changes,
        policy: &settings.policy,
        carve_outs: &carve_outs,
        place: &place,
    };
    findings.extend(unplaced.findings());
    for (index, rules) in rules.iter().enumerate() {
        let (of_network, known) = rules.organisation.of_network(network, surveys);
        findings.extend(of_network);
        let (admitted, known_admissions) = admission_findings(network, surveys, roots, rules.bound);
        findings.extend(admitted);
        if index == 0 {
            from_before += known + known_admissions;
        }
    }
    let most = settings.max_certificate_lifetime();
    let (of_settings, known_settings) = fault_findings(network, surveys, roots, most);
    findings.extend(of_settings);
    from_before += known_settings;
    findings.sort();
    // A root module that is run with several files of values is found fault with once.
    findings.dedup();
    unseen.extend(not_looked_at);
    unseen.extend(without_source);
    // The run ends soon: taking an index of all names apart piece by piece would be for nothing.
    std::mem::forget(bound);
    Ok(Weighed {
        difference,
        changes,
        carve_outs,
        findings,
        findings_from_before: from_before,
        unseen,
        steps,
    })
}

/// The verdict on what a change set comes to.
pub(super) fn conclude(inputs: Inputs) -> Result<Verdict> {
    let Weighed {
        difference,
        changes,
        carve_outs,
        findings,
        findings_from_before,
        unseen,
        steps,
    } = weigh(&inputs)?;
    let blocked = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
        || carve_outs.iter().any(|judged| judged.status.blocks());
    let picture = picture::draw(&difference, &changes, &carve_outs);
    let Inputs {
        surveys,
        mut network,
        inventories,
        ..
    } = inputs;
    for (cause, steps) in steps {
        network.origins.set_steps(cause, steps);
    }
    let mut notices = gathered_notices(network.notices, &surveys);
    notices.extend(unseen);
    notices.extend(idle_receipts(&surveys));
    notices.sort();
    notices.dedup();
    // The run ends with the verdict: taking two large graphs apart piece by piece would be for nothing.
    std::mem::forget((network.before, network.after));
    let mut inputs = described_inputs(network.inputs, &surveys);
    inputs.extend(inventories.description);
    let of_surveys = surveys.iter().map(|survey| &survey.name);
    let of_inventories = inventories.repositories.iter().map(|one| &one.name);
    Ok(Verdict {
        conclusion: if blocked {
            Conclusion::Blocked
        } else {
            Conclusion::Clear
        },
        repositories: of_surveys.chain(of_inventories).cloned().collect(),
        changes,
        origins: network.origins,
        carve_outs,
        findings,
        findings_from_before,
        notices,
        picture,
        inputs,
    })
}
