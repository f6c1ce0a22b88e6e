//! What one nats-server is configured to do: its listeners, whom it calls, and what each asks of the other side.
//!
//! Keys and defaults: `server/opts.go` of <https://github.com/nats-io/nats-server>, read 2026-11-22. Whether routes, gateways
//! and leaf nodes are encrypted is decided by a `tls` block and not by the scheme of an address (`server/gateway.go`,
//! `server/route.go`, `server/leafnode.go`); `ws://` and `wss://` alone mean what they say.

use std::collections::BTreeSet;

use super::super::gateways::{authority, is_loopback};
use super::super::yaml::{Content, Field, Node};
use super::grammar::FILE;

/// How traffic goes over a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Encryption {
    /// Always TLS; also where there is no such connection.
    Tls,
    /// TLS or plaintext, as the other side wants.
    Either,
    /// Plaintext.
    Plain,
}

/// Sorts of connection, each with a block of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Channel {
    Clients,
    Routes,
    Gateways,
    LeafNodes,
    WebSocket,
    Mqtt,
    Monitoring,
}

impl Channel {
    pub(super) const ALL: [Self; 7] = [
        Self::Clients,
        Self::Routes,
        Self::Gateways,
        Self::LeafNodes,
        Self::WebSocket,
        Self::Mqtt,
        Self::Monitoring,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Routes => "routes",
            Self::Gateways => "gateways",
            Self::LeafNodes => "leaf nodes",
            Self::WebSocket => "websocket clients",
            Self::Mqtt => "mqtt clients",
            Self::Monitoring => "monitoring",
        }
    }

    /// The names of its block; none: the top.
    pub(super) fn block(self) -> &'static [&'static str] {
        match self {
            Self::Clients | Self::Monitoring => &[],
            Self::Routes => &["cluster"],
            Self::Gateways => &["gateway"],
            Self::LeafNodes => &["leafnodes", "leaf"],
            Self::WebSocket => &["websocket", "ws"],
            Self::Mqtt => &["mqtt"],
        }
    }
}

/// One sort of connection of one server.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    pub(super) channel: Channel,
    pub(super) encryption: Encryption,
    /// What whoever connects has to show.
    pub(super) asks: Asks,
    /// The address it listens on; empty for all. `None`: it does not listen.
    pub(super) host: Option<String>,
    /// The lines that say so.
    pub(super) lines: [usize; 2],
    /// The file, if another than the server's own.
    pub(super) file: Option<String>,
}

impl Listener {
    /// Whether only its own machine reaches it.
    pub(super) fn is_local(&self) -> bool {
        self.host
            .as_deref()
            .is_none_or(|host| is_loopback(host) || host == "none")
    }
}

/// Another cluster that gateways lead to.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    /// The cluster's name, or where the leaf node dials.
    pub(super) name: String,
    /// The domains of its machines, or its addresses.
    pub(super) hosts: BTreeSet<String>,
    /// Its machines.
    pub(super) machines: BTreeSet<String>,
    pub(super) encryption: Encryption,
    /// Nothing of it leaves this machine.
    pub(super) is_local: bool,
    /// The server there is verified, as far as there is TLS.
    pub(super) is_verified: bool,
    /// This side shows who it is.
    pub(super) is_proven: bool,
    pub(super) account: Option<String>,
    /// What may not cross, and who is the hub.
    pub(super) terms: String,
    pub(super) lines: [usize; 2],
    pub(super) file: Option<String>,
}

/// One server.
#[derive(Debug, Clone, Default)]
pub(super) struct Server {
    /// What its cluster is called, if anything.
    pub(super) cluster: Option<String>,
    pub(super) listeners: Vec<Listener>,
    pub(super) gateways: Vec<Remote>,
    pub(super) leaves: Vec<Remote>,
    /// Where its routes lead, without ports.
    pub(super) routes: BTreeSet<String>,
    /// It calls servers whose certificates nobody verifies: the blocks that say so, with their lines.
    pub(super) unverified: Vec<(Channel, usize)>,
    /// It has gateways, and takes only clusters that it names.
    pub(super) rejects_unknown: Option<bool>,
    /// Who signs the accounts.
    pub(super) operator: Option<String>,
    /// What crosses between accounts: which, with whom.
    pub(super) crossings: Vec<(String, String)>,
    pub(super) domain: Option<String>,
    /// What is no address, with the line.
    pub(super) malformed: Vec<(String, usize)>,
}

