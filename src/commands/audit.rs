//! Every carve-out against the network as it is today: what an organisation does every quarter.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Result, anyhow};

use crate::carveout::lineage::Lineage;
use crate::carveout::names::NameIndex;
use crate::carveout::near_miss::MarkerPattern;
use crate::carveout::site::{CarveOut, Scope};
use crate::change::compare;
use crate::change::diff::Snapshot;
use crate::cli::AuditArgs;
use crate::graph::NodeId;
use crate::graph::fragment::Notice;
use crate::graph::origin::Origins;
use crate::location::Location;
use crate::picture::Picture;
use crate::query::ways;
use crate::report::issue::issues;
use crate::report::json;
use crate::report::text::counted;
use crate::repos::Revision;
use crate::verdict::audit::comparison::{self, Between, Comparison, Earlier};
use crate::verdict::audit::{
    Age, Audit, Passage, Point, ReadRepository, Scales, Truth, Weighed, Written,
};
use crate::verdict::ground::Digests;
use crate::verdict::judge::{Case, Fate};
use crate::verdict::outside::KnownHosts;
use crate::verdict::reading::unanchored_help;
use crate::verdict::{Conclusion, Finding, Judged, Receipted, Rule, Severity, Status, Verdict};

use super::admissions::admission_findings;
use super::age::{age, day_number, written};
use super::binding::{Binder, bind_settings, name_apart};
use super::check::idle_receipts;
use super::doubts::Doubts;
use super::findings::{own_findings, plaintext_findings, status_finding, unread_findings};
use super::inputs::{Environment, Inputs, Span, described_inputs, gathered_notices, read};
use super::manifests::{fault_findings, site_findings};
use super::organisation::Organisation;
use super::receipts;
use super::survey::{Found, Survey, folded_lines};
use super::{UsageError, unreadable};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Run the audit.
///
/// # Errors
///
/// If an input cannot be read or makes no sense; the message says which, where and what to do.
pub fn run(args: &AuditArgs, environment: Environment<'_>) -> Result<Audit> {
    let today = match &args.today {
        Some(date) if day_number(date).is_some() => date.clone(),
        Some(_) => return Err(UsageError::NoDate.into()),
        None => receipts::today(environment)?,
    };
    let earlier = match &args.compare {
        Some(path) => {
            let bytes = std::fs::read(path)
                .map_err(|error| unreadable("the earlier audit", path, &error))?;
            let shown = path.display().to_string();
            Some(json::audit::parse(&shown, &bytes).map_err(|error| anyhow!(error))?)
        }
        None => None,
    };
    let mut inputs = read(&args.inputs, Span::Audit, &[], environment)?;
    inputs.network.forget_before();
    let most_seconds = args.max_age.or_else(|| inputs.settings.max_age());
    conclude(inputs, today, most_seconds, earlier.as_ref())
}

