//! What a gateway in front of services comes to, whichever it is: who may enter and how, and how it calls what is behind it.
//!
//! The systems fill in [`Gateway`] from their own shapes; what is said of it is said here, in one way for all. An entrance that
//! asks for what another one asks for already is no change, and neither is an upstream called as others are. One that asks for
//! nothing always is.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::{Counts, Topic};
use crate::graph::origin::OriginId;

use super::declare::{
    Boundary, Declarations, Extent, FarSide, Fault, FaultKind, Hop, Remedy, Site, Statement,
    Unproven,
};
use super::object::Object;

/// A gateway, as far as one object tells of it.
pub(super) struct Gateway<'m> {
    /// What to call it, in one word.
    pub name: String,
    /// What to cite in findings, in one word.
    pub shown: String,
    /// What bears the facts.
    pub boundaries: Vec<Boundary>,
    /// The object that says so.
    pub object: &'m Object,
    /// Callers have to be asked who they are here, since nothing behind it is known to ask.
    pub expects_proof: bool,
    /// Where calls come in.
    pub entrances: Vec<Entrance>,
    /// What it calls.
    pub upstreams: Vec<Upstream>,
    /// Ports and hosts it is entered at.
    pub doors: Vec<Door>,
    /// Tokens that are not verified, or called authenticators that are not: what, in words, and the lines.
    pub unverified: Vec<Unverified>,
}

/// Where calls come in: a path, a route.
#[derive(Debug, Clone)]
pub(super) struct Entrance {
    /// The same before and after.
    pub name: String,
    /// What callers must show, in fixed words; empty: nothing.
    pub asks: String,
    /// The lines that say so.
    pub lines: [usize; 2],
}

/// How well an upstream's certificate is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verified {
    /// It is verified.
    Yes,
    /// That depends on something no file tells.
    Depends(&'static str),
    /// It is not.
    No,
}

/// What a gateway calls.
#[derive(Debug, Clone)]
pub(super) struct Upstream {
    /// The same before and after: a host, or the name of a service.
    pub name: String,
    /// Where it is, as far as a file tells: hosts, with or without a port.
    pub hosts: Vec<String>,
    /// It is called in the clear.
    pub is_plain: bool,
    /// Of TLS: whether the other side is verified.
    pub verified: Verified,
    /// Which names it believes there, of all that the authorities vouch for; empty: any. `None`: that goes without saying.
    pub names: Option<String>,
    /// Plaintext there is somebody's word, and asks for a carve-out.
    pub is_site: bool,
    /// The lines that say so.
    pub lines: [usize; 2],
}

/// A port or host at which a gateway is entered.
#[derive(Debug, Clone)]
pub(super) struct Door {
    /// The same before and after.
    pub name: String,
    /// Calls come in without TLS.
    pub is_plain: bool,
    /// It opens to the world around by being there.
    pub is_exposed: bool,
    /// Plaintext there asks for a carve-out.
    pub is_site: bool,
    /// The lines that say so.
    pub lines: [usize; 2],
}

/// Something a gateway relies on and does not verify.
#[derive(Debug, Clone)]
pub(super) struct Unverified {
    /// Which; the same before and after.
    pub name: String,
    /// What is the matter, to stand after the gateway's name.
    pub words: String,
    /// It is a token that is not verified, or what decides on it.
    pub is_token: bool,
    /// The lines that say so.
    pub lines: [usize; 2],
}

/// What is said of one of several.
struct Alike<'a> {
    what: &'a str,
    name: &'a str,
    value: &'a str,
    openness: i32,
    words: String,
}

/// What follows where callers are asked for nothing, and where nobody looks at a server.
pub(super) const LET_IN: Unproven = Unproven {
    why: Cow::Borrowed("so whoever gets there is let in"),
    remedy: Remedy::Credentials,
};
pub(super) const BELIEVED: Unproven = Unproven {
    why: Cow::Borrowed("so whoever answers is believed"),
    remedy: Remedy::Verification,
};

/// How many others one is compared with.
const MAX_ALIKE: usize = 20;

/// What stands for the gateway that an object configures. One in a namespace is another than one of its name elsewhere.
pub(super) fn boundary(object: &Object, name: &str) -> Boundary {
    let identity = &object.identity;
    let known_by = match &identity.namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    };
    Boundary::Gateway(identity.cluster.clone(), known_by)
}

/// Hosts that lie on the machine or in the pod of the gateway itself.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[');
    let is_named = host
        .strip_prefix("localhost")
        .is_some_and(|port| port.is_empty() || port.starts_with(':'));
    is_named || host.starts_with("127.") || host == "::1" || host.starts_with("::1]")
}

/// Host and port of an address, without scheme, path and credentials.
pub(super) fn authority(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['/', '?']).next().unwrap_or(rest);
    rest.rsplit_once('@').map_or(rest, |(_, host)| host)
}

/// The scheme of an address; empty if it has none.
pub(super) fn scheme(address: &str) -> &str {
    address.split_once("://").map_or("", |(scheme, _)| scheme)
}