/// The last field of several names; letter case does not count.
pub(super) fn field<'n>(node: &'n Node, names: &[&str]) -> Option<&'n Field> {
    let mut fields = node.fields().iter().rev();
    fields.find(|field| {
        names
            .iter()
            .any(|name| field.key.eq_ignore_ascii_case(name))
    })
}

pub(super) fn value<'n>(node: &'n Node, names: &[&str]) -> Option<&'n Node> {
    let value = &field(node, names)?.value;
    (!value.is_null()).then_some(value)
}

fn text<'n>(node: &'n Node, names: &[&str]) -> Option<&'n str> {
    value(node, names)?.text()
}

/// A name that is written out, and no variable of the environment.
fn name(node: &Node, names: &[&str]) -> Option<String> {
    let text = text(node, names)?;
    (!text.is_empty() && !text.starts_with('$')).then(|| text.to_owned())
}

fn is_on(node: &Node, names: &[&str]) -> bool {
    value(node, names).and_then(Node::truth) == Some(true)
}

fn items(node: Option<&Node>) -> Vec<&Node> {
    match node {
        Some(node) if node.is_map() || node.text().is_some() => vec![node],
        Some(node) => node.items().iter().collect(),
        None => Vec::new(),
    }
}

/// Host of an address without its scheme, user and port.
fn host_of(address: &str) -> &str {
    let rest = authority(address);
    match rest.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or(inner),
        None => rest.rsplit_once(':').map_or(rest, |(host, _)| host),
    }
}

/// What a host belongs to: machines of one domain count as one.
fn place_of(host: &str) -> String {
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    match host.split_once('.') {
        Some((_, domain)) if !is_address && domain.contains('.') => domain.to_owned(),
        _ => host.to_owned(),
    }
}

impl Server {
    /// Read what a configuration says. `whole` are the lines that stand for what has no line of its own.
    pub(super) fn of(root: &Node, whole: [usize; 2]) -> Self {
        let mut server = Self::default();
        let cluster = value(root, &["cluster"]);
        let gateway = value(root, &["gateway"]);
        server.cluster = cluster
            .and_then(|block| name(block, &["name"]))
            .or_else(|| gateway.and_then(|block| name(block, &["name"])));
        let asks = Asking::of(root);
        for channel in Channel::ALL {
            server.listener(root, channel, &asks, whole);
        }
        server.routes = items(cluster.and_then(|block| value(block, &["routes"])))
            .into_iter()
            .filter_map(Node::text)
            .map(host_of)
            .filter(|host| !is_loopback(host))
            .map(place_of)
            .collect();
        if let Some(gateway) = gateway {
            server.gateways(gateway);
        }
        if let Some(leaves) = value(root, Channel::LeafNodes.block()) {
            server.leaves(leaves);
        }
        let operator = ["operator", "operators", "trusted_keys", "trusted"];
        server.operator = value(root, &operator).map(Node::canonical);
        server.domain = value(root, &["jetstream"]).and_then(|block| name(block, &["domain"]));
        if let Some(accounts) = value(root, &["accounts"]) {
            for account in accounts.fields().iter().filter(|field| field.key != FILE) {
                server.crossings(account);
            }
        }
        server
    }

