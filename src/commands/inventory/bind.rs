//! The carve-outs of inventories, bound to the network of a check.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::carveout::footprint::{Ground, Surroundings, bind_with_ground};
use crate::carveout::guarantee::Guarantee;
use crate::carveout::inventory::Newest;
use crate::carveout::ledger::{Ledger, PerimeterDigest, Receipt, is_digest};
use crate::carveout::lineage::{fingerprint, text_digest};
use crate::carveout::marker::Marker;
use crate::carveout::names::{NameIndex, Target};
use crate::carveout::site::{CarveOut, Footprint, LastJustified, Scope, Via};
use crate::graph::fragment::Notice;
use crate::graph::{BoundaryId, Graph, Key};
use crate::location::Location;
use crate::report::json::inventory::{
    BlockPlace, CarveOutLine, Line, ObjectPlace, ReceiptLine, RepositoryLine, parse,
};
use crate::report::text::counted;
use crate::repos::{Forge, Remote};
use crate::sources::terraform::address::Address;
use crate::sources::terraform::apply::Interest;
use crate::verdict::judge::{Case, Fate};

use super::super::binding::{Bound, location_of, targets_of};
use super::super::finder::Found;
use super::super::inputs::{Environment, Unread};
use super::super::network::Network;
use super::super::roots::Roots;
use super::super::survey::Survey;
use super::file;
use super::take::{address_digest, identity, marker_fault};

/// How many carve-outs or files a notice names.
const SPELLED_OUT: usize = 3;

/// What a check reads of inventories.
#[derive(Default)]
pub(in crate::commands) struct Inventories {
    /// Repositories with carve-outs, by identity.
    pub(in crate::commands) repositories: Vec<Inventoried>,
    /// Repositories that are not known as they are.
    pub(in crate::commands) faults: Vec<Unread>,
    /// What was read, in words.
    pub(in crate::commands) description: Option<String>,
    /// What was not understood.
    pub(in crate::commands) notices: Vec<Notice>,
}

/// One repository of an inventory.
pub(in crate::commands) struct Inventoried {
    /// What reports call it.
    pub(in crate::commands) name: String,
    header: RepositoryLine,
    remote: Option<Remote>,
    carve_outs: Vec<(CarveOutLine, Found)>,
    ledger: Ledger,
}

impl Inventories {
    /// Reads files of inventories, and leaves out the repositories that are at hand.
    pub(in crate::commands) fn read(
        paths: &[PathBuf],
        surveys: &[Survey],
        environment: Environment<'_>,
    ) -> Result<Self> {
        let mut inventories = Self::default();
        if paths.is_empty() {
            return Ok(inventories);
        }
        let inventory = file::read(paths)?;
        inventories.faults = file::errors(&inventory)
            .into_iter()
            .map(|error| Unread {
                name: error.repository,
                why: error.message,
            })
            .collect();
        let at_hand: Vec<(String, &Survey)> = surveys
            .iter()
            .map(|survey| (identity(&survey.repository, environment), survey))
            .collect();
        let is_at_hand = |one: &Inventoried| {
            at_hand.iter().any(|(identity, survey)| {
                if survey.remote.is_some() && one.header.remote.is_some() {
                    return *identity == one.header.repository;
                }
                // Names are shared by strangers; commits are not.
                let commit = one.header.commit.as_deref().unwrap_or_default();
                survey.repository.short_name() == one.header.name && survey.repository.holds(commit)
            })
        };
        let (mut repositories, mut carve_outs, mut left_out) = (0, 0, 0);
        for newest in inventory.newest.values() {
            let Newest::Reading(reading) = newest else {
                continue;
            };
            let one = Inventoried::parse(&reading.lines)?;
            if is_at_hand(&one) {
                left_out += 1;
                continue;
            }
            repositories += 1;
            carve_outs += one.carve_outs.len();
            inventories.notices.extend(one.skipped());
            if !one.carve_outs.is_empty() {
                inventories.repositories.push(one);
            }
        }
        inventories.name_apart(surveys);
        let mut description = format!(
            "inventories: {} in {repositories} {}",
            counted(carve_outs, "carve-out"),
            if repositories == 1 {
                "repository"
            } else {
                "repositories"
            }
        );
        if left_out > 0 {
            description.push_str(&format!("; {left_out} left out, being at hand"));
        }
        inventories.description = Some(description);
        Ok(inventories)
    }

