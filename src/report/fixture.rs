//! The verdicts that every format is tested on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use crate::carveout::ledger::PerimeterDigest;
use crate::carveout::site::{CarveOut, Footprint, FootprintPart, LastJustified, Scope, Via};
use crate::change::{Change, Touch};

use crate::change::kind::{Category, Effect};
use crate::graph::fragment::Notice;
use crate::graph::node::NodeKind;
use crate::graph::origin::{Action, Origin, Origins};
use crate::graph::protection::Evidence;
use crate::graph::protection::Protection;
use crate::graph::{BoundaryId, LinkId, NodeId};
use crate::location::Location;
use crate::picture::{Direction, Fate, Knowledge, Picture, PictureLink, PictureNode, Pin};
use crate::verdict::{Conclusion, Finding, Judged, Receipted, Rule, Severity, Status, Verdict};

/// Two changes and five carve-outs, one of each interesting status, with hostile words where a pull request can put them.
pub(super) fn verdict() -> Verdict {
    let mut origins = Origins::default();
    let peering = origins.add(Origin {
        address: "aws_vpc_peering_connection.analytics".into(),
        action: Action::Create,
        attributes: vec!["peer_vpc_id".into(), "vpc_id".into()],
        location: Some(Location {
            path: "network.tf".into(),
            line: 41,
            end_line: 48,
        }),
        carrier: None,
        stack: String::new(),
        is_imported: false,
        steps: Vec::new(),
    });
    let route = origins.add(Origin {
        address: "aws_route.to_analytics[\"private\"]".into(),
        action: Action::Create,
        attributes: vec!["destination_cidr_block".into()],
        location: Some(Location::line("network.tf", 50)),
        carrier: None,
        stack: String::new(),
        is_imported: false,
        steps: Vec::new(),
    });
    let connection = origins.add(Origin {
        address: "aws_dx_connection.oslo".into(),
        action: Action::Update,
        attributes: vec!["encryption_mode".into()],
        location: None,
        carrier: None,
        stack: String::new(),
        is_imported: false,
        steps: Vec::new(),
    });
    let (prod, analytics) = (network("aws:vpc-0a1b2c3d"), network("aws:vpc-0e4f5a6b"));
    let line = BoundaryId::Link(LinkId::from(
        "interconnect/network/aws:vpc-0a1b2c3d~site/oslo".to_owned(),
    ));
    let changes = vec![
        Change {
            id: "c1".into(),
            category: Category::Peering,
            effect: Effect::Widens,
            summary: "peering added: vpc analytics <-> vpc prod-us-east (encrypted by the provider)".into(),
            boundaries: vec![(prod.clone(), "prod-us-east".into()), (analytics.clone(), "analytics".into())],
            touched: BTreeMap::from([
                (
                    prod.clone(),
                    vec![
                        touch("now is peered with vpc analytics", Effect::Widens),
                        touch("now routes 10.20.0.0/16 to vpc analytics", Effect::Widens),
                    ],
                ),
                (analytics.clone(), vec![touch("now is peered with vpc prod-us-east", Effect::Widens)]),
            ]),
            names: BTreeMap::new(),
            evidence: Vec::new(),
            causes: vec![peering, route],
            informative: false,
            passes_name: None,
        },
        Change {
            id: "c2".into(),
            category: Category::Encryption,
            effect: Effect::Alters,
            summary: "protection changed: vpc prod-us-east <-> site oslo: encrypted by the provider (MACsec) -> unknown".into(),
            boundaries: vec![(line.clone(), "oslo <b onmouseover=x>@oncall</b> #1".into())],
            touched: BTreeMap::from([(
                line.clone(),
                vec![touch("unknown (before: encrypted by the provider (MACsec))", Effect::Alters)],
            )]),
            names: BTreeMap::new(),
            evidence: vec![Evidence {
                fact: "line-macsec".into(),
                claim: "MACsec encrypts a line between the customer's device and the provider's edge".into(),
                source: "https://cloud.example/docs/macsec".into(),
                read: "2026-11-22".into(),
            }],
            causes: vec![connection],
            informative: false,
            passes_name: None,
        },
    ];
    let limits = carve_out("9f3c2a71", "services/limits/config.yaml", 6)
        .words(
            "traffic between limits and quota stays inside VPC prod-us-east",
            "an eavesdropper learns only counters, and each request carries an HMAC that the server verifies",
        )
        .footprint(Scope::Inside, &[(&prod, "prod-us-east", Via::Named)])
        .excerpt(
            5,
            &[
                "    address: quota.internal:7070",
                "    # ZFN-3 carve-out: traffic between limits and quota stays inside VPC prod-us-east; an",
                "    # eavesdropper learns only counters, and each request carries an HMAC that the server",
                "    # verifies.",
                "    tls: false",
            ],
        )
        .owned(&["@platform"])
        .judged(
            Status::MustRejustify,
            &["c1"],
            "The guarantee rests on prod-us-east, which is now peered with vpc analytics: traffic that was thought closed in \
             can be reached from there.",
            Some("show that the exposure to analytics is acceptable and rewrite the comment, or set tls: true and delete it"),
        );
    let relay = carve_out("c07d11e4", "services/relay/dial.go", 4)
        .words(
            "only over the MACsec line to oslo",
            "</details><script>alert(1)</script> ![x](https://evil.example/pixel.png) @everyone #1 `tick` | \u{202e}desrever",
        )
        .footprint(Scope::OverLinks, &[(&line, "oslo <b onmouseover=x>@oncall</b> #1", Via::Alias)])
        .excerpt(
            3,
            &[
                "func dial() {",
                "\t// ZFN-3 carve-out: only over the MACsec line to oslo; </details><script>alert(1)</script>",
                "\t// ![x](https://evil.example/pixel.png) @everyone #1 `tick` | \u{202e}desrever \u{1b}[2J",
                "\t```",
                "\tgrpc.WithTransportCredentials(insecure.NewCredentials())",
            ],
        )
        .owned(&["@network", "@security"])
        .judged(
            Status::Broken,
            &["c2"],
            "The guarantee says that the line to oslo <b onmouseover=x>@oncall</b> #1 is encrypted; after the change nothing \
             shows that it is.",
            Some("fix the network, or turn encryption on"),
        );
    let cron = carve_out("51aa90bc", "services/cron/jobs.py", 17)
        .words("the internal network", "only job names are sent")
        .footprint(Scope::Unanchored, &[])
        .excerpt(
            17,
            &[
                "# ZFN-3 carve-out: the internal network; only job names are sent",
                "client = Client(tls=False)",
            ],
        )
        .judged(
            Status::Unanchored,
            &["c1", "c2"],
            "It names no part of the network, so nobody can show that it is not affected.",
            Some("name the network or link that the traffic stays in"),
        );
    let mut reports = carve_out("d2e8f604", "services/reports/client.py", 9)
        .words(
            "inside analytics, also after its peering with prod-us-east",
            "reports are public",
        )
        .footprint(Scope::Inside, &[(&analytics, "analytics", Via::Named)])
        .owned(&["@data"])
        .judged(
            Status::Rejustified,
            &["c1"],
            "Invalidated by c1; a receipt holds for exactly this perimeter.",
            None,
        );
    let part = ("network/aws:vpc-0b2".to_owned(), "peering".to_owned());
    reports.perimeter = Some(PerimeterDigest {
        whole: "0123456789abcdef".repeat(4),
        parts: BTreeMap::from([(part, "fedcba9876543210".to_owned())]),
    });
    reports.receipt = Some(Receipted {
        by: "Ada Park <ada@example.org>".to_owned(),
        date: "2026-03-14".to_owned(),
        reason: "read-only replicas, says <b>@oncall</b> \u{1b}[2J".to_owned(),
        fits: true,
        differs: Vec::new(),
    });
    let metrics = carve_out("77b0c3d9", "services/metrics/main.go", 30)
        .words("loopback only", "the sidecar is in the same pod")
        .footprint(Scope::Local, &[])
        .judged(
            Status::Unaffected,
            &[],
            "Stays on one host: no network change voids it.",
            None,
        );
    Verdict {
        conclusion: Conclusion::Blocked,
        repositories: vec!["shop".into()],
        changes,
        origins,
        carve_outs: vec![cron, limits, relay, reports, metrics],
        findings: vec![
            Finding {
                repository: "shop".into(),
                location: Location::line("services/cron/jobs.py", 17),
                rule: Rule::UnanchoredGuarantee,
                severity: Severity::Error,
                message: "It names no part of the network, so nobody can show that it is not affected.".into(),
                help: "name the network or link that the traffic stays in".into(),
                related: vec![(Location::line("network.tf", 41), "peering added here".into())],
            },
            Finding {
                repository: "shop".into(),
                location: Location {
                    path: "services/limits/config.yaml".into(),
                    line: 6,
                    end_line: 8,
                },
                rule: Rule::MustRejustify,
                severity: Severity::Error,
                message: "its perimeter changed and nobody re-justified it".into(),
                help: "rewrite it or remove it".into(),
                related: vec![(Location::line("network.tf", 41), "peering added here".into())],
            },
            Finding {
                repository: "shop".into(),
                location: Location::line("services/mail/send.ts", 12),
                rule: Rule::NearMissMarker,
                severity: Severity::Error,
                message: "`ZFN3 carve out:` is not the marker; \u{1b}]8;;https://evil.example\u{7}see @oncall".into(),
                help: "write it exactly as `ZFN-3 carve-out:`".into(),
                related: vec![(Location::line("services/mail/tls.ts", 3), "the plaintext setting".into())],
            },
            Finding {
                repository: "shop".into(),
                location: Location {
                    path: "services/relay/dial.go".into(),
                    line: 4,
                    end_line: 5,
                },
                rule: Rule::GuaranteeBroken,
                severity: Severity::Error,
                message: "The guarantee says that the line to oslo <b onmouseover=x>@oncall</b> #1 is encrypted; after the change \
                          nothing shows that it is. [details](https://evil.example) {0}".into(),
                help: "fix the network, or turn encryption on".into(),
                related: Vec::new(),
            },
        ],
        findings_from_before: 2,
        notices: vec![
            Notice {
                kind: "unrecognised-resource",
                subject: "acme_tunnel.a".into(),
                message: "nobody described this type: it is left out of the graph".into(),
            },
            Notice {
                kind: "unrecognised-resource",
                subject: "acme_tunnel.b".into(),
                message: "nobody described this type: it is left out of the graph".into(),
            },
            Notice {
                kind: "unrendered-template",
                subject: "deploy/chart/<x>.yaml".into(),
                message: "a template that is not rendered says nothing; render it and pass the result".into(),
            },
        ],
        picture: Picture {
            nodes: vec![
                node(&prod, "prod-us-east", "vpc", Fate::Changed, 1),
                node(&analytics, "analytics", "vpc", Fate::Changed, 0),
                node(&network("site/oslo"), "oslo\"]; click n0 \"https://evil.example\"", "site", Fate::Kept, 0),
                node(&network("aws:vpc-0old"), "billing", "vpc", Fate::Removed, 0),
            ],
            links: vec![
                link(0, 1, "peering, encrypted by the provider", Fate::Added),
                PictureLink {
                    label_before: Some("private line, encrypted by the provider".into()),
                    ..link(0, 2, "private line, not known to be encrypted", Fate::Changed)
                },
                link(0, 3, "peering, no documented encryption", Fate::Removed),
                link(1, 3, "", Fate::Kept),
            ],
            ..Picture::default()
        },
        inputs: vec!["plan plan.json".into(), "repository shop, main to work tree".into()],
    }
}