    fn listener(&mut self, root: &Node, channel: Channel, asks: &Asking, whole: [usize; 2]) {
        let file_of = |node: &Node| node.text_at(&[FILE]).map(str::to_owned);
        let block_field = field(root, channel.block()).filter(|field| field.value.is_map());
        let (block, lines, file) = match (block_field, channel.block().is_empty()) {
            (Some(field), _) => {
                let lines = [field.line, field.value.end_line];
                (&field.value, lines, file_of(&field.value))
            }
            (None, true) => (root, whole, None),
            (None, false) => return,
        };
        let tls = value(block, &["tls"]);
        let has_tls = tls.is_some_and(Node::is_map);
        if tls.is_some_and(|tls| is_on(tls, &["insecure"])) {
            let line = field(block, &["tls"]).map_or(lines[0], |field| field.line);
            self.unverified.push((channel, line));
        }
        let certificate = certificate(tls);
        let own = value(block, &["authorization"]).map(credentials);
        let own = own.unwrap_or_default();
        let own_anonymous = value(block, &["no_auth_user"]).is_some();
        let of_tls = |encrypted: bool| {
            if encrypted {
                Encryption::Tls
            } else {
                Encryption::Plain
            }
        };
        let general = || match own_anonymous {
            true => BTreeSet::new(),
            false => asks.credentials.clone(),
        };
        let own_or_general = || match own.is_empty() {
            true => general(),
            false => own.clone(),
        };
        let (encryption, asks) = match channel {
            Channel::Clients if has_tls && is_on(root, &["allow_non_tls"]) => {
                (Encryption::Either, Asks::of(None, asks.credentials.clone()))
            }
            Channel::Clients => (
                of_tls(has_tls),
                Asks::of(certificate, asks.credentials.clone()),
            ),
            // Both ends show certificates whenever there is TLS.
            Channel::Routes | Channel::Gateways => {
                let certificate = has_tls.then_some(Certificate::Any);
                (of_tls(has_tls), Asks::of(certificate, own))
            }
            Channel::LeafNodes => {
                let credentials = match own.is_empty() {
                    true => asks.credentials.clone(),
                    false => own,
                };
                (of_tls(has_tls), Asks::of(certificate, credentials))
            }
            Channel::WebSocket => {
                let is_plain = !has_tls && is_on(block, &["no_tls"]);
                (of_tls(!is_plain), Asks::of(certificate, own_or_general()))
            }
            Channel::Mqtt => (of_tls(has_tls), Asks::of(certificate, own_or_general())),
            Channel::Monitoring => {
                let plain = field(root, &["http", "http_port", "monitor_port"])
                    .filter(|field| field.value.text().is_some_and(|text| text != "0"));
                let Some(plain) = plain else { return };
                let host = self.host(root, &["http"], plain.line);
                self.listeners.push(Listener {
                    channel,
                    encryption: Encryption::Plain,
                    // It shows what goes on and takes nothing, so nobody is asked by design.
                    asks: Asks::ByDesign,
                    host: Some(host),
                    lines: [plain.line, plain.value.end_line],
                    file: None,
                });
                return;
            }
        };
        let listen = field(block, &["listen", "port", "host", "net"]);
        // A block that only gives a name, or only dials, lets nobody in.
        let calls = ["routes", "gateways"];
        if channel != Channel::Clients && listen.is_none() && value(block, &calls).is_none() {
            return;
        }
        let host = self.host(block, &["listen"], lines[0]);
        let listens = match channel {
            Channel::Clients => !is_on(root, &["dont_listen"]),
            _ => listen.is_some(),
        };
        let told = match channel {
            Channel::Clients => listen.map_or(lines, |field| [field.line, field.value.end_line]),
            _ => lines,
        };
        self.listeners.push(Listener {
            channel,
            encryption,
            asks,
            host: listens.then_some(host),
            lines: told,
            file,
        });
    }

    /// The host that a block listens on; empty for all.
    fn host(&mut self, block: &Node, names: &[&str], line: usize) -> String {
        let host = text(block, &["host", "net"]).unwrap_or_default();
        let host = match text(block, names) {
            None => host,
            Some(listen) if listen.starts_with('$') => listen,
            Some(listen) => match listen.rsplit_once(':') {
                Some((own, port)) => {
                    if port.parse::<i32>().is_err() && !port.starts_with('$') {
                        self.malformed.push((listen.to_owned(), line));
                    }
                    own
                }
                None if listen.parse::<i32>().is_ok() => host,
                None => {
                    self.malformed.push((listen.to_owned(), line));
                    host
                }
            },
        };
        match host {
            "0.0.0.0" | "::" | "[::]" => String::new(),
            host => host.to_owned(),
        }
    }

    fn gateways(&mut self, gateway: &Node) {
        self.rejects_unknown = Some(is_on(
            gateway,
            &["reject_unknown", "reject_unknown_cluster"],
        ));
        let inherited = value(gateway, &["tls"]);
        let own = name(gateway, &["name"]);
        for entry in items(value(gateway, &["gateways"])) {
            let Some(name) = name(entry, &["name"]).filter(|name| Some(name) != own.as_ref())
            else {
                continue;
            };
            let tls = value(entry, &["tls"]).or(inherited);
            let mut remote = remote(entry, name, tls);
            remote.is_proven = tls.is_some() || remote.is_proven;
            self.gateways.push(remote);
        }
    }

