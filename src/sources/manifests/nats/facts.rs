//! What the servers of one snapshot come to: facts of their clusters, links between those, and settings in the clear.
//!
//! Of the servers of one cluster the weakest speaks for it; what is better is an exception of that server. So a server that
//! comes or goes is silence, and one that gets worse is not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::graph::fragment::{Notice, Topic};
use crate::graph::node::NodeKind;
use crate::graph::origin::OriginId;

use super::super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement, Unproven};
use super::super::estate::Estate;
use super::super::gateways::{BELIEVED, LET_IN};
use super::server::{Asks, Channel, Encryption, Listener, Remote};
use super::{Configured, GROUP, configurations, includes};

/// A cluster of servers.
struct Group<'s, 'm> {
    boundary: Boundary,
    name: String,
    servers: Vec<&'s Configured<'m>>,
}

/// Clusters by name.
type Named = BTreeMap<String, Boundary>;

pub(super) fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    let objects = || estate.clusters.values().flat_map(|one| &one.objects);
    let included: BTreeSet<&str> = objects()
        .filter(|object| object.is(GROUP, "NatsServer"))
        .flat_map(|object| includes(object))
        .collect();
    let mut all: Vec<Configured<'_>> = Vec::new();
    for object in objects() {
        let is_part = object.is(GROUP, "NatsServer") && included.contains(&*object.source.path);
        if !is_part {
            all.extend(configurations(object, estate));
        }
    }
    tell(&all, declarations);
    all.retain(|one| one.fault.is_none());
    let mut groups: BTreeMap<&Boundary, Group<'_, '_>> = BTreeMap::new();
    for one in &all {
        let (boundary, name) = &one.cluster;
        let group = groups.entry(boundary).or_insert_with(|| Group {
            boundary: boundary.clone(),
            name: name.clone(),
            servers: Vec::new(),
        });
        group.servers.push(one);
    }
    let groups: Vec<Group<'_, '_>> = groups.into_values().collect();
    let named: Named = groups
        .iter()
        .rev()
        .map(|group| (group.name.clone(), group.boundary.clone()))
        .collect();
    for group in &groups {
        boundaries(group, estate, declarations);
        channels(group, &named, estate, declarations);
        let mut stated = Stated {
            group,
            declarations,
        };
        stated.routes();
        stated.leaves();
        stated.accounts();
        gateways(group, &named, estate, declarations);
        sites(group, &named, declarations);
    }
}

/// What could not be read.
fn tell(all: &[Configured<'_>], declarations: &mut Declarations<'_>) {
    let mut add = |kind, one: &Configured<'_>, line: usize, message: String| {
        declarations.notices.push(Notice {
            kind,
            subject: format!("{}:{line}", one.object.source.path),
            message,
        });
    };
    for one in all {
        if let Some(fault) = &one.fault {
            let message = format!(
                "{}; what this configuration says is not seen",
                fault.message
            );
            add("unreadable-manifest", one, fault.line, message);
        }
        for (path, line) in &one.missing {
            let message = format!(
                "{path} is included here and not among the files: what it sets is not seen"
            );
            add("include-not-read", one, *line, message);
        }
        for (address, line) in &one.server.malformed {
            let message = format!("`{address}` is no address: the server refuses to start with it");
            add("unreadable-manifest", one, *line, message);
        }
        if let Some(values) = super::chart::values(&one.object.root)
            && let Some((what, line)) = super::chart::untold(values)
        {
            let message =
                format!("{what}: keep what `helm template` makes of it in the repository");
            add("unrendered-template", one, line, message);
        }
    }
}

fn boundaries(group: &Group<'_, '_>, estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for one in &group.servers {
        let origin = declarations.origin(one.object);
        if !matches!(group.boundary, Boundary::Cluster(_)) {
            declarations.boundary(
                &group.boundary,
                (NodeKind::Cluster, "NATS cluster"),
                &group.name,
                &one.within(estate),
                origin,
            );
        }
        let name = one.name();
        let name = name.rsplit('/').next().unwrap_or(&name);
        declarations.boundary(
            &one.boundary(),
            (NodeKind::Workload, "NATS server"),
            name,
            std::slice::from_ref(&group.boundary),
            origin,
        );
    }
}