/// A change set that touches no perimeter.
pub(super) fn nothing() -> Verdict {
    let mut verdict = verdict();
    verdict.conclusion = Conclusion::Clear;
    verdict.changes.clear();
    verdict.findings.clear();
    verdict.findings_from_before = 0;
    verdict.notices.clear();
    verdict.picture = Picture::default();
    for judged in &mut verdict.carve_outs {
        judged.status = Status::Unaffected;
        judged.because.clear();
        judged.help = None;
        judged.explanation = "Nothing it rests on changed.".into();
    }
    verdict
}

/// The two changes, and so many carve-outs that all fall.
pub(super) fn many(count: usize) -> Verdict {
    let mut verdict = verdict();
    let network = network("aws:vpc-0a1b2c3d");
    verdict
        .findings
        .retain(|finding| finding.rule == Rule::NearMissMarker);
    verdict.carve_outs = (0..count)
        .map(|index| {
            let path = format!("services/service-{index:04}/config.yaml");
            carve_out(&format!("{index:08x}"), &path, 2)
                .words("traffic stays inside VPC prod-us-east", "only counters are sent")
                .footprint(Scope::Inside, &[(&network, "prod-us-east", Via::Named)])
                .excerpt(2, &["# ZFN-3 carve-out: traffic stays inside VPC prod-us-east; only counters are sent", "tls: false"])
                .owned(&["@platform"])
                .judged(Status::MustRejustify, &["c1"], "The guarantee rests on prod-us-east.", Some("rewrite or remove it"))
        })
        .collect();
    let repeated = verdict.carve_outs.iter().map(|judged| Finding {
        repository: judged.carve_out.repository.clone(),
        location: judged.carve_out.location.clone(),
        rule: Rule::MustRejustify,
        severity: Severity::Error,
        message: judged.explanation.clone(),
        help: judged.help.clone().unwrap_or_default(),
        related: vec![(
            Location::line("network.tf", 41),
            "peering added here".into(),
        )],
    });
    verdict.findings.extend(repeated);
    verdict
}