    /// What several repositories are called, none is called by.
    fn name_apart(&mut self, surveys: &[Survey]) {
        let mut bearers: BTreeMap<String, usize> = BTreeMap::new();
        let names = self.repositories.iter().map(|one| &one.name);
        for name in names.chain(surveys.iter().map(|survey| &survey.name)) {
            *bearers.entry(name.clone()).or_default() += 1;
        }
        for one in &mut self.repositories {
            if bearers.get(&one.name).is_some_and(|count| *count > 1) {
                one.name.clone_from(&one.header.repository);
            }
        }
        // A clone and an inventory that are known by their name alone, and are not of one repository.
        for one in &mut self.repositories {
            if surveys.iter().any(|survey| survey.name == one.name) {
                one.name.push_str(" (inventory)");
            }
        }
    }

    /// The resources in whose blocks carve-outs stand.
    pub(in crate::commands) fn interest(&self) -> Interest {
        let carve_outs = self.repositories.iter().flat_map(|one| &one.carve_outs);
        let blocks = carve_outs.filter_map(|(line, _)| line.block.as_ref());
        blocks
            .flat_map(|block| &block.addresses)
            .filter_map(|place| Address::parse(&place.address))
            .map(|address| (address.resource_type, address.name))
            .collect()
    }
}

impl Inventoried {
    fn parse(lines: &[String]) -> Result<Self> {
        let (mut header, mut carve_outs, mut receipts) = (None, Vec::new(), Vec::new());
        for line in lines {
            match parse(line).map_err(anyhow::Error::msg)? {
                Line::Repository(line) => header = Some(*line),
                Line::CarveOut(line) => {
                    let found = found(&line);
                    carve_outs.push((*line, found));
                }
                Line::Receipt(line) => receipts.push(receipt(*line)?),
                Line::Error(_) => {}
            }
        }
        let Some(header) = header else {
            bail!("an inventory begins without its repository");
        };
        receipts.sort();
        let mut remote = header
            .remote
            .as_deref()
            .and_then(|one| Remote::parse(one, &|_| None));
        if let Some(remote) = &mut remote {
            let mut known = Forge::ALL.into_iter();
            let told = known.find(|forge| header.forge.as_deref() == Some(forge.word()));
            remote.forge = told.or(remote.forge);
        }
        Ok(Self {
            name: header.name.clone(),
            header,
            remote,
            carve_outs,
            ledger: Ledger { receipts },
        })
    }

    /// Files that were not read when the inventory was taken.
    fn skipped(&self) -> Option<Notice> {
        let skipped = &self.header.skipped;
        let (first, rest) = skipped.split_first()?;
        let others = match rest.len() {
            0 => String::new(),
            count => format!(", and {count} more files"),
        };
        Some(Notice {
            kind: "skipped-file",
            subject: self.header.repository.clone(),
            message: format!(
                "{}: {}{others}; carve-outs in what was not read are not in its inventory",
                first.path, first.reason
            ),
        })
    }

    /// Its carve-outs, each with the words of its marker as they were found.
    pub(in crate::commands) fn found(&self) -> impl Iterator<Item = &Found> {
        self.carve_outs.iter().map(|(_, found)| found)
    }

