//! What the catalog says, in words for people who do not read providers files.

use crate::catalog::schema::{
    AssignedPrefix, AssociationStatement, BeyondRule, Condition, ContainmentStatement,
    EndStatement, ExposureStatement, InTransitRow, LinkStatement, ManagerPiece, NodeStatement,
    OwnedTable, PlaceRule, PlaintextStatement, PolicyLanguage, PolicyStatement, PropertyStatement,
    ProviderFile, RouteStatement, StatedStatement, Statement, When,
};
use crate::graph::fragment::{AssociationRole, Topic};
use crate::graph::link::LinkKind;
use crate::graph::node::{Forwards, NodeKind, Opens};
use crate::report::text::wrap;

/// Prose wider than this is hard to read.
const WIDEST_PROSE: usize = 100;

/// One statement: what it says, and the attributes that fill it in, each with what it tells.
pub(super) struct Worded {
    pub(super) headline: String,
    pub(super) details: Vec<(&'static str, String)>,
}

/// What a statement says.
///
/// Each kind is taken apart field by field, so that a new field does not compile until there are words for it.
pub(super) fn statement(statement: &Statement, file: &ProviderFile) -> Worded {
    let mut details = Details::default();
    let headline = match statement {
        Statement::Node(node) => of_node(node, file, &mut details),
        Statement::Link(link) => of_link(link, file, &mut details),
        Statement::Route(route) => of_route(route, &mut details),
        Statement::Association(association) => of_association(association, &mut details),
        Statement::Containment(containment) => of_containment(containment, &mut details),
        Statement::Property(property) => of_property(property, &mut details),
        Statement::Exposure(exposure) => of_exposure(exposure, &mut details),
        Statement::Plaintext(plaintext) => of_plaintext(plaintext, &mut details),
        Statement::Stated(stated) => of_stated(stated, &mut details),
        Statement::Policy(policy) => of_policy(policy, &mut details),
    };
    Worded {
        headline,
        details: details.0,
    }
}

#[derive(Default)]
struct Details(Vec<(&'static str, String)>);

impl Details {
    /// Unless there is nothing to say.
    fn add(&mut self, label: &'static str, text: String) {
        if !text.is_empty() {
            self.0.push((label, text));
        }
    }

    fn identifiers(&mut self, paths: &[String], file: &ProviderFile) {
        let text = if paths.is_empty() {
            let usual = file.identifiers.attributes().map(str::to_owned);
            listed(&usual.collect::<Vec<_>>(), "or")
        } else {
            listed(paths, "or")
        };
        self.add("known by", text);
    }

    fn when(&mut self, when: &When) {
        self.add("only when", all_of(when));
    }

    fn place(&mut self, label: &'static str, place: Option<&PlaceRule>) {
        self.add(label, place.map(place_words).unwrap_or_default());
    }

    fn values<'a>(
        &mut self,
        label: &'static str,
        values: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) {
        let each: Vec<String> = values
            .into_iter()
            .map(|(name, path)| match path.strip_prefix('=') {
                Some(constant) => format!("{name} is {constant}"),
                None if name == path => name.clone(),
                None => format!("{name} from {path}"),
            })
            .collect();
        self.add(label, each.join("; "));
    }
}

fn of_node(node: &NodeStatement, file: &ProviderFile, details: &mut Details) -> String {
    let NodeStatement {
        kind,
        role,
        id,
        within,
        else_within,
        address_space,
        assigned,
        forwards,
        opens,
        tables,
        properties,
        facts,
        when,
        place,
    } = node;
    details.add("called", role.clone().unwrap_or_default());
    details.identifiers(id, file);
    details.add("lies in", listed(within, "and"));
    details.add("else lies in", listed(else_within, "and"));
    details.add("addresses", listed(address_space, "and"));
    let assigned = assigned
        .iter()
        .map(|AssignedPrefix { prefix, when }| format!("{prefix}, where {}", all_of(when)));
    details.add("assigned", assigned.collect::<Vec<_>>().join("; or "));
    if *kind == NodeKind::Hub {
        let forwards = match forwards {
            Forwards::Nowhere => "to nobody: traffic ends here",
            Forwards::Everywhere => "between all that is attached to it",
            Forwards::ByTables => "as the route tables say that its attachments use",
            Forwards::BetweenOutsideAndInside => "between its outside and its inside only",
        };
        details.add("passes on", forwards.to_owned());
    } else if *kind == NodeKind::External && *forwards == Forwards::Everywhere {
        let forwards = "from one of its lines to the others, between hubs that take that in";
        details.add("passes on", forwards.to_owned());
    }
    let opens = match opens {
        Some(Opens::BothWays) => "the internet, in both directions",
        Some(Opens::Egress) => "the internet, for connections from inside",
        None => "",
    };
    details.add("opens", opens.to_owned());
    let tables: Vec<String> = tables.iter().map(owned_table).collect();
    details.add("comes with", tables.join("; "));
    details.values("also counts", facts);
    details.values("for conditions", properties);
    details.place("place", place.as_ref());
    details.when(when);
    node_kind(*kind).to_owned()
}

fn owned_table(table: &OwnedTable) -> String {
    let OwnedTable {
        id,
        part,
        role,
        labels,
        enabled_by,
        enabled,
    } = table;
    let role = match role {
        Some(AssociationRole::Main) => "its main route table",
        Some(AssociationRole::DefaultAssociation) => "the table that decides for new attachments",
        Some(AssociationRole::DefaultPropagation) => "the table that learns of new attachments",
        Some(AssociationRole::Uses) => "a table that decides for it",
        Some(AssociationRole::Feeds) => "a table that learns its prefixes",
        None => "a table that some of its attachments use",
    };
    let mut known = Vec::new();
    if !id.is_empty() {
        known.push(listed(id, "or"));
    }
    known.extend(part.iter().map(|part| format!("its part {part}")));
    if !labels.is_empty() {
        known.push(format!("labelled {}", labels_words(labels)));
    }
    let unless = match (enabled_by, enabled) {
        (Some(path), Some(value)) => format!(", unless {path} is other than {value}"),
        (Some(path), None) => format!(", if {path} says so"),
        (None, _) => String::new(),
    };
    format!("{role} ({}){unless}", known.join("; "))
}

/// Labels, or attributes that hold them.
fn labels_words(labels: &[String]) -> String {
    let each: Vec<String> = labels
        .iter()
        .map(|label| match label.strip_prefix('=') {
            Some(constant) => constant.to_owned(),
            None => format!("as {label} says"),
        })
        .collect();
    listed(&each, "and")
}

fn of_link(link: &LinkStatement, file: &ProviderFile, details: &mut Details) -> String {
    let LinkStatement {
        kind,
        role,
        id,
        ends: [near, far],
        effective_when,
        offer,
        half,
        beyond,
        carrier,
        // It is a table of its own, which the caller words.
        in_transit: _,
        properties,
        facts,
        joins_default,
        dynamic_prefixes,
        when,
    } = link;
    details.add("called", role.clone().unwrap_or_default());
    details.identifiers(id, file);
    let mut effective: Vec<String> = effective_when.iter().map(all_of).collect();
    if *half {
        effective.insert(0, "the second end has made its own half".to_owned());
    }
    if *offer {
        details.add(
            "in effect",
            "never by itself: it is an offer that another resource accepts".to_owned(),
        );
    } else if !effective.is_empty() {
        details.add(
            "in effect",
            format!("when {}; else it is an offer", effective.join(", or ")),
        );
    }
    details.place("its first end", near.place.as_ref());
    details.place("its second end", far.place.as_ref());
    let BeyondRule {
        lends_gateways,
        borrows_gateways,
        takes_forwarded,
    } = beyond;
    for (when, opens) in [
        (lends_gateways, "its first end lends its gateways"),
        (
            borrows_gateways,
            "its first end uses the gateways of the second",
        ),
        (
            takes_forwarded,
            "its first end takes in what the second only passes on",
        ),
    ] {
        if !when.is_empty() {
            details.add("opens further", format!("{opens} when {}", all_of(when)));
        }
    }
    details.add("carried by", carrier.clone().unwrap_or_default());
    details.values("also counts", facts);
    details.values("for conditions", properties);
    let joins = joins_default.iter().map(|(table, path)| {
        let verb = match table.as_str() {
            "propagation" => "learns of it",
            _ => "decides for it",
        };
        format!("{path} says whether the hub's default table {verb}")
    });
    details.add("hub's tables", joins.collect::<Vec<_>>().join("; "));
    if *dynamic_prefixes {
        details.add(
            "routes",
            "its far side announces prefixes that no table lists".to_owned(),
        );
    }
    details.when(when);
    let what = if *half { " (one half of it)" } else { "" };
    format!(
        "{}{what} between {} and {}",
        link_kind(*kind),
        end_words(near),
        end_words(far)
    )
}

fn end_words(end: &EndStatement) -> String {
    let EndStatement {
        of,
        kind,
        role,
        // It is among the details.
        place: _,
        around,
    } = end;
    let thing = role.as_deref().unwrap_or_else(|| bare(node_kind(*kind)));
    match of.as_slice() {
        paths if *around => format!(
            "the {thing} that what {} names is part of",
            listed(paths, "or")
        ),
        [] => format!("a {thing} that no attribute names"),
        [only] if only == "self" => "itself".to_owned(),
        paths => format!("the {thing} in {}", listed(paths, "or")),
    }
}

fn of_route(route: &RouteStatement, details: &mut Details) -> String {
    let RouteStatement {
        table,
        each,
        to,
        to_list,
        via,
        each_when,
        blackhole_when,
        when,
    } = route;
    details.when(when);
    details.add("to", listed(to, "or"));
    details.add("to the list in", listed(to_list, "or"));
    let via: Vec<String> = via
        .iter()
        .map(|(path, kind)| match kind {
            _ if path.starts_with('=') => path.trim_start_matches('=').to_owned(),
            NodeKind::Other => path.clone(),
            kind => format!("{path} ({})", node_kind(*kind)),
        })
        .collect();
    details.add("via", via.join(", "));
    details.add("each when", all_of(each_when));
    details.add("dropped when", all_of(blackhole_when));
    match each {
        Some(block) => format!("routes of {}, one for each {block}", table_words(table)),
        None => format!("a route of {}", table_words(table)),
    }
}

fn of_association(association: &AssociationStatement, details: &mut Details) -> String {
    let AssociationStatement {
        table,
        tables_labelled,
        member,
        role,
        restores,
        when,
    } = association;
    details.when(when);
    if let Some(path) = restores {
        details.add(
            "when destroyed",
            format!("{} takes over again", table_words(path)),
        );
    }
    let table = if tables_labelled.is_empty() {
        table_words(table)
    } else {
        format!("every table labelled {}", labels_words(tables_labelled))
    };
    let member = whom(member);
    match role {
        AssociationRole::Uses => format!("{table} decides for {member}"),
        AssociationRole::Main => format!("{table} is the main one of {member}"),
        AssociationRole::DefaultAssociation => {
            format!("{table} decides for new attachments of {member}")
        }
        AssociationRole::DefaultPropagation => {
            format!("{table} learns of new attachments of {member}")
        }
        AssociationRole::Feeds => format!("{table} learns the prefixes of {member}"),
    }
}

fn table_words(path: &str) -> String {
    match path.split_once('#') {
        _ if path == "self" => "this table".to_owned(),
        Some((owner, part)) => format!("the table {part} of {}", what(owner)),
        None => format!("the table in {path}"),
    }
}

/// What an attribute names.
fn what(path: &str) -> String {
    match path {
        "self" => "the resource itself".to_owned(),
        path => format!("what {path} names"),
    }
}

/// What the first of these attributes that is set names.
fn whom(paths: &[String]) -> String {
    match paths {
        [only] => what(only),
        paths => format!("what {} names", listed(paths, "or")),
    }
}

fn of_property(property: &PropertyStatement, details: &mut Details) -> String {
    let PropertyStatement {
        of,
        when,
        properties,
        facts,
        address_space,
        of_networks,
        of_region,
        each_its_own,
        where_it_has,
    } = property;
    details.values("also counts", facts);
    details.values("for conditions", properties);
    details.add("addresses", listed(address_space, "and"));
    details.when(when);
    details.add("only where its", all_of(where_it_has));
    if *each_its_own {
        details.add(
            "beside others",
            "each resource says it for itself".to_owned(),
        );
    }
    let whose = what(of);
    if *of_region {
        "values of all networks of its region and account".to_owned()
    } else if *of_networks {
        format!("values of the networks that {whose} lies in")
    } else {
        format!("values of {whose}")
    }
}

fn of_exposure(exposure: &ExposureStatement, details: &mut Details) -> String {
    let ExposureStatement {
        of,
        of_addresses,
        says,
        where_it_has,
        when,
        opens,
    } = exposure;
    details.when(when);
    details.add("only where its", all_of(where_it_has));
    let door = match opens {
        Opens::BothWays => "a door",
        Opens::Egress => "a way out",
    };
    let addressed = format!("the networks that hold {}", listed(of_addresses, "or"));
    let whose = match (of.is_empty(), of_addresses.is_empty()) {
        (_, true) => whom(of),
        (true, false) => addressed,
        (false, false) => format!("{}, and {addressed}", whom(of)),
    };
    format!("{door} to the internet for {whose}: {says}")
}

fn of_plaintext(plaintext: &PlaintextStatement, details: &mut Details) -> String {
    let PlaintextStatement {
        says,
        of,
        where_it_has,
        when,
        each,
        each_when,
        external_when,
        host,
    } = plaintext;
    details.add("lies in", listed(of, "and"));
    details.add("only where its", all_of(where_it_has));
    details.when(when);
    details.add("told by", each.clone().unwrap_or_default());
    details.add("where its", all_of(each_when));
    details.add("goes outside when", all_of(external_when));
    details.add("goes to the host in", host.clone().unwrap_or_default());
    format!("traffic in the clear: it {says}")
}

fn of_stated(stated: &StatedStatement, details: &mut Details) -> String {
    let StatedStatement {
        topic,
        of,
        says,
        protects,
        when,
        each,
        each_when,
    } = stated;
    details.add("holds of", whom(of));
    details.when(when);
    details.add("told by", each.clone().unwrap_or_default());
    details.add("where its", all_of(each_when));
    let topic = match topic {
        Topic::Mesh | Topic::Export => "mesh",
        Topic::Encryption => "encryption",
        Topic::Authentication => "authentication",
        Topic::Exposure => "exposure",
        Topic::Filter => "filters",
    };
    let protects = if *protects { ", which protects" } else { "" };
    format!(
        "a fact of {topic}{protects}: it {}",
        says.replace("{}", "the resource")
    )
}

fn of_containment(containment: &ContainmentStatement, details: &mut Details) -> String {
    let ContainmentStatement {
        of,
        within,
        each,
        each_when,
        when,
    } = containment;
    details.when(when);
    details.add("one for each", each.clone().unwrap_or_default());
    details.add("each when", all_of(each_when));
    let thing = |paths: &[String]| match paths {
        [only] => what(only),
        paths => format!("what {} names", listed(paths, "or")),
    };
    format!("{} lies in {}", thing(of), thing(within))
}

fn of_policy(policy: &PolicyStatement, details: &mut Details) -> String {
    let PolicyStatement {
        hub,
        document,
        language,
        piece,
        reads,
        // It is a table of its own, which the caller words.
        in_transit: _,
    } = policy;
    details.add("reads", listed(reads, "and"));
    match (language, piece) {
        (PolicyLanguage::CloudWan, _) => format!(
            "the routing policy of {}: a Cloud WAN core network policy in {document}",
            what(hub)
        ),
        (PolicyLanguage::NetworkManager, piece) => {
            let piece = match piece {
                Some(ManagerPiece::Group) => "a group of networks",
                Some(ManagerPiece::Member) => "a network's place in a group",
                Some(ManagerPiece::Configuration) => "how the networks of groups are joined",
                Some(ManagerPiece::Deployment) => "which configurations are in effect in a region",
                None => "a piece",
            };
            format!("{piece}, for a network manager")
        }
    }
}

fn place_words(place: &PlaceRule) -> String {
    let PlaceRule {
        region,
        account,
        account_within,
        global,
        loosely,
    } = place;
    let mut words = Vec::new();
    if !region.is_empty() {
        words.push(format!("region from {}", listed(region, "or")));
    }
    if !account.is_empty() {
        words.push(format!("account from {}", listed(account, "or")));
    }
    if !account_within.is_empty() {
        words.push(format!(
            "account of what {} names",
            listed(account_within, "or")
        ));
    }
    if *global {
        words.push("in no region".to_owned());
    }
    if *loosely {
        words.push("whatever the case and the spaces of a region".to_owned());
    }
    words.join("; ")
}

/// When a row of a protection table holds; `None` when it always does.
pub(super) fn row_conditions(row: &InTransitRow) -> Option<String> {
    let InTransitRow {
        when,
        same_region,
        both_ends,
        carrier,
        around,
        fact: _,
    } = row;
    let mut words = conditions(when, "");
    words.extend(same_region.map(|same| {
        let regions = if same { "one region" } else { "two regions" };
        format!("its ends lie in {regions}")
    }));
    words.extend(conditions(both_ends, " of both ends"));
    words.extend(conditions(carrier, " of the line that carries it"));
    words.extend(conditions(around, " of something that an end lies in"));
    (!words.is_empty()).then(|| words.join(" and "))
}

pub(super) fn all_of(when: &When) -> String {
    conditions(when, "").join(" and ")
}

fn conditions(when: &When, whose: &str) -> Vec<String> {
    when.iter()
        .map(|(name, condition)| format!("{name}{whose} {}", condition_words(condition)))
        .collect()
}

fn condition_words(condition: &Condition) -> String {
    let Condition {
        is,
        not,
        set,
        ends_with,
        like,
        unlike,
    } = condition;
    let mut words = Vec::new();
    if !is.is_empty() {
        words.push(format!("is {}", listed(is, "or")));
    }
    if !not.is_empty() {
        words.push(format!("is not {}", listed(not, "or")));
    }
    if !ends_with.is_empty() {
        words.push(format!("ends with {}", listed(ends_with, "or")));
    }
    if !like.is_empty() {
        words.push(format!("is like {}", listed(like, "or")));
    }
    if !unlike.is_empty() {
        words.push(format!("is not like {}", listed(unlike, "or")));
    }
    words.extend(set.map(|set| {
        let word = if set { "is set" } else { "is not set" };
        word.to_owned()
    }));
    words.join(" and ")
}

pub(super) fn node_kind(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Network => "a network",
        NodeKind::Subnet => "a subnet",
        NodeKind::Hub => "a hub",
        NodeKind::Gateway => "a gateway",
        NodeKind::RouteTable => "a route table",
        NodeKind::PrefixList => "a prefix list",
        NodeKind::LoadBalancer => "a load balancer",
        NodeKind::Service => "a service",
        NodeKind::Share => "a share",
        NodeKind::Account => "an account",
        NodeKind::ServicePerimeter => "a service perimeter",
        NodeKind::Cluster => "a cluster",
        NodeKind::Namespace => "a namespace",
        NodeKind::Workload => "a workload",
        NodeKind::TrustDomain => "a trust domain",
        NodeKind::External => "a party outside",
        NodeKind::Other => "a part of no particular kind",
    }
}

pub(super) fn link_kind(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Peering => "a peering",
        LinkKind::Attachment => "an attachment",
        LinkKind::Vpn => "a VPN tunnel",
        LinkKind::Interconnect => "a private line",
        LinkKind::Door => "a way",
        LinkKind::PrivateEndpoint => "a private endpoint",
        LinkKind::Sharing => "a share",
        LinkKind::Mesh => "a mesh link",
    }
}