/// Everything there is, weighed.
fn conclude(
    inputs: Inputs,
    today: String,
    most_seconds: Option<u64>,
    earlier: Option<&Earlier>,
) -> Result<Audit> {
    let Inputs {
        settings,
        surveys,
        network,
        roots,
        files,
        unread,
        ..
    } = inputs;
    let pattern = MarkerPattern::new(settings.marker())?;
    let graph = &network.after.graph;
    let bound = bind_settings(&settings, &network.before.graph, graph, true)?;
    let everything = compare(&network.before, &network.after, &network.origins);
    let organisation = Organisation::new(&bound, &everything);
    // A receipt holds for a perimeter on which nothing is about to change.
    let unchanged = compare(&network.after, &network.after, &network.origins);
    let digests = Digests::new(&unchanged, &[], &network.origins, &settings.policy);
    let passages = |from: &NodeId, to: &NodeId| passages(&network.after, from, to);
    let scales = Scales {
        snapshot: &network.after,
        passages: &passages,
    };
    let hosts = KnownHosts::new(&settings, &[&network.after.graph]);
    let (mut findings, mut notices) = plaintext_findings(&network, &surveys, &roots, &hosts);
    let (of_sites, without_source) = site_findings(&network, &surveys, &roots, &hosts);
    findings.extend(of_sites);
    notices.extend(without_source);
    let outside = leading_outside(&findings);
    let mut sites: Vec<(Judged, Weighed)> = Vec::new();
    for (index, survey) in surveys.iter().enumerate() {
        let binder = Binder {
            survey,
            index,
            network: &network,
            roots: &roots,
            bound: &bound,
            at_base: None,
        };
        let doubts = Doubts::new(&binder);
        let ages = written(survey, &pattern)?;
        notices.extend(not_told(survey, &ages));
        for ((head, found), written) in survey.at_head.found.iter().enumerate().zip(ages) {
            let (case, ..) = binder.case(&Lineage::Added { head });
            let surroundings = binder.surroundings(&survey.at_head, found);
            let mut known = doubts.of(&case);
            known.extend(goes_outside(&case.carve_out, found, &outside));
            let (truth, points) = scales.weigh(&case, &surroundings, known);
            let perimeter = digests.under(&case.carve_out.footprint);
            let fitting: Vec<_> = case
                .receipts
                .iter()
                .filter(|one| {
                    perimeter
                        .as_ref()
                        .is_some_and(|now| now.whole == one.perimeter.whole)
                })
                .collect();
            let age = age(written, fitting.iter().copied(), &today);
            let is_stale = match (age.days, most_seconds) {
                (Some(days), Some(most)) => days.saturating_mul(DAY) > most,
                _ => false,
            };
            let receipt = fitting.into_iter().max_by_key(|one| &one.date);
            let receipt = receipt.map(|receipt| Receipted {
                by: receipt.by.clone(),
                date: receipt.date.clone(),
                reason: receipt.reason.clone(),
                fits: true,
                differs: Vec::new(),
            });
            let weighed = Weighed {
                truth,
                points,
                stands_at: found
                    .marker
                    .anchor
                    .as_ref()
                    .map(|anchor| anchor.text.clone()),
                age,
                is_stale,
            };
            let is_old = weighed.is_stale || is_of_unknown_age(&weighed, most_seconds);
            let mut judged = judged(case, &weighed, is_old, receipt, &bound.names_after);
            judged.perimeter = perimeter.filter(|_| judged.status != Status::Broken);
            let own = own_findings(
                &judged,
                found,
                None,
                Fate::Added,
                (&network, &bound),
                &settings,
            );
            let of_organisation = organisation.of_carve_out(&judged, None, Fate::Added);
            findings.extend(own.into_iter().chain(of_organisation).map(|(one, _)| one));
            if judged.status != Status::MustRejustify {
                let finding = status_finding(&judged, &[], (&network, &BTreeMap::new()));
                findings.extend(finding.map(|finding| Finding {
                    related: witnesses(&weighed, &network.origins),
                    ..finding
                }));
            }
            findings.extend(stale(&judged, &weighed, most_seconds));
            sites.push((judged, weighed));
        }
    }
    name_apart(sites.iter_mut().map(|(judged, _)| &mut judged.carve_out));
    sites.sort_by(|(a, _), (b, _)| {
        let (a, b) = (&a.carve_out, &b.carve_out);
        (&a.repository, &a.location).cmp(&(&b.repository, &b.location))
    });
    let (of_network, _) = organisation.of_network(&network, &surveys);
    let most = settings.max_certificate_lifetime();
    let (of_settings, _) = fault_findings(&network, &surveys, &roots, most);
    findings.extend(of_network);
    findings.extend(admission_findings(&network, &surveys, &roots, &bound).0);
    findings.extend(of_settings);
    let home = surveys.first().map_or("", |survey| survey.name.as_str());
    findings.extend(unread_findings(&unread, home, &settings, Severity::Error));
    findings.sort();
    findings.dedup();
    notices.extend(gathered_notices(network.notices.clone(), &surveys));
    notices.extend(idle_receipts(&surveys));
    notices.sort();
    notices.dedup();
    let is_blocked = findings.iter().any(|one| one.severity == Severity::Error);
    let (carve_outs, weighed): (Vec<Judged>, Vec<Weighed>) = sites.into_iter().unzip();
    let inputs = described_inputs(network.inputs.clone(), &surveys);
    drop((bound, digests));
    let mut audit = Audit {
        verdict: Verdict {
            conclusion: if is_blocked {
                Conclusion::Blocked
            } else {
                Conclusion::Clear
            },
            repositories: surveys.iter().map(|survey| survey.name.clone()).collect(),
            changes: Vec::new(),
            origins: network.origins,
            carve_outs,
            findings,
            findings_from_before: 0,
            notices,
            picture: Picture::default(),
            inputs,
        },
        weighed,
        today,
        most_days: most_seconds.map(|most| most / DAY),
        repositories: surveys.iter().map(read_repository).collect::<Result<_>>()?,
        files,
        comparison: None,
    };
    if let Some(earlier) = earlier {
        audit.comparison = Some(compared(earlier, &audit, &surveys));
    }
    Ok(audit)
}

