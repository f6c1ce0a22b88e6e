//! Which attributes of a resource an entry reads.

use std::collections::BTreeSet;

use super::schema::{
    AssociationStatement, ContainmentStatement, EndStatement, ExposureStatement, LinkStatement,
    NodeStatement, PlaceRule, PlaintextStatement, PolicyStatement, PropertyStatement, ProviderFile,
    RouteStatement, StatedStatement, Statement, TypeEntry, When,
};

/// The pseudo attribute that means the resource itself.
const ITSELF: &str = "self";

/// What a type writes in `never` when nothing matters but what its statements read.
pub(super) const NOTHING_ELSE: &str = "*";

impl TypeEntry {
    /// The top-level attributes that a reader has to decode to build everything this type becomes.
    ///
    /// Empty for a type that becomes nothing.
    #[must_use]
    pub fn wanted<'a>(&'a self, provider: &'a ProviderFile) -> BTreeSet<&'a str> {
        let mut wanted = BTreeSet::new();
        if self.becomes.is_none() {
            return wanted;
        }
        let mut want = |path: &'a str| {
            let top_level = path.split(['.', '#', '[']).next().unwrap_or(path);
            if top_level != ITSELF {
                wanted.insert(top_level);
            }
        };
        want("id");
        want("arn");
        provider.identifiers.attributes().for_each(&mut want);
        for template in self
            .known_as
            .iter()
            .chain(self.in_full.values())
            .chain(provider.identifiers.in_full.values())
        {
            placeholders(template).for_each(&mut want);
        }
        for (block, entry) in &self.blocks {
            want(block);
            let templates = entry.known_as.iter().chain(entry.in_full.values());
            let of_parent = |name: &'a str| name.strip_prefix("parent.");
            templates
                .flat_map(|template| placeholders(template))
                .filter_map(of_parent)
                .for_each(&mut want);
        }
        provider.names.iter().for_each(|path| want(path));
        conditions(&provider.abandoned_when, &mut want);
        provider.place.visit(&mut want);
        self.visit(&mut want);
        wanted
    }

    /// Whether a change of this attribute (a path, as in `tags.Name`) can be ignored: neither it nor what holds it matters.
    ///
    /// What a statement of this type reads matters, whatever the provider's list says of other types.
    #[must_use]
    pub fn never_matters(&self, provider: &ProviderFile, attribute: &str) -> bool {
        if self.never.iter().any(|never| holds(never, attribute)) {
            return true;
        }
        let nothing_else = self.never.iter().any(|never| never == NOTHING_ELSE);
        if !nothing_else && !provider.never.iter().any(|never| holds(never, attribute)) {
            return false;
        }
        let mut is_read = false;
        self.visit(&mut |path| is_read |= holds(path, attribute) || holds(attribute, path));
        !is_read
    }

    /// Whether the data source of the same name means what the resource means.
    #[must_use]
    pub fn means_the_same_as_data(&self) -> bool {
        self.data.unwrap_or_else(|| {
            let statements = self.becomes.as_deref().unwrap_or_default();
            statements
                .iter()
                .any(|statement| matches!(statement, Statement::Node(_)))
        })
    }

    /// Every attribute path that the statements read, relative to the resource.
    ///
    /// Of a route or containment with `each` that is the block; see [`RouteStatement::visit_relative`].
    pub(super) fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        if let Some(place) = &self.place {
            place.visit(visit);
        }
        self.blocks.keys().for_each(|block| visit(block));
        if let Some(except) = &self.except {
            conditions(&except.when, visit);
        }
        for statement in self.becomes.iter().flatten() {
            match statement {
                Statement::Node(node) => node.visit(visit),
                Statement::Link(link) => link.visit(visit),
                Statement::Route(route) => route.visit(visit),
                Statement::Association(association) => association.visit(visit),
                Statement::Containment(containment) => containment.visit(visit),
                Statement::Property(property) => property.visit(visit),
                Statement::Exposure(exposure) => exposure.visit(visit),
                Statement::Plaintext(plaintext) => plaintext.visit(visit),
                Statement::Stated(stated) => stated.visit(visit),
                Statement::Policy(policy) => policy.visit(visit),
            }
        }
    }
}

impl PlaceRule {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        each(&self.region, visit);
        each(&self.account, visit);
        each(&self.account_within, visit);
    }
}