/// How the traffic of one sort of connection goes, in words.
fn encryption_words(channel: Channel, encryption: Encryption) -> String {
    let how = match encryption {
        Encryption::Tls => "over TLS only",
        Encryption::Either => "in the clear beside TLS",
        Encryption::Plain => "in the clear",
    };
    match channel {
        Channel::Routes => format!("joins its servers {how}"),
        Channel::Gateways => format!("is joined to other clusters {how}"),
        Channel::Monitoring => format!("shows its state {how}"),
        _ => format!("takes {} {how}", channel.name()),
    }
}

fn proof_words(channel: Channel, asks: &Asks) -> String {
    let who = match channel {
        Channel::Routes => "servers that join it",
        Channel::Gateways => "clusters that join it",
        _ => channel.name(),
    };
    match asks {
        Asks::ByDesign => format!("asks {who} who they are"),
        _ => format!("asks {who} for {}", asks.value()),
    }
}

impl Encryption {
    fn value(self) -> &'static str {
        match self {
            Self::Tls => "TLS",
            Self::Either => "TLS or plaintext",
            Self::Plain => "plaintext",
        }
    }
}

fn listener<'s>(one: &'s Configured<'_>, channel: Channel) -> Option<&'s Listener> {
    let mut listeners = one.server.listeners.iter();
    listeners.find(|listener| listener.channel == channel)
}