/// A verdict in which every text is the same, whatever it is.
pub(super) fn of_texts(text: &str) -> Verdict {
    with_texts(verdict(), text)
}

/// So many of everything, and every text the same.
pub(super) fn many_of_texts(count: usize, text: &str) -> Verdict {
    let mut verdict = many(count);
    let (changes, findings, notices) = (
        verdict.changes.clone(),
        verdict.findings.clone(),
        verdict.notices.clone(),
    );
    for (index, judged) in verdict.carve_outs.iter_mut().enumerate() {
        judged.status = Status::ALL[index % Status::ALL.len()];
    }
    verdict.changes = changes.into_iter().cycle().take(count).collect();
    let faults = findings
        .into_iter()
        .filter(|finding| finding.rule == Rule::NearMissMarker);
    let faults: Vec<Finding> = faults.collect();
    verdict.findings = faults.into_iter().cycle().take(count).collect();
    verdict.notices = notices.into_iter().cycle().take(count).collect();
    let nodes = verdict.picture.nodes.clone();
    verdict.picture.nodes = nodes.into_iter().cycle().take(count).collect();
    with_texts(verdict, text)
}

fn with_texts(mut verdict: Verdict, text: &str) -> Verdict {
    verdict.repositories = vec![text.into()];
    let mut origins = Origins::default();
    let origin = origins.add(Origin {
        address: text.into(),
        action: Action::Replace,
        attributes: vec![text.into()],
        location: Some(Location::line(text, 1)),
        carrier: None,
        stack: String::new(),
        is_imported: false,
        steps: Vec::new(),
    });
    verdict.origins = origins;
    for change in &mut verdict.changes {
        change.summary = text.into();
        change.causes = vec![origin];
        for evidence in &mut change.evidence {
            for field in [
                &mut evidence.fact,
                &mut evidence.claim,
                &mut evidence.source,
            ] {
                *field = text.into();
            }
        }
        for (_, name) in &mut change.boundaries {
            *name = text.into();
        }
        for touch in change.touched.values_mut().flatten() {
            touch.words = text.into();
        }
    }
    for judged in &mut verdict.carve_outs {
        let carve_out = &mut judged.carve_out;
        for field in [
            &mut carve_out.id,
            &mut carve_out.repository,
            &mut carve_out.location.path,
            &mut carve_out.guarantee,
            &mut carve_out.justification,
            &mut judged.explanation,
        ] {
            *field = text.into();
        }
        carve_out.owners = vec![text.into()];
        carve_out.last_justified = Some(LastJustified {
            commit: text.into(),
            date: text.into(),
            author: text.into(),
        });
        for part in &mut carve_out.footprint.parts {
            part.name = text.into();
        }
        let first = carve_out.location.line.saturating_sub(1).max(1);
        carve_out.excerpt = (first..first + 5)
            .map(|line| (line, text.to_owned()))
            .collect();
        judged.help = Some(text.into());
    }
    for finding in &mut verdict.findings {
        finding.repository = text.into();
        finding.location.path = text.into();
        finding.message = text.into();
        finding.help = text.into();
        finding.related = vec![(Location::line(text, 1), text.into())];
    }
    for (index, notice) in verdict.notices.iter_mut().enumerate() {
        notice.subject = text.into();
        // Notices that say the same are shown as one.
        notice.message = format!("{text}{index}");
    }
    for node in &mut verdict.picture.nodes {
        node.name = text.into();
        node.role = text.into();
    }
    for link in &mut verdict.picture.links {
        link.label = text.into();
        link.label_before = Some(text.into());
    }
    verdict.inputs = vec![text.into()];
    verdict
}

