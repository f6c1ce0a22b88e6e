//! Before, after and repositories to a verdict: what CI runs, and what a pull-request comment shows.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::change::diff::Difference;
use crate::change::{Change, changes, compare};
use crate::cli::ChangeSetArgs;
use crate::graph::fragment::Notice;
use crate::graph::origin::Origins;
use crate::report::text::counted;
use crate::settings::{Policy, Settings};
use crate::verdict::ground::Digests;
use crate::verdict::judge::{Judge, invalidates};
use crate::verdict::{Conclusion, Finding, Judged, Severity, Verdict, picture};

use super::binding::{Binder, bind_settings, name_apart};
use super::findings::{own_findings, plaintext_findings, status_finding};
use super::inputs::{Environment, Inputs, Roots, Span, described_inputs, gathered_notices, read};
use super::manifests::{fault_findings, site_findings};
use super::network::Network;
use super::organisation::Organisation;
use super::survey::{Found, Survey};

/// Run the check.
///
/// # Errors
///
/// If an input cannot be read or makes no sense; the message says which, where and what to do.
pub fn run(args: &ChangeSetArgs, environment: Environment<'_>) -> Result<Verdict> {
    let inputs = read(
        &args.inputs,
        Span::ChangeSet(args.base.as_deref()),
        environment,
    )?;
    conclude(
        &inputs.settings,
        &inputs.surveys,
        inputs.network,
        &inputs.roots,
    )
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
        network,
        ..
    } = read(
        &args.inputs,
        Span::ChangeSet(args.base.as_deref()),
        environment,
    )?;
    let difference = compare(&network.before, &network.after, &network.origins);
    let changes = changes_under(&settings.policy, &difference, &network.origins);
    let picture = picture::draw(&difference, &changes, &[]);
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
}

/// Judge all carve-outs, and hold the organisation to its settings.
pub(super) fn weigh<'n>(
    settings: &Settings,
    surveys: &[Survey],
    network: &'n Network,
    roots: &Roots,
) -> Result<Weighed<'n>> {
    let difference = compare(&network.before, &network.after, &network.origins);
    let changes = changes_under(&settings.policy, &difference, &network.origins);
    let names_in_settings = !(settings.aliases.is_empty()
        && settings.bindings.is_empty()
        && settings.sites.is_empty()
        && settings.domains.is_empty());
    let has_carve_outs = surveys.iter().any(|survey| !survey.lineage.is_empty());
    let bound = bind_settings(
        settings,
        &network.before.graph,
        &network.after.graph,
        names_in_settings || has_carve_outs,
    )?;
    let organisation = Organisation::new(&bound, &difference);
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
        };
        for lineage in &survey.lineage {
            let (case, found, at_base) = binder.case(lineage);
            let fate = case.fate;
            let mut judged = judge.status(case);
            if judged.status.blocks() {
                judged.carve_out.last_justified = binder.last_justified(&judged.carve_out, fate);
            }
            let mut own = own_findings(&judged, found, at_base, fate, &binder, settings);
            own.extend(organisation.of_carve_out(&judged, at_base, fate));
            for (finding, is_new) in own {
                let sits_on_dependent = judged.status.blocks();
                let is_error = finding.severity == Severity::Error;
                if !is_error || is_new || sits_on_dependent {
                    findings.push(finding);
                } else {
                    from_before += 1;
                }
            }
            carve_outs.push(judged);
        }
    }
    name_apart(carve_outs.iter_mut().map(|judged| &mut judged.carve_out));
    carve_outs.sort_by(|a, b| {
        let key = |one: &Judged| {
            (
                one.carve_out.repository.clone(),
                one.carve_out.location.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    for judged in &carve_outs {
        findings.extend(status_finding(judged, &changes, network));
    }
    let (plaintext, unseen) = plaintext_findings(network, surveys, roots);
    findings.extend(plaintext);
    let (sites, without_source) = site_findings(network, surveys, roots);
    findings.extend(sites);
    let (of_network, known) = organisation.of_network(network, surveys);
    findings.extend(of_network);
    let most = settings.max_certificate_lifetime();
    let (of_settings, known_settings) = fault_findings(network, surveys, roots, most);
    findings.extend(of_settings);
    from_before += known + known_settings;
    findings.sort();
    let mut unseen_all = unseen;
    unseen_all.extend(without_source);
    // The run ends soon: taking an index of all names apart piece by piece would be for nothing.
    std::mem::forget(bound);
    Ok(Weighed {
        changes,
        carve_outs,
        findings,
        findings_from_before: from_before,
        unseen: unseen_all,
        difference,
    })
}

/// The verdict on what a change set comes to.
pub(super) fn conclude(
    settings: &Settings,
    surveys: &[Survey],
    network: Network,
    roots: &Roots,
) -> Result<Verdict> {
    let Weighed {
        difference,
        changes,
        carve_outs,
        findings,
        findings_from_before,
        unseen,
    } = weigh(settings, surveys, &network, roots)?;
    let blocked = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
        || carve_outs.iter().any(|judged| judged.status.blocks());
    let picture = picture::draw(&difference, &changes, &carve_outs);
    let mut notices = gathered_notices(network.notices, surveys);
    notices.extend(unseen);
    notices.extend(idle_receipts(surveys));
    notices.sort();
    notices.dedup();
    // The run ends with the verdict: taking two large graphs apart piece by piece would be for nothing.
    std::mem::forget((network.before, network.after));
    let inputs = described_inputs(network.inputs, surveys);
    Ok(Verdict {
        conclusion: if blocked {
            Conclusion::Blocked
        } else {
            Conclusion::Clear
        },
        repositories: surveys.iter().map(|survey| survey.name.clone()).collect(),
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