/// What is stated of one sort of connection: sort of fact, value, how far it opens, words.
type Aspect = (Topic, &'static str, String, i32, String);

fn aspects(one: &Configured<'_>, channel: Channel) -> Vec<Aspect> {
    let found = listener(one, channel);
    // Where there is no such connection nothing goes in the clear, and nobody is let in.
    let encryption = found.map_or(Encryption::Tls, |found| found.encryption);
    let asks = found.map_or(&Asks::ByDesign, |found| &found.asks);
    let mut aspects = vec![
        (
            Topic::Encryption,
            "traffic",
            encryption.value().to_owned(),
            encryption as i32,
            encryption_words(channel, encryption),
        ),
        (
            Topic::Authentication,
            "callers",
            asks.value().to_owned(),
            asks.openness(),
            proof_words(channel, asks),
        ),
    ];
    let is_unverified = one.server.unverified.iter().any(|(of, _)| *of == channel);
    let calls = matches!(
        channel,
        Channel::Routes | Channel::Gateways | Channel::LeafNodes
    );
    if calls {
        let (value, words) = if is_unverified {
            ("anyone", "calls servers whose certificates nobody verifies")
        } else {
            ("verified", "verifies the servers it calls")
        };
        aspects.push((
            Topic::Authentication,
            "servers called",
            value.to_owned(),
            i32::from(is_unverified),
            format!("{words} ({})", channel.name()),
        ));
    }
    let host = found.filter(|found| !found.is_local());
    let (value, openness, from) = match host.and_then(|found| found.host.as_deref()) {
        None => ("nobody else", 0, "its own machine only".to_owned()),
        Some("") => ("anywhere", 2, "all of its networks".to_owned()),
        Some(host) => ("an address", 1, host.to_owned()),
    };
    let value = if openness == 1 { &from } else { value }.to_owned();
    aspects.push((
        Topic::Exposure,
        "listeners",
        value,
        openness,
        format!("listens for {} from {from}", channel.name()),
    ));
    aspects
}

/// What each sort of connection lets happen, as the weakest server does it.
fn channels(
    group: &Group<'_, '_>,
    groups: &Named,
    estate: &Estate<'_>,
    declarations: &mut Declarations<'_>,
) {
    // What values of a chart switch off for all sorts of connections is one thing to a person.
    let mut objects = group.servers.iter().map(|one| one.object);
    let by_chart = objects.all(|object| {
        let kind = object.identity.kind.as_str();
        !matches!(kind, "ConfigMap" | "NatsServer" | "Secret")
    });
    for channel in Channel::ALL {
        let mut of = vec![group.boundary.clone()];
        if channel == Channel::Gateways {
            let named = group.servers.iter().flat_map(|one| &one.server.gateways);
            let peers: BTreeSet<Boundary> = named
                .map(|remote| peer(&remote.name, groups, estate))
                .collect();
            of.extend(peers);
        }
        let told: Vec<Vec<Aspect>> = group
            .servers
            .iter()
            .map(|one| aspects(one, channel))
            .collect();
        let Some(count) = told.first().map(Vec::len) else {
            continue;
        };
        for index in 0..count {
            let Some(worst) = told.iter().map(|all| &all[index]).max_by_key(|one| one.3) else {
                continue;
            };
            let general = format!("{} of {} of {}", worst.1, channel.name(), group.name);
            for (one, all) in group.servers.iter().zip(&told) {
                let (topic, _, value, openness, words) = &all[index];
                let is_general = value == &worst.2;
                let origins = declarations.origins_of([one.object]);
                let mut statement = Statement {
                    topic: *topic,
                    about: general.clone(),
                    matter: match by_chart {
                        true => format!("{} of {}", worst.1, group.name),
                        false => general.clone(),
                    },
                    value: value.clone(),
                    openness: *openness,
                    words: words.clone(),
                    origins,
                };
                let mut extent = Extent {
                    of_holders: true,
                    ..Extent::default()
                };
                if !is_general {
                    let name = one.name();
                    let shown = name.rsplit('/').next().unwrap_or(&name);
                    statement.words = format!("has server {shown}, which {words}");
                    statement.about = format!("{general} in {name}");
                    extent.exception_to = vec![general.clone()];
                    extent.lasts_with = Some(one.boundary());
                }
                declarations.state_as(&of, statement, extent);
            }
        }
    }
}

/// The cluster that a gateway's name means.
fn peer(name: &str, groups: &Named, estate: &Estate<'_>) -> Boundary {
    let known = groups.get(name);
    let same = Some(Arc::from(name));
    match known {
        Some(boundary) => boundary.clone(),
        None if estate.known.contains(&same) => Boundary::Cluster(same),
        None => Boundary::NatsCluster(None, name.to_owned()),
    }
}

fn gateways(
    group: &Group<'_, '_>,
    groups: &Named,
    estate: &Estate<'_>,
    declarations: &mut Declarations<'_>,
) {
    let mut linked: BTreeSet<&str> = BTreeSet::new();
    for one in &group.servers {
        for remote in &one.server.gateways {
            let far = peer(&remote.name, groups, estate);
            if linked.insert(&remote.name) {
                let is_seen = groups.contains_key(&remote.name);
                if !is_seen && matches!(far, Boundary::NatsCluster(..)) {
                    let origin = declarations.origin(one.object);
                    let sort = (NodeKind::Cluster, "NATS cluster");
                    declarations.boundary(&far, sort, &remote.name, &[], origin);
                }
                if !is_seen {
                    declarations.notice(
                        "mesh-peer-not-seen",
                        one.object,
                        format!(
                            "its gateways lead to cluster {}, whose configuration is not among the files: only this half is seen",
                            remote.name
                        ),
                    );
                }
                declarations.link(&group.boundary, &far, "gateway", one.object, None);
            }
            let of_block =
                listener(one, Channel::Gateways).map_or(Encryption::Tls, |block| block.encryption);
            let mut stated = Stated {
                group,
                declarations,
            };
            let what = format!("gateway to {}", remote.name);
            let connection = stated.connection(one, &what);
            let hosts: Vec<&str> = remote.hosts.iter().map(String::as_str).collect();
            let hosts = hosts.join(", ");
            let said = Said {
                topic: Topic::Mesh,
                about: &format!("{what} at"),
                value: &hosts,
                openness: 0,
                words: &format!("reaches cluster {} at {hosts}", remote.name),
                connection: Some(connection.clone()),
            };
            stated.say(one, said);
            if remote.encryption != of_block {
                let words = encryption_words(Channel::Gateways, remote.encryption);
                let said = Said {
                    topic: Topic::Encryption,
                    about: &what,
                    value: remote.encryption.value(),
                    openness: remote.encryption as i32,
                    words: &words.replace("other clusters", &format!("cluster {}", remote.name)),
                    connection: Some(connection),
                };
                stated.say(one, said);
            }
            let mut unverified = one.server.unverified.iter();
            let is_told = unverified.any(|(channel, _)| *channel == Channel::Gateways);
            if !remote.is_verified && !is_told {
                stated.unverified(one, remote, &what);
            }
        }
    }
    let rejecting = |rejects| {
        let mut servers = group.servers.iter();
        servers.find(move |one| one.server.rejects_unknown == Some(rejects))
    };
    if rejecting(false).is_some() {
        declarations.notices.push(Notice {
            kind: "nats-gossip",
            subject: group.name.clone(),
            message: "clusters that its gateways do not name may join it at run time, since `reject_unknown` is not set: \
                      which do is in no file"
                .to_owned(),
        });
    } else if let Some(first) = rejecting(true) {
        let mut stated = Stated {
            group,
            declarations,
        };
        stated.mesh(
            first,
            "unknown clusters",
            "kept out",
            -1,
            "keeps out clusters that its gateways do not name",
        );
    }
}

/// A fact of a cluster.
struct Said<'w> {
    topic: Topic,
    about: &'w str,
    value: &'w str,
    openness: i32,
    words: &'w str,
    /// The connection it takes effect in.
    connection: Option<Boundary>,
}