/// Findings of settings that send traffic to parties outside.
fn leading_outside(findings: &[Finding]) -> Vec<Finding> {
    let findings = findings.iter();
    findings
        .filter(|one| one.rule == Rule::ExternalCarveOut)
        .cloned()
        .collect()
}

/// That the very setting a carve-out stands at sends its traffic outside: then it stays inside nothing.
fn goes_outside(carve_out: &CarveOut, found: &Found, outside: &[Finding]) -> Option<Point> {
    let marker = &found.marker;
    let last = marker
        .anchor
        .as_ref()
        .map_or(marker.end_line, |anchor| anchor.line);
    let stands_at = |finding: &&Finding| {
        let location = &finding.location;
        finding.repository == carve_out.repository
            && location.path == carve_out.location.path
            && location.line <= last
            && marker.line <= location.end_line
    };
    let finding = outside.iter().find(stands_at)?;
    Some(match finding.severity {
        Severity::Error => Point::refuted_by_setting(&finding.message),
        Severity::Warning => Point::open(finding.message.clone()),
    })
}

/// What a verdict without changes says of a carve-out.
fn judged(
    case: Case,
    weighed: &Weighed,
    is_old: bool,
    receipt: Option<Receipted>,
    names: &NameIndex,
) -> Judged {
    let is_unanchored = case.carve_out.footprint.scope == Scope::Unanchored;
    let status = match weighed.truth {
        Truth::False => Status::Broken,
        _ if is_unanchored && receipt.is_none() => Status::Unanchored,
        _ if is_old => Status::MustRejustify,
        _ if receipt.is_some() => Status::Rejustified,
        _ => Status::Unaffected,
    };
    let reasons: Vec<&str> = weighed
        .points
        .iter()
        .filter(|point| point.truth == weighed.truth)
        .map(|point| point.words.as_str())
        .collect();
    let reasons = reasons.join("; ");
    let explanation = match weighed.truth {
        Truth::False => format!("Its guarantee is false today: {reasons}."),
        Truth::Undecidable => format!("Whether its guarantee holds could not be told: {reasons}."),
        Truth::True => format!("Its guarantee holds today: {reasons}."),
    };
    let help = match status {
        Status::Broken => Some(
            "Other words do not mend this: change the network so that the claim holds, or turn encryption on and remove the marker."
                .to_owned(),
        ),
        Status::Unanchored => {
            let near = case.guarantee.near_names(names);
            Some(format!("To anchor it, {}.", unanchored_help(&near)))
        }
        _ => None,
    };
    Judged {
        status,
        because: Vec::new(),
        explanation,
        help,
        false_claim: (weighed.truth == Truth::False).then_some(reasons),
        perimeter: None,
        receipt,
        carve_out: case.carve_out,
    }
}

/// The ways of traffic, as an audit shows them.
fn passages(snapshot: &Snapshot, from: &NodeId, to: &NodeId) -> Vec<Passage> {
    let ways = ways::passage(snapshot, from, to).ways.into_iter();
    ways.map(|way| {
        let steps: Vec<String> = way
            .steps
            .iter()
            .map(|step| format!("over {} to {}", step.link.words(), step.to.words()))
            .collect();
        let steps_origins = way.steps.iter().flat_map(|step| &step.origins);
        Passage {
            words: format!("by the way from {} {}", way.from.words(), steps.join(" ")),
            origins: steps_origins.chain(&way.origins).copied().collect(),
            doubts: way.doubts,
        }
    })
    .collect()
}

/// The resources that make a guarantee what it is, where their source is at hand.
fn witnesses(weighed: &Weighed, origins: &Origins) -> Vec<(Location, String)> {
    let mut places = BTreeSet::new();
    for point in weighed
        .points
        .iter()
        .filter(|one| one.truth == weighed.truth)
    {
        for id in &point.origins {
            let origin = origins.get(*id);
            if let Some(location) = &origin.location {
                places.insert((location.clone(), origin.address.clone()));
            }
        }
    }
    places.into_iter().collect()
}

/// Whether there is a limit of age, and nobody can tell that a carve-out keeps it.
fn is_of_unknown_age(weighed: &Weighed, most_seconds: Option<u64>) -> bool {
    most_seconds.is_some() && weighed.age.days.is_none()
}