impl<'m> Gateway<'m> {
    /// A gateway of which nothing is known yet.
    pub(super) fn new(
        system: &str,
        name: impl Into<String>,
        boundaries: Vec<Boundary>,
        object: &'m Object,
    ) -> Self {
        let name: String = name.into();
        let word: Vec<&str> = name.split_whitespace().collect();
        Self {
            shown: format!("{system}/{}", word.join("-")),
            name,
            boundaries,
            object,
            expects_proof: true,
            entrances: Vec::new(),
            upstreams: Vec::new(),
            doors: Vec::new(),
            unverified: Vec::new(),
        }
    }

    /// State what it comes to.
    pub(super) fn declare(&self, declarations: &mut Declarations<'_>) {
        let origins = declarations.origins_of([self.object]);
        self.entrances(&origins, declarations);
        self.upstreams(&origins, declarations);
        self.doors(&origins, declarations);
        for one in &self.unverified {
            let statement = Statement {
                topic: Topic::Authentication,
                about: format!("{} of {}", one.name, self.name),
                matter: format!("{} of {}", one.name, self.name),
                value: one.words.clone(),
                openness: 1,
                words: one.words.clone(),
                origins: origins.clone(),
            };
            let subject = format!("{} {}", self.shown, one.name);
            let source = self.object.source.clone();
            self.state(statement, declarations);
            if one.is_token {
                declarations.faults.push(Fault {
                    kind: FaultKind::UnverifiedToken,
                    subject,
                    words: one.words.clone(),
                    source,
                    lines: one.lines,
                });
            } else {
                let told = (one.words.clone(), LET_IN);
                declarations.open_door(subject, told, source, one.lines);
            }
        }
    }

    /// State one of several that may be alike: it is a change where none of its like is there on the other side.
    fn alike(
        &self,
        alike: &Alike<'_>,
        others: &[&str],
        declarations: &mut Declarations<'_>,
        origins: &BTreeSet<OriginId>,
    ) {
        let matter = format!("{} of {}", alike.what, self.name);
        let about = |name: &str| format!("{matter}: {name} itself");
        let others = others.iter().filter(|name| **name != alike.name);
        // It stands for itself too, so that it says the same alone.
        let others = others.take(MAX_ALIKE).chain([&alike.name]);
        let statement = Statement {
            topic: Topic::Authentication,
            about: about(alike.name),
            matter: matter.clone(),
            value: alike.value.to_owned(),
            openness: alike.openness,
            words: alike.words.clone(),
            origins: origins.clone(),
        };
        let extent = Extent {
            exception_to: others.map(|name| about(name)).collect(),
            ..self.extent()
        };
        declarations.state_as(&self.boundaries, statement, extent);
    }

    /// What calls, and is called: the gateway of a file, and whatever serves the routes of a namespace.
    fn place(&self) -> String {
        let around = Boundary::around(&self.object.identity);
        let own = self.boundaries.first();
        let own = own.filter(|own| matches!(own, Boundary::Gateway(..)));
        own.unwrap_or(&around).key().as_str().to_owned()
    }

    /// How far what is said of it holds: an object of Kubernetes speaks of its namespace and cluster by itself.
    fn extent(&self) -> Extent {
        Extent {
            of_holders: matches!(self.boundaries.first(), Some(Boundary::Gateway(..))),
            ..Extent::default()
        }
    }

    fn state(&self, statement: Statement, declarations: &mut Declarations<'_>) {
        declarations.state_as(&self.boundaries, statement, self.extent());
    }

    fn entrances(&self, origins: &BTreeSet<OriginId>, declarations: &mut Declarations<'_>) {
        let mut by_asking: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for entrance in &self.entrances {
            let alike = by_asking.entry(&entrance.asks).or_default();
            alike.push(&entrance.name);
        }
        for entrance in &self.entrances {
            let name = &entrance.name;
            if !entrance.asks.is_empty() {
                let alike = Alike {
                    what: "callers",
                    name,
                    value: &entrance.asks,
                    openness: -i32::from(!self.expects_proof),
                    words: format!("asks callers of {name} for {}", entrance.asks),
                };
                let others = by_asking.get(entrance.asks.as_str());
                let others = others.map(Vec::as_slice).unwrap_or_default();
                self.alike(&alike, others, declarations, origins);
                continue;
            }
            let words = format!("asks callers of {name} for nothing");
            let statement = Statement {
                topic: Topic::Authentication,
                about: format!("callers of {}: {name} itself", self.name),
                matter: format!("callers of {}", self.name),
                value: "nothing".to_owned(),
                openness: i32::from(self.expects_proof),
                words: words.clone(),
                origins: origins.clone(),
            };
            let extent = Extent {
                // Where something behind it may ask, only one that asks no longer counts.
                counts: match self.expects_proof {
                    true => Counts::Always,
                    false => Counts::Nowhere,
                },
                ..self.extent()
            };
            declarations.state_as(&self.boundaries, statement, extent);
            if !self.expects_proof {
                continue;
            }
            let subject = format!("{} callers of {name}", self.shown);
            let source = self.object.source.clone();
            declarations.open_door(subject, (words, LET_IN), source, entrance.lines);
        }
    }