impl NodeStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        each(&self.id, visit);
        each(&self.within, visit);
        each(&self.else_within, visit);
        each(&self.address_space, visit);
        for assigned in &self.assigned {
            visit(&assigned.prefix);
            conditions(&assigned.when, visit);
        }
        for table in &self.tables {
            each(&table.id, visit);
            each(&table.enabled_by, visit);
            values(&table.labels, visit);
        }
        values(self.properties.values(), visit);
        values(self.facts.values(), visit);
        conditions(&self.when, visit);
        self.place.iter().for_each(|place| place.visit(visit));
    }
}

impl LinkStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        each(&self.id, visit);
        self.ends.iter().for_each(|end| end.visit(visit));
        self.effective_when
            .iter()
            .for_each(|when| conditions(when, visit));
        each(&self.carrier, visit);
        // `both_ends` and `carrier` of a row test properties of other nodes, not attributes.
        self.in_transit
            .iter()
            .for_each(|row| conditions(&row.when, visit));
        values(self.properties.values(), visit);
        values(self.facts.values(), visit);
        each(self.joins_default.values(), visit);
        conditions(&self.when, visit);
        conditions(&self.beyond.lends_gateways, visit);
        conditions(&self.beyond.borrows_gateways, visit);
        conditions(&self.beyond.takes_forwarded, visit);
    }
}

impl EndStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        each(&self.of, visit);
        self.place.iter().for_each(|place| place.visit(visit));
    }
}

impl RouteStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        visit(&self.table);
        conditions(&self.when, visit);
        match &self.each {
            Some(block) => visit(block),
            None => self.visit_relative(visit),
        }
    }

    /// The attributes of one line, relative to the block that `each` names, or to the resource.
    pub(super) fn visit_relative<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        each(&self.to, visit);
        each(&self.to_list, visit);
        values(self.via.keys(), visit);
        conditions(&self.each_when, visit);
        conditions(&self.blackhole_when, visit);
    }
}

impl AssociationStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        if !self.table.is_empty() {
            visit(&self.table);
        }
        values(&self.tables_labelled, visit);
        each(&self.member, visit);
        each(&self.restores, visit);
        conditions(&self.when, visit);
    }
}

impl ContainmentStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        each(&self.of, visit);
        conditions(&self.when, visit);
        match &self.each {
            Some(block) => visit(block),
            None => self.visit_relative(visit),
        }
    }

    /// The attributes of one place, relative to the block that `each` names, or to the resource.
    pub(super) fn visit_relative<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        each(&self.within, visit);
        conditions(&self.each_when, visit);
    }
}

impl PropertyStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        if !self.of_region {
            visit(&self.of);
        }
        conditions(&self.when, visit);
        values(self.properties.values(), visit);
        values(self.facts.values(), visit);
        each(&self.address_space, visit);
    }
}

impl ExposureStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        each(&self.of, visit);
        each(&self.of_addresses, visit);
        conditions(&self.when, visit);
    }
}

impl StatedStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        each(&self.of, visit);
        each(&self.each, visit);
        conditions(&self.when, visit);
    }
}

impl PlaintextStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        each(&self.of, visit);
        each(&self.each, visit);
        conditions(&self.when, visit);
        conditions(&self.external_when, visit);
        each(&self.host, visit);
    }
}

impl PolicyStatement {
    fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        let named = [&self.hub, &self.document].into_iter();
        each(named.filter(|path| !path.is_empty()), visit);
        each(&self.reads, visit);
    }
}

/// The attributes that a full identifier is made of: `{project}` but not `{}`, nor the parts of a place.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    let names = template.split('{').skip(1);
    names
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !matches!(*name, "" | "account" | "region"))
}

/// Whether a path is the other one, or leads to something in it.
fn holds(outer: &str, inner: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn each<'a>(paths: impl IntoIterator<Item = &'a String>, visit: &mut impl FnMut(&'a str)) {
    paths.into_iter().for_each(|path| visit(path));
}

/// Values of properties: attributes, or constants written `=text`.
fn values<'a>(values: impl IntoIterator<Item = &'a String>, visit: &mut impl FnMut(&'a str)) {
    each(
        values.into_iter().filter(|value| !value.starts_with('=')),
        visit,
    );
}

fn conditions<'a>(when: &'a When, visit: &mut impl FnMut(&'a str)) {
    each(when.keys(), visit);
}