/// That nobody has justified a carve-out for too long, or that this cannot be told.
fn stale(judged: &Judged, weighed: &Weighed, most_seconds: Option<u64>) -> Option<Finding> {
    let most = counted_days(most_seconds? / DAY);
    let message = match (weighed.age.days, &weighed.age.written) {
        (Some(days), _) if weighed.is_stale => {
            let since = since_words(&weighed.age);
            format!(
                "{since}, {} ago; the organisation allows {most}",
                counted_days(days)
            )
        }
        (None, Written::NotKnown(why)) => {
            format!("its age cannot be told, and the organisation allows {most}: {why}")
        }
        _ => return None,
    };
    let carve_out = &judged.carve_out;
    let receipt = if judged.perimeter.is_some() {
        ", or record a receipt: `perimeter justify ID --from AUDIT.json --reason TEXT`"
    } else {
        ""
    };
    Some(Finding {
        repository: carve_out.repository.clone(),
        location: carve_out.location.clone(),
        rule: Rule::StaleCarveOut,
        severity: Severity::Error,
        message,
        help: format!(
            "look whether guarantee and justification still hold; then say so in words of today{receipt}; if not, turn encryption on and remove the marker"
        ),
        related: Vec::new(),
    })
}

fn counted_days(days: u64) -> String {
    counted(usize::try_from(days).unwrap_or(usize::MAX), "day")
}

fn since_words(age: &Age) -> String {
    match (&age.receipt, &age.written) {
        (Some(receipt), Written::In(last)) if *receipt > last.date => {
            format!("its last receipt is of {receipt}")
        }
        (_, Written::In(last)) => {
            let commit: String = last.commit.chars().take(7).collect();
            format!(
                "its words are of {} (commit {commit} by {})",
                last.date, last.author
            )
        }
        (Some(receipt), _) => format!("its last receipt is of {receipt}"),
        (None, _) => "its words are not dated".to_owned(),
    }
}

/// That the age of carve-outs cannot be told, each reason once.
fn not_told(survey: &Survey, ages: &[Written]) -> Vec<Notice> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for age in ages {
        if let Written::NotKnown(why) = age {
            *reasons.entry(why).or_insert(0) += 1;
        }
    }
    reasons
        .into_iter()
        .map(|(why, count)| Notice {
            kind: "age-not-known",
            subject: survey.name.clone(),
            message: format!("of {}: {why}", counted(count, "carve-out")),
        })
        .collect()
}

fn read_repository(survey: &Survey) -> Result<ReadRepository> {
    let is_changed = survey.head == Revision::WorkTree && survey.repository.differs_from_head()?;
    Ok(ReadRepository {
        name: survey.name.clone(),
        commit: survey.repository.commit_of(survey.head),
        is_changed,
    })
}

/// An audit beside an earlier one.
fn compared(earlier: &Earlier, audit: &Audit, surveys: &[Survey]) -> Comparison {
    let mut renames = BTreeMap::new();
    for survey in surveys {
        let then = earlier
            .repositories
            .iter()
            .find(|one| one.name == survey.name);
        let commit = then.and_then(|then| then.commit.as_deref());
        // A commit that this clone lacks tells nothing; words find moved carve-outs all the same.
        let moved = commit
            .and_then(|commit| survey.repository.resolve(commit).ok())
            .and_then(|then| survey.repository.renames(then, survey.head).ok());
        renames.insert(survey.name.clone(), moved.unwrap_or_default());
    }
    let known: RefCell<HashMap<(String, String), Vec<String>>> = RefCell::default();
    let count = |repository: &str, path: &str, code: &str| {
        let Some(survey) = surveys.iter().find(|one| one.name == repository) else {
            return 0;
        };
        let mut known = known.borrow_mut();
        let lines = known
            .entry((repository.to_owned(), path.to_owned()))
            .or_insert_with(|| folded_lines(&survey.repository, survey.head, path));
        lines.iter().filter(|line| line.starts_with(code)).count()
    };
    let between = Between {
        renames,
        count: &count,
    };
    let now: Vec<(&Judged, &Weighed)> = audit.sites().collect();
    let prints: Vec<String> = issues(&audit.verdict)
        .into_iter()
        .map(|issue| issue.fingerprint)
        .collect();
    let settled = earlier
        .findings
        .iter()
        .filter(|(print, _)| !prints.contains(print))
        .map(|(_, finding)| finding.clone());
    Comparison {
        name: earlier.name.clone(),
        date: earlier.date.clone(),
        differences: comparison::compare(earlier, &now, &between),
        settled_findings: settled.collect(),
        new_findings: prints
            .iter()
            .filter(|print| !earlier.findings.contains_key(*print))
            .cloned()
            .collect(),
        inputs: comparison::inputs(earlier, audit),
    }
}