    /// What its own settings call parts of the network, beside what all others call them; `None` where they say nothing
    /// that this network knows.
    pub(in crate::commands) fn names(
        &self,
        bound: &Bound,
        after: &Graph,
        notices: &mut Vec<Notice>,
    ) -> Option<[NameIndex; 2]> {
        let mut unknown = BTreeSet::new();
        let mut resolve = |reference: &String| {
            let targets = bound.names.resolve(reference);
            if targets.is_empty() {
                unknown.insert(reference.clone());
            }
            targets
        };
        let aliases: Vec<(&String, Vec<Target>)> = self
            .header
            .aliases
            .iter()
            .map(|(alias, references)| (alias, references.iter().flat_map(&mut resolve).collect()))
            .collect();
        for (line, _) in &self.carve_outs {
            for reference in &line.rests_on {
                resolve(reference);
            }
        }
        if !unknown.is_empty() {
            let named: Vec<&str> = unknown
                .iter()
                .take(SPELLED_OUT)
                .map(String::as_str)
                .collect();
            notices.push(Notice {
                kind: "unknown-name-in-inventory",
                subject: self.header.repository.clone(),
                message: format!(
                    "its settings name {}{}, which nothing in this network is called: a carve-out that rests on that alone counts as unanchored; \
                     pass the state of the stack that holds it with --context",
                    named.join(", "),
                    if unknown.len() > named.len() { " and more" } else { "" }
                ),
            });
        }
        if aliases.iter().all(|(_, targets)| targets.is_empty()) {
            return None;
        }
        let (mut names, mut names_after) = (bound.names.clone(), bound.names_after.clone());
        for (alias, targets) in aliases {
            names.add_alias(alias, &targets);
            let lasts = |target: &&Target| match &target.boundary {
                BoundaryId::Node(node) => after.node(node).is_some(),
                BoundaryId::Link(link) => after.link(link).is_some(),
            };
            let lasting: Vec<Target> = targets.iter().filter(lasts).cloned().collect();
            names_after.add_alias(alias, &lasting);
        }
        Some([names, names_after])
    }

    /// All its carve-outs, bound, in their order; with what could not be bound although it has a place.
    pub(in crate::commands) fn cases(
        &self,
        index: usize,
        network: &Network,
        claims: &Claims,
        names: &NameIndex,
        notices: &mut Vec<Notice>,
    ) -> Vec<Case> {
        let binder = Binder {
            index,
            network,
            claims,
            names,
        };
        let mut adrift: Vec<(String, &str)> = Vec::new();
        let mut cases = Vec::new();
        for (line, found) in &self.carve_outs {
            let (guarantee, footprint, ground) = binder.bind(line);
            let has_place =
                line.block.is_some() || !line.objects.is_empty() || line.not_carried.is_some();
            if footprint.scope == Scope::Unanchored && has_place {
                let why = line.not_carried.as_deref().unwrap_or(
                    "nothing in this network is the block or object it stands in: pass the plan or state that describes it",
                );
                adrift.push((format!("{}:{}", line.path, line.line), why));
            }
            cases.push(Case {
                carve_out: self.carve_out(line, footprint),
                guarantee,
                ground,
                footprint_at_base: None,
                fate: Fate::Same,
                receipts: self.ledger.of(&found.text_digest()).cloned().collect(),
            });
        }
        if let Some((_, why)) = adrift.first() {
            let shown: Vec<&str> = adrift
                .iter()
                .take(SPELLED_OUT)
                .map(|(place, _)| place.as_str())
                .collect();
            notices.push(Notice {
                kind: "place-not-in-network",
                subject: self.header.repository.clone(),
                message: format!(
                    "{} unanchored in its inventory though written in blocks or objects ({}{}): {why}",
                    counted(adrift.len(), "carve-out"),
                    shown.join(", "),
                    if adrift.len() > shown.len() { ", .." } else { "" }
                ),
            });
        }
        cases
    }