    fn leaves(&mut self, block: &Node) {
        for entry in items(value(block, &["remotes"])) {
            let tls = value(entry, &["tls"]);
            let addresses = items(value(entry, &["url", "urls"]));
            let all: Vec<&str> = addresses.into_iter().filter_map(Node::text).collect();
            let hosts: BTreeSet<&str> = all.iter().map(|address| host_of(address)).collect();
            let shown = hosts.into_iter().collect::<Vec<_>>().join(", ");
            let mut remote = remote(entry, shown, tls);
            remote.encryption = if all.iter().any(|address| address.starts_with("ws://")) {
                Encryption::Plain
            } else if tls.is_some() || all.iter().all(|address| address.starts_with("wss://")) {
                Encryption::Tls
            } else {
                // The hub decides, and says so in the clear.
                Encryption::Either
            };
            let credentials = ["credentials", "creds", "nkey", "seed"];
            let shows_certificate = tls.is_some_and(|tls| value(tls, &["cert_file"]).is_some());
            remote.is_proven |= value(entry, &credentials).is_some() || shows_certificate;
            remote.account = name(entry, &["account", "local"]);
            let terms = [
                "deny_imports",
                "deny_import",
                "deny_exports",
                "deny_export",
                "hub",
            ];
            let told = terms
                .iter()
                .filter_map(|key| Some(format!("{key} {}", value(entry, &[*key])?.canonical())));
            remote.terms = told.collect::<Vec<_>>().join(", ");
            self.leaves.push(remote);
        }
    }

    fn crossings(&mut self, account: &Field) {
        for export in items(value(&account.value, &["exports"])) {
            for kind in ["stream", "service"] {
                let Some(subject) = text(export, &[kind]) else {
                    continue;
                };
                let mut to = items(value(export, &["accounts"]))
                    .into_iter()
                    .filter_map(Node::text)
                    .collect::<Vec<_>>();
                to.sort_unstable();
                let to = match to.as_slice() {
                    [] => "every account".to_owned(),
                    some => some.join(", "),
                };
                let what = format!("export of {kind} {subject} by account {}", account.key);
                self.crossings.push((what, to));
            }
        }
        for import in items(value(&account.value, &["imports"])) {
            for kind in ["stream", "service"] {
                let Some(source) = value(import, &[kind]) else {
                    continue;
                };
                let subject = text(source, &["subject"]).unwrap_or("?");
                let from = text(source, &["account"]).unwrap_or("?");
                let what = format!("import of {kind} {subject} into account {}", account.key);
                self.crossings.push((what, from.to_owned()));
            }
        }
    }
}

fn remote(entry: &Node, name: String, tls: Option<&Node>) -> Remote {
    let addresses = items(value(entry, &["url", "urls"]));
    let all: Vec<&str> = addresses.into_iter().filter_map(Node::text).collect();
    Remote {
        name,
        hosts: all
            .iter()
            .map(|address| place_of(host_of(address)))
            .collect(),
        machines: all
            .iter()
            .map(|address| host_of(address).to_owned())
            .collect(),
        encryption: if tls.is_some() {
            Encryption::Tls
        } else {
            Encryption::Plain
        },
        is_local: !all.is_empty() && all.iter().all(|address| is_loopback(host_of(address))),
        is_verified: !tls.is_some_and(|tls| is_on(tls, &["insecure"])),
        is_proven: all.iter().any(|address| address.contains('@')),
        account: None,
        terms: String::new(),
        lines: [entry.line, entry.end_line],
        file: entry.text_at(&[FILE]).map(str::to_owned),
    }
}

/// A certificate that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certificate {
    /// Any that the authorities vouch for.
    Any,
    /// One that names the user.
    OfUser,
}

fn certificate(tls: Option<&Node>) -> Option<Certificate> {
    let tls = tls?;
    if is_on(tls, &["verify_and_map"]) {
        return Some(Certificate::OfUser);
    }
    let verifies = ["verify", "verify_cert_and_check_known_urls"];
    let verifies = verifies.iter().any(|key| is_on(tls, &[*key]));
    verifies.then_some(Certificate::Any)
}

/// A user whom nothing but its name shows.
const NAME_ALONE: &str = "no more than a name";

/// What whoever connects has to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asks {
    /// Nothing is asked for, and nothing has to be.
    ByDesign,
    /// Nothing.
    Nothing,
    /// What, in words. The number is greater the less that is.
    For(String, i32),
}