/// States facts of one cluster.
struct Stated<'a, 's, 'm, 'd> {
    group: &'a Group<'s, 'm>,
    declarations: &'a mut Declarations<'d>,
}

impl Stated<'_, '_, '_, '_> {
    /// A connection as a part of the cluster: what is said of it comes and goes with it.
    fn connection(&mut self, one: &Configured<'_>, what: &str) -> Boundary {
        let mut identity = one.object.identity.clone();
        identity.namespace = Some(self.group.name.clone());
        identity.kind = "NatsConnection".to_owned();
        identity.name = what.to_owned();
        let boundary = Boundary::Workload(identity);
        let origin = self.declarations.origin(one.object);
        self.declarations.boundary(
            &boundary,
            (NodeKind::Workload, "NATS connection"),
            &format!("{what} of {}", self.group.name),
            std::slice::from_ref(&self.group.boundary),
            origin,
        );
        boundary
    }

    fn say(&mut self, one: &Configured<'_>, said: Said<'_>) {
        let Said {
            topic,
            about,
            value,
            openness,
            words,
            connection,
        } = said;
        let about = format!("{about} of {}", self.group.name);
        let origins: BTreeSet<OriginId> = self.declarations.origins_of([one.object]);
        self.declarations.state_as(
            std::slice::from_ref(&self.group.boundary),
            Statement {
                topic,
                matter: about.clone(),
                about,
                value: value.to_owned(),
                openness,
                words: words.to_owned(),
                origins,
            },
            Extent {
                of_networks: topic == Topic::Mesh,
                of_holders: true,
                lasts_with: connection,
                ..Extent::default()
            },
        );
    }

    fn unverified(&mut self, one: &Configured<'_>, remote: &Remote, what: &str) {
        let connection = self.connection(one, what);
        let said = Said {
            topic: Topic::Authentication,
            about: &format!("server behind the {what}"),
            value: "anyone",
            openness: 1,
            words: &format!("does not verify the server behind its {what}"),
            connection: Some(connection),
        };
        self.say(one, said);
        let words = format!("does not verify the server behind its {what}");
        let subject = format!("NATS/{} {what}", self.group.name);
        let source = one.source(remote.file.as_ref());
        self.declarations
            .open_door(subject, (words, BELIEVED), source, remote.lines);
    }

    fn routes(&mut self) {
        for one in &self.group.servers {
            for place in &one.server.routes {
                self.mesh(
                    one,
                    &format!("servers at {place}"),
                    "joined",
                    1,
                    &format!("has servers at {place}"),
                );
            }
        }
    }

    fn mesh(&mut self, one: &Configured<'_>, about: &str, value: &str, openness: i32, words: &str) {
        let said = Said {
            topic: Topic::Mesh,
            about,
            value,
            openness,
            words,
            connection: None,
        };
        self.say(one, said);
    }

    fn leaves(&mut self) {
        for one in &self.group.servers {
            for leaf in &one.server.leaves {
                let what = format!("leaf connection to {}", leaf.name);
                let account = leaf.account.as_deref().unwrap_or("$G");
                let value = format!("account {account} {}", leaf.terms);
                let words = format!(
                    "joins the servers at {} as a leaf node, with account {account}",
                    leaf.name
                );
                self.mesh(one, &what, value.trim(), 1, &words);
                let how = match leaf.encryption {
                    Encryption::Tls => "over TLS only",
                    Encryption::Either => "over TLS only if the servers there ask for it",
                    Encryption::Plain => "in the clear",
                };
                let connection = Some(self.connection(one, &what));
                let said = Said {
                    topic: Topic::Encryption,
                    about: &what,
                    value: leaf.encryption.value(),
                    openness: leaf.encryption as i32,
                    words: &format!("calls the servers at {} {how}", leaf.name),
                    connection: connection.clone(),
                };
                self.say(one, said);
                let proves = if leaf.is_proven {
                    "shows"
                } else {
                    "does not show"
                };
                let said = Said {
                    topic: Topic::Authentication,
                    about: &what,
                    value: proves,
                    openness: i32::from(!leaf.is_proven),
                    words: &format!("{proves} the servers at {} who it is", leaf.name),
                    connection,
                };
                self.say(one, said);
                if !leaf.is_verified {
                    self.unverified(one, leaf, &what);
                }
            }
        }
    }