    fn carve_out(&self, line: &CarveOutLine, footprint: Footprint) -> CarveOut {
        let commit = self.header.commit.as_deref();
        let remote = self.remote.as_ref().filter(|_| line.is_committed);
        // What is no commit must not become a part of an address.
        let commit = commit.filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        CarveOut {
            id: fingerprint(&line.guarantee, &line.justification),
            repository: self.name.clone(),
            location: Location {
                path: line.path.clone(),
                line: line.line,
                end_line: line.end_line,
            },
            guarantee: line.guarantee.clone(),
            justification: line.justification.clone(),
            footprint,
            owners: line.owners.clone(),
            last_justified: line.last_justified.as_ref().map(|last| LastJustified {
                commit: last.commit.clone(),
                date: last.date.clone(),
                author: last.author.clone(),
            }),
            // An inventory carries no source.
            excerpt: Vec::new(),
            permalink: remote.zip(commit).and_then(|(remote, commit)| {
                remote.permalink(commit, &line.path, (line.line, line.end_line))
            }),
        }
    }
}

fn found(line: &CarveOutLine) -> Found {
    Found {
        path: line.path.clone(),
        marker: Marker {
            line: line.line,
            end_line: line.end_line,
            column: line.column,
            guarantee: line.guarantee.clone(),
            justification: line.justification.clone(),
            fault: line.fault.as_ref().map(marker_fault),
            trailing: false,
            anchor: None,
            spelled: line.spelled.clone(),
        },
        excerpt: Vec::new(),
    }
}

fn receipt(line: ReceiptLine) -> Result<Receipt> {
    // A receipt that could fit by accident would excuse what nobody justified.
    let digits = text_digest("", "").len();
    if !is_digest(&line.carve_out, digits) || !is_digest(&line.perimeter.digest, 64) {
        bail!(
            "a receipt of {} has no digests: pass what `perimeter inventory` wrote",
            line.repository
        );
    }
    let parts = line.perimeter.parts.into_iter();
    Ok(Receipt {
        carve_out: line.carve_out,
        date: line.date,
        perimeter: PerimeterDigest {
            whole: line.perimeter.digest,
            parts: parts
                .map(|part| ((part.boundary, part.aspect), part.digest))
                .collect(),
        },
        path: line.path,
        by: line.by,
        reason: line.reason,
    })
}

/// Which plans are of root modules that only an inventory knows.
#[derive(Debug, Default)]
pub(in crate::commands) struct Claims {
    /// By plan: the repository's position, and the directory of the root module.
    by_plan: Vec<Option<(usize, String)>>,
    /// What several may be meant by.
    pub(in crate::commands) notices: Vec<Notice>,
}

impl Claims {
    /// A plan is of the root module that defines the most of its addresses, unless a repository at hand defines as many.
    pub(in crate::commands) fn of(
        inventories: &Inventories,
        network: &Network,
        surveys: &[Survey],
        roots: &Roots,
    ) -> Self {
        let mut defined_in: HashMap<&str, Vec<(usize, &str)>> = HashMap::new();
        for (index, one) in inventories.repositories.iter().enumerate() {
            for root in &one.header.roots {
                for digest in &root.resources {
                    let places = defined_in.entry(digest).or_default();
                    places.push((index, &root.directory));
                }
            }
        }
        let mut claims = Self::default();
        for (plan, addresses) in network.plan_addresses.iter().enumerate() {
            let mut scores: BTreeMap<(usize, &str), usize> = BTreeMap::new();
            let mut at_hand = 0;
            let mut distinct = BTreeSet::new();
            if !defined_in.is_empty() {
                for address in addresses {
                    let Some(parsed) = Address::parse(address) else {
                        continue;
                    };
                    if !distinct.insert(parsed.without_keys()) {
                        continue;
                    }
                    if let Some(Some((survey, directory))) = roots.get(plan) {
                        let blocks = &surveys[*survey].at_head.blocks;
                        at_hand += usize::from(blocks.locate(directory, address).is_some());
                    }
                }
            }
            for address in &distinct {
                let places = defined_in.get(address_digest(address).as_str());
                for place in places.into_iter().flatten() {
                    *scores.entry(*place).or_default() += 1;
                }
            }
            let best = scores.values().copied().max().unwrap_or_default();
            let mut winners = scores
                .into_iter()
                .filter(|(_, score)| *score == best && best > at_hand);
            let claim = match (winners.next(), winners.next()) {
                (Some(((index, directory), _)), None) => Some((index, directory.to_owned())),
                (Some(((first, _), _)), Some(((second, _), _))) => {
                    let [first, second] = [first, second]
                        .map(|index| &inventories.repositories[index].header.repository);
                    claims.notices.push(Notice {
                        kind: "ambiguous-source",
                        subject: first.clone(),
                        message: format!(
                            "a plan may be of it, of {second}, or of others in the inventories: carve-outs in their blocks are not bound to its resources"
                        ),
                    });
                    None
                }
                _ => None,
            };
            claims.by_plan.push(claim);
        }
        claims
    }
}