fn network(key: &str) -> BoundaryId {
    BoundaryId::Node(NodeId::from(format!("network/{key}")))
}

fn touch(words: &str, effect: Effect) -> Touch {
    Touch {
        words: words.into(),
        effect,
        is_protection: false,
        passes_down: true,
        far: None,
    }
}

pub(super) fn node(
    id: &BoundaryId,
    name: &str,
    role: &str,
    fate: Fate,
    falling: usize,
) -> PictureNode {
    PictureNode {
        id: id.as_str().into(),
        name: name.into(),
        role: role.into(),
        kind: NodeKind::Network,
        knowledge: Knowledge::Described,
        region: None,
        fate,
        parent: None,
        members: Vec::new(),
        contents: Vec::new(),
        internet: None,
        among: Vec::new(),
        more_links: 0,
        pins: (0..falling)
            .map(|index| Pin {
                id: format!("{index:08x}"),
                place: format!("services/app-{index}/config.yaml:3"),
                falls: true,
            })
            .collect(),
    }
}

pub(super) fn link(from: usize, to: usize, label: &str, fate: Fate) -> PictureLink {
    PictureLink {
        from,
        to,
        label: label.into(),
        label_before: None,
        protection: Protection::Unknown,
        direction: Direction::Both,
        count: 1,
        fate,
        pins: Vec::new(),
    }
}