    fn accounts(&mut self) {
        for one in &self.group.servers {
            for (what, with) in &one.server.crossings {
                self.mesh(one, what, with, 1, &format!("has an {what}, {with}"));
            }
            if let Some(operator) = &one.server.operator {
                let words = "takes accounts that its operator signed";
                self.mesh(one, "operator", operator, 0, words);
            }
            if let Some(domain) = &one.server.domain {
                let words = format!("keeps its streams in the JetStream domain {domain}");
                self.mesh(one, "JetStream domain", domain, 0, &words);
            }
        }
    }
}

/// Settings that let traffic go in the clear, and that let somebody in who proves nothing.
fn sites(group: &Group<'_, '_>, groups: &Named, declarations: &mut Declarations<'_>) {
    // Servers of one cluster that share a file say the same of it once.
    let mut sites = BTreeSet::new();
    for one in &group.servers {
        for listener in &one.server.listeners {
            let channel = listener.channel;
            let dials = channel == Channel::Routes && !one.server.routes.is_empty();
            if listener.is_local() && !dials {
                continue;
            }
            let subject = format!("NATS/{} {}", group.name, channel.name());
            let source = one.source(listener.file.as_ref());
            if listener.encryption != Encryption::Tls {
                sites.insert(Site {
                    subject: subject.clone(),
                    words: encryption_words(channel, listener.encryption),
                    source: source.clone(),
                    lines: listener.lines,
                    far_side: FarSide::NotTold,
                    unproven: None,
                });
            }
            if !listener.asks.is_proven() || listener.asks.takes_names() {
                let told = (proof_words(channel, &listener.asks), LET_IN);
                declarations.open_door(subject, told, source, listener.lines);
            }
        }
        for (channel, line) in &one.server.unverified {
            // It concerns outgoing connections only.
            if matches!(
                channel,
                Channel::Routes | Channel::Gateways | Channel::LeafNodes
            ) {
                let subject = format!("NATS/{} servers called ({})", group.name, channel.name());
                let words = "calls servers whose certificates nobody verifies".to_owned();
                let source = one.object.source.clone();
                declarations.open_door(subject, (words, BELIEVED), source, [*line, *line]);
            }
        }
        for remote in one.server.gateways.iter().filter(|remote| !remote.is_local) {
            if remote.encryption != Encryption::Tls {
                let mut site = remote_site(group, one, remote, "gateway to");
                // A cluster whose servers are configured here is the organisation's own.
                if groups.contains_key(&remote.name) {
                    site.far_side = FarSide::NotTold;
                }
                sites.insert(site);
            }
        }
        for leaf in one.server.leaves.iter().filter(|leaf| !leaf.is_local) {
            if leaf.encryption != Encryption::Tls {
                sites.insert(remote_site(group, one, leaf, "leaf connection to"));
            }
            if !leaf.is_proven {
                let subject = format!("NATS/{} leaf connection to {}", group.name, leaf.name);
                let words = format!("does not show the servers at {} who it is", leaf.name);
                let why = Unproven::at_listener("so nothing tells it from others there");
                let source = one.source(leaf.file.as_ref());
                declarations.open_door(subject, (words, why), source, leaf.lines);
            }
        }
    }
    declarations.sites.extend(sites);
}

fn remote_site(group: &Group<'_, '_>, one: &Configured<'_>, remote: &Remote, what: &str) -> Site {
    let how = match remote.encryption {
        Encryption::Either => "over TLS only if the servers there ask for it",
        _ if what.starts_with("leaf") => "in the clear: its address begins with ws://",
        _ => "in the clear: only a `tls` block encrypts it, whatever its address says",
    };
    Site {
        subject: format!("NATS/{} {what} {}", group.name, remote.name),
        words: format!("has a {what} {}, {how}", remote.name),
        source: one.source(remote.file.as_ref()),
        lines: remote.lines,
        far_side: FarSide::at(&remote.machines),
        unproven: None,
    }
}
