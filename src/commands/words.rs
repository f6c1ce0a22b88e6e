//! What the catalog says, in words for people who do not read providers files.

use crate::catalog::schema::{
    AssociationStatement, Condition, EndStatement, InTransitRow, LinkStatement, NodeStatement,
    OwnedTable, PlaceRule, PolicyLanguage, PropertyStatement, RouteStatement, Statement, When,
};
use crate::graph::fragment::AssociationRole;
use crate::graph::link::LinkKind;
use crate::graph::node::{Forwards, NodeKind, Opens};
use crate::report::text::prose;

/// Prose wider than this is hard to read.
const WIDEST_PROSE: usize = 100;

/// One statement: what it says, and the attributes that fill it in, each with what it tells.
pub(super) struct Worded {
    pub(super) headline: String,
    pub(super) details: Vec<(&'static str, String)>,
}

/// What a statement says.
pub(super) fn statement(statement: &Statement) -> Worded {
    let mut details = Details::default();
    let headline = match statement {
        Statement::Node(node) => of_node(node, &mut details),
        Statement::Link(link) => of_link(link, &mut details),
        Statement::Route(route) => of_route(route, &mut details),
        Statement::Association(association) => of_association(association, &mut details),
        Statement::Property(property) => of_property(property, &mut details),
        Statement::Exposure(exposure) => {
            details.when(&exposure.when);
            format!(
                "a door to the internet for what {} names: {}",
                listed(&exposure.of, "or"),
                exposure.says
            )
        }
        Statement::Policy(policy) => {
            let language = match policy.language {
                PolicyLanguage::CloudWan => "a Cloud WAN core network policy",
            };
            let whose = match policy.hub.as_str() {
                "self" => "its routing policy".to_owned(),
                path => format!("the routing policy of what {path} names"),
            };
            format!("{whose}: {language} in {}", policy.document)
        }
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

    fn identifiers(&mut self, paths: &[String]) {
        let usual = || "id or arn".to_owned();
        let text = if paths.is_empty() {
            usual()
        } else {
            listed(paths, "or")
        };
        self.add("known by", text);
    }

    fn when(&mut self, when: &When) {
        self.add("only when", all_of(when));
    }

    fn place(&mut self, place: Option<&PlaceRule>) {
        self.add("place", place.map(place_words).unwrap_or_default());
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

fn of_node(node: &NodeStatement, details: &mut Details) -> String {
    details.identifiers(&node.id);
    details.add("lies in", listed(&node.within, "and"));
    details.add("addresses", listed(&node.address_space, "and"));
    if node.kind == NodeKind::Hub {
        let forwards = match node.forwards {
            Forwards::Nowhere => "to nobody: traffic ends here",
            Forwards::Everywhere => "between all that is attached to it",
            Forwards::ByTables => "as the route tables say that its attachments use",
            Forwards::BetweenOutsideAndInside => "between its outside and its inside only",
        };
        details.add("passes on", forwards.to_owned());
    }
    let opens = match node.opens {
        Some(Opens::BothWays) => "the internet, in both directions",
        Some(Opens::Egress) => "the internet, for connections from inside",
        None => "",
    };
    details.add("opens", opens.to_owned());
    let tables: Vec<String> = node.tables.iter().map(owned_table).collect();
    details.add("comes with", tables.join("; "));
    details.values("also counts", &node.facts);
    details.values("for conditions", &node.properties);
    details.place(node.place.as_ref());
    details.when(&node.when);
    node_kind(node.kind).to_owned()
}

fn owned_table(table: &OwnedTable) -> String {
    let role = match table.role {
        AssociationRole::Main => "its main route table",
        AssociationRole::DefaultAssociation => "the table that decides for new attachments",
        AssociationRole::DefaultPropagation => "the table that learns of new attachments",
        AssociationRole::Uses => "a table that decides for it",
        AssociationRole::Feeds => "a table that learns its prefixes",
    };
    let unless = match (&table.enabled_by, &table.enabled) {
        (Some(path), Some(value)) => format!(", unless {path} is other than {value}"),
        _ => String::new(),
    };
    format!("{role} ({}){unless}", listed(&table.id, "or"))
}

fn of_link(link: &LinkStatement, details: &mut Details) -> String {
    details.identifiers(&link.id);
    let effective: Vec<String> = link.effective_when.iter().map(all_of).collect();
    if link.offer {
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
    let [near, far] = &link.ends;
    for (label, end) in [("its first end", near), ("its second end", far)] {
        let place = end.place.as_ref().map(place_words).unwrap_or_default();
        details.add(label, place);
    }
    details.add("carried by", link.carrier.clone().unwrap_or_default());
    details.values("also counts", &link.facts);
    details.values("for conditions", &link.properties);
    let joins = link.joins_default.iter().map(|(table, path)| {
        let verb = match table.as_str() {
            "propagation" => "learns of it",
            _ => "decides for it",
        };
        format!("{path} says whether the hub's default table {verb}")
    });
    details.add("hub's tables", joins.collect::<Vec<_>>().join("; "));
    if link.dynamic_prefixes {
        details.add(
            "routes",
            "its far side announces prefixes that no table lists".to_owned(),
        );
    }
    details.when(&link.when);
    format!(
        "{} between {} and {}",
        link_kind(link.kind),
        end_words(near),
        end_words(far)
    )
}

fn end_words(end: &EndStatement) -> String {
    let thing = end
        .role
        .as_deref()
        .unwrap_or_else(|| bare(node_kind(end.kind)));
    match end.of.as_slice() {
        [] => format!("a {thing} that no attribute names"),
        [only] if only == "self" => "itself".to_owned(),
        paths => format!("the {thing} in {}", listed(paths, "or")),
    }
}

fn of_route(route: &RouteStatement, details: &mut Details) -> String {
    details.add("to", listed(&route.to, "or"));
    details.add("to the list in", listed(&route.to_list, "or"));
    let via: Vec<String> = route
        .via
        .iter()
        .map(|(path, kind)| match kind {
            NodeKind::Other => path.clone(),
            kind => format!("{path} ({})", node_kind(*kind)),
        })
        .collect();
    details.add("via", via.join(", "));
    details.add("dropped when", all_of(&route.blackhole_when));
    let table = if route.table == "self" {
        "its own".to_owned()
    } else {
        format!("the table in {}", route.table)
    };
    match &route.each {
        Some(block) => format!("routes of {table}, one for each {block}"),
        None if route.table == "self" => "a route of its own".to_owned(),
        None => format!("a route of {table}"),
    }
}

fn of_association(association: &AssociationStatement, details: &mut Details) -> String {
    details.when(&association.when);
    if let Some(path) = &association.restores {
        details.add(
            "when destroyed",
            format!("the table in {path} takes over again"),
        );
    }
    let table = match association.table.as_str() {
        "self" => "this table".to_owned(),
        path => format!("the table in {path}"),
    };
    let member = match association.member.as_slice() {
        [only] if only == "self" => "it".to_owned(),
        paths => format!("what {} names", listed(paths, "or")),
    };
    match association.role {
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

fn of_property(property: &PropertyStatement, details: &mut Details) -> String {
    details.values("also counts", &property.facts);
    details.values("for conditions", &property.properties);
    details.add("addresses", listed(&property.address_space, "and"));
    details.when(&property.when);
    match property.of.as_str() {
        "self" => "values of its own".to_owned(),
        path => format!("values of what {path} names"),
    }
}

fn place_words(place: &PlaceRule) -> String {
    let mut words = Vec::new();
    if !place.region.is_empty() {
        words.push(format!("region from {}", listed(&place.region, "or")));
    }
    if !place.account.is_empty() {
        words.push(format!("account from {}", listed(&place.account, "or")));
    }
    if place.global {
        words.push("in no region".to_owned());
    }
    words.join("; ")
}

/// When a row of a protection table holds; `None` when it always does.
pub(super) fn row_conditions(row: &InTransitRow) -> Option<String> {
    let mut words = conditions(&row.when, "");
    words.extend(row.same_region.map(|same| {
        let regions = if same { "one region" } else { "two regions" };
        format!("its ends lie in {regions}")
    }));
    words.extend(conditions(&row.both_ends, " of both ends"));
    words.extend(conditions(&row.carrier, " of the line that carries it"));
    (!words.is_empty()).then(|| words.join(" and "))
}

fn all_of(when: &When) -> String {
    conditions(when, "").join(" and ")
}

fn conditions(when: &When, whose: &str) -> Vec<String> {
    when.iter()
        .map(|(name, condition)| format!("{name}{whose} {}", condition_words(condition)))
        .collect()
}

fn condition_words(condition: &Condition) -> String {
    let mut words = Vec::new();
    if !condition.is.is_empty() {
        words.push(format!("is {}", listed(&condition.is, "or")));
    }
    if !condition.not.is_empty() {
        words.push(format!("is not {}", listed(&condition.not, "or")));
    }
    words.extend(condition.set.map(|set| {
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
    let mut lines = vec![lead.to_owned()];
    let mut is_empty = true;
    for word in prose(text).split(' ') {
        let width = lines.last().map_or(0, |line| line.chars().count());
        if !is_empty && width + 1 + word.chars().count() > WIDEST_PROSE {
            lines.push(indent.clone());
            is_empty = true;
        }
        if let Some(line) = lines.last_mut() {
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n") + "\n"
}