fn carve_out(id: &str, path: &str, line: usize) -> CarveOut {
    CarveOut {
        id: id.into(),
        repository: "shop".into(),
        location: Location::line(path, line),
        guarantee: String::new(),
        justification: String::new(),
        footprint: Footprint::new(Scope::Unanchored, Vec::new()),
        owners: Vec::new(),
        last_justified: Some(LastJustified {
            commit: "1f2e3d4c5b6a79880716253443526170deadbeef".into(),
            date: "2025-03-02".into(),
            author: "Ada Byron".into(),
        }),
        excerpt: Vec::new(),
        permalink: None,
    }
}

impl CarveOut {
    fn words(mut self, guarantee: &str, justification: &str) -> Self {
        self.guarantee = guarantee.into();
        self.justification = justification.into();
        self
    }

    fn footprint(mut self, scope: Scope, parts: &[(&BoundaryId, &str, Via)]) -> Self {
        let parts = parts.iter().map(|(boundary, name, via)| FootprintPart {
            boundary: (*boundary).clone(),
            name: (*name).into(),
            via: *via,
            location: None,
        });
        self.footprint = Footprint::new(scope, parts.collect());
        self
    }

    /// The source from this line on; the marker is what its comment lines are.
    fn excerpt(mut self, first: usize, lines: &[&str]) -> Self {
        self.excerpt = lines
            .iter()
            .enumerate()
            .map(|(index, line)| (first + index, (*line).into()))
            .collect();
        let is_comment = |line: &&str| line.trim_start().starts_with(['#', '/']);
        self.location.end_line =
            self.location.line + lines.iter().filter(|line| is_comment(line)).count() - 1;
        self
    }

    fn owned(mut self, owners: &[&str]) -> Self {
        self.owners = owners.iter().map(|&owner| owner.to_owned()).collect();
        self
    }

    fn judged(
        self,
        status: Status,
        because: &[&str],
        explanation: &str,
        help: Option<&str>,
    ) -> Judged {
        Judged {
            carve_out: self,
            status,
            because: because.iter().map(|&id| id.to_owned()).collect(),
            explanation: explanation.into(),
            help: help.map(str::to_owned),
            false_claim: None,
            perimeter: None,
            receipt: None,
        }
    }
}