impl Asks {
    fn of(certificate: Option<Certificate>, mut credentials: BTreeSet<&'static str>) -> Self {
        if certificate == Some(Certificate::OfUser) {
            // The certificate says which user it is.
            credentials.remove(NAME_ALONE);
        }
        let by_name = credentials.contains(NAME_ALONE);
        let strength =
            i32::from(certificate.is_some()) + i32::from(!credentials.is_empty() && !by_name);
        let words = match certificate {
            Some(Certificate::Any) => Some("a certificate"),
            Some(Certificate::OfUser) => Some("a certificate that names a user"),
            None => None,
        };
        let credentials: Vec<&str> = credentials.into_iter().collect();
        let credentials = Some(credentials.join(" or ")).filter(|one| !one.is_empty());
        let words: Vec<String> = words
            .map(str::to_owned)
            .into_iter()
            .chain(credentials)
            .collect();
        match words.is_empty() {
            true => Self::Nothing,
            false => Self::For(words.join(" and "), 2 - strength),
        }
    }

    /// Whether somebody has to show who they are, as far as that is for anybody to ask.
    pub(super) fn is_proven(&self) -> bool {
        *self != Self::Nothing
    }

    /// Whether a name that is known lets somebody in.
    pub(super) fn takes_names(&self) -> bool {
        matches!(self, Self::For(what, weakness) if *weakness == 2 && what.contains(NAME_ALONE))
    }

    /// What is compared.
    pub(super) fn value(&self) -> &str {
        match self {
            Self::ByDesign => "proven",
            Self::Nothing => "nothing",
            Self::For(what, _) => what,
        }
    }

    /// How far it opens.
    pub(super) fn openness(&self) -> i32 {
        match self {
            Self::ByDesign => 0,
            Self::Nothing => 3,
            Self::For(_, weakness) => *weakness,
        }
    }
}

/// What a server asks of clients in general.
struct Asking {
    /// Any of these; none: nothing.
    credentials: BTreeSet<&'static str>,
}

impl Asking {
    fn of(root: &Node) -> Self {
        let mut asked = BTreeSet::new();
        // Whoever shows nothing is that user.
        if value(root, &["no_auth_user"]).is_none() {
            asked.extend(
                value(root, &["authorization"])
                    .into_iter()
                    .flat_map(credentials),
            );
            let accounts = value(root, &["accounts"]).map(Node::fields);
            for account in accounts.unwrap_or_default() {
                asked.extend(of_users(&account.value));
            }
            let signed = ["operator", "operators", "trusted_keys", "trusted"];
            if value(root, &signed).is_some() && value(root, &["default_sentinel"]).is_none() {
                asked.insert("a signed token");
            }
        }
        Self { credentials: asked }
    }
}

/// What a block of authorization asks for: any of these.
fn credentials(block: &Node) -> BTreeSet<&'static str> {
    let mut asked = of_users(block);
    asked.extend(credential(block));
    if value(block, &["auth_callout"]).is_some() {
        asked.insert("what a service decides on");
    }
    asked
}

fn of_users(block: &Node) -> BTreeSet<&'static str> {
    let Some(users) = value(block, &["users"]) else {
        return BTreeSet::new();
    };
    match &users.content {
        Content::List(items) => items.iter().filter_map(credential).collect(),
        _ => BTreeSet::from(["a password"]),
    }
}