/// Without its article.
pub(super) fn bare(noun: &str) -> &str {
    noun.split_once(' ').map_or(noun, |(_, noun)| noun)
}

/// "a", "a or b", "a, b or c".
pub(super) fn listed(items: &[String], word: &str) -> String {
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {word} {last}", others.join(", ")),
    }
}

/// Text on lines of a bearable width: after `lead` (its first line starts with that), else indented as far as the lead is long.
pub(super) fn wrapped(lead: &str, text: &str) -> String {
    let indent = " ".repeat(lead.chars().count());
    let lines = wrap(text, WIDEST_PROSE, &indent);
    let first = lines.strip_prefix(&indent).unwrap_or(&lines);
    format!("{}\n", format!("{lead}{first}").trim_end())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::catalog::{Catalog, Meaning};

    /// The statements of a type, as a page shows them, without their ends of line.
    fn worded(becomes: &str) -> Vec<String> {
        let text = format!(
            "provider: toy\ntype_prefix: toy_\ntypes:\n- type: toy_a\n  becomes:\n{becomes}"
        );
        let files = vec![("toy.yaml".to_owned(), text)];
        let catalog = Catalog::empty().with_directory(files).unwrap();
        let Meaning::Modelled(entry, file) = catalog.entry("toy_a") else {
            panic!("not modelled");
        };
        let mut lines = Vec::new();
        for one in entry.becomes.iter().flatten() {
            let Worded { headline, details } = statement(one, file);
            lines.push(headline);
            lines.extend(
                details
                    .iter()
                    .map(|(label, text)| format!("{label}: {text}")),
            );
        }
        lines
    }

    #[test]
    fn conditions_read_as_sentences() {
        let lines = worded(
            "  - exposure:\n      of: [a, b]\n      says: open port\n      when:\n        c: [x, y]\n        \
             d: { not: [z] }\n        e: { set: false }\n        f: { ends_with: [edge] }\n",
        );
        assert_eq!(
            lines,
            [
                "a door to the internet for what a or b names: open port",
                "only when: c is x or y and d is not z and e is not set and f ends with edge"
            ]
        );
    }

    #[test]
    fn a_half_and_an_offer_say_when_they_are_in_effect() {
        let ends =
            "ends: [{ of: [a], kind: network }, { of: [], kind: hub, role: gateway of others }]";
        let half = format!(
            "  - link:\n      kind: peering\n      half: true\n      {ends}\n      beyond: {{ lends_gateways: {{ g: true }} }}\n"
        );
        assert_eq!(
            worded(&half),
            [
                "a peering (one half of it) between the network in a and a gateway of others that no attribute names",
                "known by: id or arn",
                "in effect: when the second end has made its own half; else it is an offer",
                "opens further: its first end lends its gateways when g is true"
            ]
        );
        let offer = format!("  - link:\n      kind: vpn\n      offer: true\n      {ends}\n");
        assert!(worded(&offer)[2].starts_with("in effect: never by itself"));
        let neither = format!("  - link:\n      kind: vpn\n      {ends}\n");
        assert_eq!(worded(&neither).len(), 2);
    }

    #[test]
    fn tables_are_named_by_attribute_part_or_label() {
        let lines = worded(
            "  - node:\n      kind: hub\n      forwards: by_tables\n      tables:\n      \
             - { part: edge, role: default_association, labels: [=all, group] }\n  \
             - association: { table: 'hub#edge', member: [self], role: uses }\n  \
             - association: { tables_labelled: [=all], member: [net], role: feeds }\n  \
             - route: { table: self, to: [cidr], via: { hop: other, hub_id: hub } }\n",
        );
        assert_eq!(
            lines,
            [
                "a hub",
                "known by: id or arn",
                "passes on: as the route tables say that its attachments use",
                "comes with: the table that decides for new attachments (its part edge; labelled all and as group says)",
                "the table edge of what hub names decides for the resource itself",
                "every table labelled all learns the prefixes of what net names",
                "a route of this table",
                "to: cidr",
                "via: hop, hub_id (a hub)"
            ]
        );
    }

    #[test]
    fn long_text_is_wrapped_below_its_beginning_and_acts_on_no_terminal() {
        let text = wrapped("- ", &"word ".repeat(30));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("- word") && lines[1].starts_with("  word"));
        assert!(lines.iter().all(|line| line.len() <= WIDEST_PROSE));
        assert!(!wrapped("", "a\u{1b}[2Jb").contains('\u{1b}'));
        let unbreakable = wrapped("- ", &"x".repeat(200));
        assert_eq!(unbreakable.lines().count(), 1);
    }
}