    fn upstreams(&self, origins: &BTreeSet<OriginId>, declarations: &mut Declarations<'_>) {
        let depending: Vec<&str> = self
            .upstreams
            .iter()
            .filter(|one| matches!(one.verified, Verified::Depends(_)) && !one.is_plain)
            .map(|one| one.name.as_str())
            .collect();
        for upstream in &self.upstreams {
            let name = &upstream.name;
            if upstream.is_plain {
                let words = format!("calls {name} in the clear");
                self.state(
                    Statement {
                        topic: Topic::Encryption,
                        about: format!("calls of {} to {name}", self.name),
                        matter: format!("calls of {}", self.name),
                        value: "plaintext".to_owned(),
                        openness: 1,
                        words: words.clone(),
                        origins: origins.clone(),
                    },
                    declarations,
                );
                if upstream.is_site {
                    let site = Site {
                        subject: format!("{} calls {name}", self.shown),
                        words,
                        source: self.object.source.clone(),
                        lines: upstream.lines,
                        far_side: FarSide::at(&upstream.hosts),
                        unproven: None,
                    };
                    let called = match upstream.hosts.is_empty() {
                        true => vec![name.clone()],
                        false => upstream.hosts.clone(),
                    };
                    let hop = Hop::new(format!("calls of {}", self.place()), called);
                    declarations.site(site, hop);
                }
                continue;
            }
            match upstream.verified {
                Verified::Yes => self.names(upstream, origins, declarations),
                Verified::Depends(on) => {
                    let alike = Alike {
                        what: "servers called",
                        name,
                        value: on,
                        openness: 1,
                        words: format!("verifies the certificate of {name} {on}"),
                    };
                    self.alike(&alike, &depending, declarations, origins);
                }
                Verified::No => {
                    let words = format!("does not verify the certificate of {name}");
                    self.state(
                        Statement {
                            topic: Topic::Authentication,
                            about: format!("servers called of {}: {name} itself", self.name),
                            matter: format!("servers called of {}", self.name),
                            value: "anyone".to_owned(),
                            openness: 2,
                            words: words.clone(),
                            origins: origins.clone(),
                        },
                        declarations,
                    );
                    let subject = format!("{} certificate of {name}", self.shown);
                    let source = self.object.source.clone();
                    declarations.open_door(subject, (words, BELIEVED), source, upstream.lines);
                }
            }
        }
    }

    /// Whose certificate is believed: a name that is no longer asked for lets everybody answer whom the authorities know.
    fn names(
        &self,
        upstream: &Upstream,
        origins: &BTreeSet<OriginId>,
        declarations: &mut Declarations<'_>,
    ) {
        let (name, Some(names)) = (&upstream.name, &upstream.names) else {
            return;
        };
        let any = "any name that its authorities vouch for";
        let names = if names.is_empty() { any } else { names };
        let statement = Statement {
            topic: Topic::Authentication,
            about: format!("names of servers called of {}: {name}", self.name),
            matter: format!("servers called of {}", self.name),
            value: names.to_owned(),
            openness: i32::from(names == any),
            words: format!("believes {names} at {name}"),
            origins: origins.clone(),
        };
        let extent = Extent {
            counts: Counts::OnBothSides,
            ..self.extent()
        };
        declarations.state_as(&self.boundaries, statement, extent);
    }

    fn doors(&self, origins: &BTreeSet<OriginId>, declarations: &mut Declarations<'_>) {
        for door in &self.doors {
            let name = &door.name;
            let words = format!("is entered at {name} in the clear");
            let about = format!("door {name} of {}", self.name);
            let statement = |topic, value: &str, words: String| Statement {
                topic,
                about: about.clone(),
                matter: about.clone(),
                value: value.to_owned(),
                openness: 1,
                words,
                origins: origins.clone(),
            };
            if door.is_exposed {
                let words = format!("is entered at {name}");
                self.state(statement(Topic::Exposure, "open", words), declarations);
            }
            if door.is_plain {
                let told = statement(Topic::Encryption, "plaintext", words.clone());
                self.state(told, declarations);
            }
            if door.is_plain && door.is_site {
                let site = Site {
                    subject: format!("{} door {name}", self.shown),
                    words,
                    source: self.object.source.clone(),
                    lines: door.lines,
                    far_side: FarSide::NotTold,
                    unproven: None,
                };
                let hop = Hop::new(format!("doors of {}", self.place()), [name.clone()]);
                declarations.site(site, hop);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_apart() {
        assert_eq!(
            authority("http://u:p@api.example:8080/x?y"),
            "api.example:8080"
        );
        assert_eq!(authority("api:1/x"), "api:1");
        assert_eq!((scheme("https://a"), scheme("a")), ("https", ""));
        for host in [
            "127.0.0.1:80",
            "localhost",
            "localhost:1",
            "[::1]:80",
            "::1",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        assert!(!is_loopback("localhost.example") && !is_loopback("api"));
    }
}