/// What one user, or all, have to show.
fn credential(of: &Node) -> Option<&'static str> {
    let has = |names: &[&str]| value(of, names).is_some_and(|one| one.text() != Some(""));
    if has(&["token"]) {
        Some("a token")
    } else if has(&["nkey"]) {
        Some("a key")
    } else if has(&["password", "pass"]) {
        Some("a password")
    } else if has(&["user", "username"]) {
        Some(NAME_ALONE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::super::systems::File;
    use super::super::grammar;
    use super::*;

    fn server(text: &str) -> Server {
        let file = File {
            path: "n.conf",
            text,
            other: &|_| None,
        };
        let fields = grammar::read(&file).unwrap().fields;
        let root = Node {
            line: 1,
            end_line: 1,
            content: Content::Map(fields),
        };
        Server::of(&root, [1, 1])
    }

    #[track_caller]
    fn check(text: &str, channel: Channel, encryption: Encryption, is_proven: bool) {
        let server = server(text);
        let mut listeners = server.listeners.iter();
        let found = listeners.find(|one| one.channel == channel).unwrap();
        assert_eq!(
            (found.encryption, found.asks.is_proven()),
            (encryption, is_proven),
            "{text}"
        );
    }

    use Channel::*;
    use Encryption::*;

    #[test]
    fn a_tls_block_decides_for_clients_and_letter_case_does_not() {
        check("port: 4222", Clients, Plain, false);
        check("TLS { cert_file: c }", Clients, Tls, false);
        check("tls { verify: true }", Clients, Tls, true);
        check("tls { verify_and_map: true }", Clients, Tls, true);
        check("tls {}\nallow_non_tls: true", Clients, Either, false);
    }

    #[test]
    fn clients_are_asked_by_users_accounts_or_an_operator_unless_one_user_is_for_all() {
        check("authorization { token: x }", Clients, Plain, true);
        check("authorization { users: [{user: a}] }", Clients, Plain, true);
        check("authorization { users: [] }", Clients, Plain, false);
        check(
            "accounts { A { users: [{nkey: U}] } }",
            Clients,
            Plain,
            true,
        );
        check("accounts { A { exports: [] } }", Clients, Plain, false);
        check("operator: /o.jwt", Clients, Plain, true);
        check(
            "accounts { A { users: [{user: a}] } }\nno_auth_user: a",
            Clients,
            Plain,
            false,
        );
    }

    #[test]
    fn what_clients_have_to_show_is_named_and_less_of_it_opens_more() {
        let asks = |text: &str| {
            let listeners = server(text).listeners.into_iter();
            let mut clients = listeners.filter(|one| one.channel == Clients);
            clients.next().unwrap().asks
        };
        let password = "authorization { users: [{user: a, password: p}";
        let both = asks(&format!("tls {{ verify: true }}\n{password}] }}"));
        assert_eq!(both.value(), "a certificate and a password");
        let one = asks(&format!("tls {{}}\n{password}] }}"));
        assert_eq!(one.value(), "a password");
        let name = asks(&format!("tls {{}}\n{password}, {{user: b}}] }}"));
        assert_eq!(name.value(), "a password or no more than a name");
        assert!(name.takes_names() && !one.takes_names());
        let nothing = asks("port: 1");
        let order = [&both, &one, &name, &nothing].map(Asks::openness);
        assert!(order.is_sorted() && order[0] < order[1] && order[1] < order[2]);
        // The certificate says who it is.
        let mapped = asks("tls { verify_and_map: true }\nauthorization { users: [{user: b}] }");
        assert_eq!(mapped.value(), "a certificate that names a user");
        let anonymous = asks(&format!(
            "tls {{ verify: true }}\n{password}] }}\nno_auth_user: a"
        ));
        assert_eq!(anonymous.value(), "a certificate");
    }

    #[test]
    fn a_second_block_of_one_name_replaces_the_first() {
        check(
            "authorization { user: a, password: b }\nauthorization { timeout: 2 }",
            Clients,
            Plain,
            false,
        );
    }

    #[test]
    fn gateways_and_routes_are_encrypted_by_their_block_and_not_by_an_address() {
        check("gateway { name: a, port: 1 }", Gateways, Plain, false);
        check("gateway { name: a, port: 1, tls {} }", Gateways, Tls, true);
        check(
            "cluster { port: 1, authorization { user: u } }",
            Routes,
            Plain,
            true,
        );
        let remotes = |text: &str| -> Vec<(String, Encryption)> {
            let gateways = server(text).gateways.into_iter();
            gateways.map(|one| (one.name, one.encryption)).collect()
        };
        assert_eq!(
            remotes("gateway { name: a, gateways: [{name: a}, {name: b, url: \"tls://b:1\"}] }"),
            [("b".to_owned(), Plain)]
        );
        assert_eq!(
            remotes("gateway { tls {}, gateways: [{name: b, url: nats://b:1}] }"),
            [("b".to_owned(), Tls)]
        );
        assert_eq!(
            remotes("gateway { gateways: [{name: b, url: nats://b:1, tls {}}] }"),
            [("b".to_owned(), Tls)]
        );
    }

    #[test]
    fn a_leaf_node_without_a_block_leaves_it_to_the_hub_and_web_sockets_do_not() {
        let dialled = |remote: &str| {
            let text = format!("leafnodes {{ remotes: [{{{remote}}}] }}");
            server(&text).leaves.remove(0)
        };
        assert_eq!(dialled("url: \"tls://hub:7422\"").encryption, Either);
        assert_eq!(dialled("url: nats://hub:7422, tls {}").encryption, Tls);
        assert_eq!(dialled("url: wss://hub").encryption, Tls);
        assert_eq!(dialled("url: ws://hub").encryption, Plain);
        assert!(!dialled("url: nats://hub").is_proven);
        assert!(dialled("url: nats://u:p@hub").is_proven);
        assert!(dialled("url: nats://hub, creds: x").is_proven);
        assert!(!dialled("url: nats://hub, tls {insecure: true}").is_verified);
    }

    #[test]
    fn what_a_server_dials_on_its_own_machine_is_local_and_one_address_elsewhere_is_not() {
        let is_local = |urls: &str| {
            let text = format!("gateway {{ gateways: [{{name: b, urls: [{urls}]}}] }}");
            server(&text).gateways.remove(0).is_local
        };
        assert!(is_local(
            "\"nats://localhost:4500\", \"nats://127.0.0.1:4501\""
        ));
        assert!(!is_local("\"nats://localhost:4500\", \"nats://b:4500\""));
        assert!(!is_local(""));
    }

    #[test]
    fn a_web_socket_is_encrypted_unless_it_says_no_and_has_no_certificate() {
        check("websocket { port: 8080 }", WebSocket, Tls, false);
        check(
            "websocket { port: 1, no_tls: true }",
            WebSocket,
            Plain,
            false,
        );
        check(
            "ws { port: 1, no_tls: true, tls {} }",
            WebSocket,
            Tls,
            false,
        );
        check("mqtt { port: 1883 }", Mqtt, Plain, false);
        check("http_port: 8222", Monitoring, Plain, true);
        assert!(
            server("https_port: 8222")
                .listeners
                .iter()
                .all(|one| one.channel != Monitoring)
        );
    }

    #[test]
    fn listeners_know_whether_only_their_machine_reaches_them() {
        let is_local = |text: &str| server(text).listeners[0].is_local();
        assert!(is_local("listen: 127.0.0.1:4222"));
        assert!(is_local("net: localhost"));
        assert!(!is_local("port: 4222"));
        assert!(!is_local("listen: 0.0.0.0:4222"));
        assert!(!is_local("listen: $LISTEN"));
    }

    #[test]
    fn machines_of_one_domain_are_one_place_and_others_are_not() {
        let routes = |text: &str| -> Vec<String> {
            let text = format!("cluster {{ routes: [{text}] }}");
            server(&text).routes.into_iter().collect()
        };
        assert_eq!(
            routes(
                "nats://n1.a.example:6222, nats-route://u:p@n2.a.example:6222, nats://127.0.0.1:1"
            ),
            ["a.example"]
        );
        assert_eq!(routes("nats://10.0.0.1:1, nats://n1:1"), ["10.0.0.1", "n1"]);
    }

    #[test]
    fn an_address_whose_port_is_no_number_is_told() {
        assert_eq!(
            server("listen: \"266.0.0.1:foo\"").malformed,
            [("266.0.0.1:foo".to_owned(), 1)]
        );
        assert!(server("listen: \"a:4222\"").malformed.is_empty());
    }

    #[test]
    fn a_cluster_is_called_as_its_block_says_or_its_gateway() {
        let name = |text: &str| server(text).cluster;
        assert_eq!(
            name("cluster {name: a}\ngateway {name: b}").as_deref(),
            Some("a")
        );
        assert_eq!(
            name("cluster {port: 1}\ngateway {name: b}").as_deref(),
            Some("b")
        );
        assert_eq!(name("cluster {name: $NAME}"), None);
    }

    #[test]
    fn what_crosses_between_accounts_is_told_with_whom() {
        let text = "accounts { A { exports: [{stream: x}, {service: y, accounts: [C, B]}] }, \
                    B { imports: [{service: {account: A, subject: y}}] } }";
        let told = server(text).crossings;
        let told: Vec<String> = told
            .into_iter()
            .map(|(what, with)| format!("{what}: {with}"))
            .collect();
        assert_eq!(
            told,
            [
                "export of stream x by account A: every account",
                "export of service y by account A: B, C",
                "import of service y into account B: A"
            ]
        );
    }
}