/// Binds the carve-outs of one inventoried repository.
struct Binder<'b> {
    index: usize,
    network: &'b Network,
    claims: &'b Claims,
    names: &'b NameIndex,
}

impl Binder<'_> {
    fn bind(&self, line: &CarveOutLine) -> (Guarantee, Footprint, Ground) {
        let guarantee = Guarantee::read(&line.guarantee, self.names);
        let surroundings = Surroundings {
            block: match &line.block {
                Some(block) => self.block_targets(block),
                None => line
                    .objects
                    .iter()
                    .flat_map(|one| self.object_targets(one))
                    .collect(),
            },
            bound: line
                .rests_on
                .iter()
                .flat_map(|one| self.names.resolve(one))
                .collect(),
        };
        let (mut footprint, ground) = bind_with_ground(&guarantee, &surroundings, &self.graphs());
        for part in &mut footprint.parts {
            part.location = location_of(self.network, &part.boundary);
        }
        (guarantee, footprint, ground)
    }

    fn graphs(&self) -> [&Graph; 2] {
        [&self.network.before.graph, &self.network.after.graph]
    }

    /// What a block's resources are, or lie in, where a plan is of its root module.
    fn block_targets(&self, block: &BlockPlace) -> Vec<Target> {
        let mut targets = BTreeSet::new();
        for (plan, claim) in self.claims.by_plan.iter().enumerate() {
            let Some((_, directory)) = claim.as_ref().filter(|(index, _)| *index == self.index)
            else {
                continue;
            };
            let of_root = block.addresses.iter().filter(|one| one.root == *directory);
            let names: Vec<&str> = of_root.map(|one| one.address.as_str()).collect();
            for address in &self.network.plan_addresses[plan] {
                let Some(plain) = Address::parse(address).map(|one| one.without_keys()) else {
                    continue;
                };
                let is_meant = |name: &&str| {
                    plain == **name
                        || (Address::parse(name).is_none()
                            && plain
                                .strip_prefix(*name)
                                .is_some_and(|rest| rest.starts_with('.')))
                };
                if names.iter().any(is_meant) {
                    targets.extend(targets_of(self.network, plan, address));
                }
            }
        }
        targets.into_iter().collect()
    }

    /// What an object is or lies in, from the inside out: the first that this network knows.
    fn object_targets(&self, object: &ObjectPlace) -> Vec<Target> {
        let nodes = |key: &str| -> Vec<Target> {
            let key = Key::Provider(key.to_owned());
            let graphs = self.graphs().into_iter();
            graphs
                .filter_map(|graph| graph.node_by_key(&key))
                .map(|node| Target::node(node, Via::Block))
                .collect()
        };
        let mut targets = BTreeSet::new();
        for boundary in &object.boundaries {
            let mut key = boundary.as_str();
            let cluster = format!("kubernetes:{}", object.cluster);
            let mut found = nodes(key);
            // A workload lies in its namespace, and that in its cluster.
            while found.is_empty() && key.len() > cluster.len() {
                let Some((around, _)) = key.rsplit_once('/') else {
                    break;
                };
                key = around;
                found = nodes(key);
            }
            targets.extend(found);
        }
        if targets.is_empty() {
            targets.extend(self.names.resolve(&format!("cluster/{}", object.cluster)));
        }
        if targets.is_empty()
            && let Some(place) = &object.runs_in
        {
            targets.extend(self.names.resolve(place));
        }
        targets.into_iter().collect()
    }
}
