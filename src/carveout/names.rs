//! Names of the graph's parts, found in text.
//!
//! A part is named by its given name, its identifiers, its addresses, its address ranges, or an alias of the settings.
//! Weaker names, the labels of resources and modules, count only beside a word of their kind ("the lagoon VPC"). A bare name
//! that several parts bear means all of them; the longest name wins (`data` is not `data-lake`), but one that is itself a kind
//! word and another's name ("VPC shop", as somebody may tag a VPC) takes nothing from that; a kind word beside a name limits it
//! to that kind.
//!
//! Given names, labels and aliases are met in other spellings too ("the prod us-east VPC" is `prod-us-east`), and this is
//! where it stops: all pieces of the name are there, in order, and nothing between them. Beside a kind word that the part
//! answers to, that is enough, and a kind word that belongs to the name may be that word ("the shop VPC" is `shop-vpc`).
//! Without one the words have to stand where a sentence names a place, and be one word, or three pieces at least. What is
//! spelled exactly wins over what is not.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use crate::graph::identity::Key;
use crate::graph::link::Link;
use crate::graph::node::{Node, NodeKind, Standing};
use crate::graph::{BoundaryId, Graph};

use super::site::Via;

pub(super) mod sentence;
mod spelling;

use sentence::{
    COMMON_WORDS, POINTING_WORDS, begins_as_a_place, is_joining, kind_of_list, kind_of_word,
    said_kind, stands_as_a_place, stands_inside,
};
pub use spelling::Words;
use spelling::{MOST_PIECES, fold, joined, pieces};

/// How many words a name may have.
const MAX_WORDS: usize = 8;

/// What joins a kind and a name in one word: `namespace/payments`.
const BETWEEN_KIND_AND_NAME: [char; 3] = ['/', ':', '='];

/// What kind word a part answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// "VPC", "VNet", "network".
    Network,
    /// "subnet".
    Subnet,
    /// "transit gateway", "hub".
    Hub,
    /// "peering", "VPN", "connection", "link" ...
    Link,
    /// "cluster".
    Cluster,
    /// "namespace".
    Namespace,
    /// "workload", "deployment", "service", "pod".
    Workload,
    /// "trust domain".
    TrustDomain,
    /// "mesh": of a cluster, namespace or trust domain.
    Mesh,
    /// What lies in networks and is no boundary: a database, a server, a load balancer, a function.
    Thing,
    /// Answers to no kind word.
    Other,
}

impl Kind {
    /// Whether a part of this kind answers to a kind word.
    fn answers_to(self, word: Self) -> bool {
        let has_mesh = matches!(self, Self::Cluster | Self::Namespace | Self::TrustDomain);
        self == word
            || (matches!(self, Self::Thing | Self::Other) && word == Self::Link)
            || (has_mesh && word == Self::Mesh)
    }

    /// Whether a kind word rules out what has the name and another kind: "cluster lagoon" is never the VPC of that name.
    fn is_exact(self) -> bool {
        matches!(
            self,
            Self::Cluster | Self::Namespace | Self::Workload | Self::TrustDomain | Self::Mesh
        )
    }
}

/// A part of the graph that a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The part.
    pub boundary: BoundaryId,
    /// Its name for a person.
    pub name: String,
    /// What kind word it answers to.
    pub kind: Kind,
    /// How the name came to stand for it.
    pub via: Via,
    /// Which of its names it is.
    pub how: How,
}

/// Which of its names stands for a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The name people gave it, such as the tag `Name`; of an alias, that name.
    Name,
    /// An identifier of the provider.
    Identifier,
    /// An address of Terraform.
    Address,
    /// A range of addresses that it holds.
    Range,
    /// The label of a resource or module, which counts beside a kind word only.
    Label,
    /// None of them: the place of the comment, or a setting, leads to it.
    Unnamed,
}

impl How {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Identifier => "identifier",
            Self::Address => "address",
            Self::Range => "range",
            Self::Label => "label",
            Self::Unnamed => "unnamed",
        }
    }
}

impl Target {
    /// A node or link that something else than a name in the text leads to.
    #[must_use]
    pub fn node(node: &Node, via: Via) -> Self {
        Self {
            boundary: BoundaryId::Node(node.id.clone()),
            name: node.display_name(),
            kind: Kind::Other,
            via,
            how: How::Unnamed,
        }
    }

    /// The same for a link.
    #[must_use]
    pub fn link(link: &Link, via: Via) -> Self {
        Self {
            boundary: BoundaryId::Link(link.id.clone()),
            name: link.display_name(),
            kind: Kind::Link,
            via,
            how: How::Unnamed,
        }
    }

    /// The same part, known in another way.
    #[must_use]
    pub fn known_by(&self, via: Via) -> Self {
        Self {
            via,
            ..self.clone()
        }
    }
}

/// A name met in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The words it was written with.
    pub words: String,
    /// Index of its first word.
    pub first_word: usize,
    /// Index behind its last word.
    pub end_word: usize,
    /// The words that say of which kind it is, where some do.
    pub kind_words: Range<usize>,
    /// It is spelled otherwise than the names it stands for.
    pub is_variant: bool,
    /// What it stands for; never empty.
    pub targets: Vec<Target>,
}

/// A part that pieces of a name stand for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Variant {
    target: Target,
    /// All pieces of the name; else those without the kind words that belong to it.
    is_whole: bool,
}

/// Every name of the parts of some graphs.
#[derive(Debug, Clone, Default)]
pub struct NameIndex {
    by_text: HashMap<String, BTreeMap<(BoundaryId, Via), Target>>,
    by_pieces: HashMap<String, BTreeSet<Variant>>,
    accounts: BTreeSet<String>,
}

/// The name in `vpc/data`, if its kind word is one of networks or subnets.
#[must_use]
pub fn name_of_place(reference: &str) -> Option<&str> {
    let (word, name) = reference.split_once(BETWEEN_KIND_AND_NAME)?;
    let kind = kind_of_word(&fold(word))?;
    matches!(kind, Kind::Network | Kind::Subnet).then_some(name)
}

impl NameIndex {
    /// Index the names of all parts that a guarantee can rest on.
    #[must_use]
    pub fn new(graphs: &[&Graph]) -> Self {
        let mut index = Self::default();
        for graph in graphs {
            for node in graph.nodes() {
                index.add_node(node);
            }
            for link in graph.links() {
                let target = |how| Target {
                    how,
                    ..Target::link(link, Via::Named)
                };
                if let Some(name) = &link.name {
                    index.add(name, target(How::Name));
                }
                for (name, how) in link.keys.iter().flat_map(spellings) {
                    index.add(name, target(how));
                }
            }
        }
        index
    }

    fn add_node(&mut self, node: &Node) {
        let account = node.place.account.iter();
        self.accounts
            .extend(account.map(|text| text.to_lowercase()));
        let kind = match node.kind {
            NodeKind::Network => Kind::Network,
            NodeKind::Subnet => Kind::Subnet,
            NodeKind::Hub => Kind::Hub,
            NodeKind::Cluster => Kind::Cluster,
            NodeKind::Namespace => Kind::Namespace,
            NodeKind::Workload => Kind::Workload,
            NodeKind::TrustDomain => Kind::TrustDomain,
            NodeKind::LoadBalancer | NodeKind::Service => Kind::Thing,
            // Something of which nobody tells what it is has an identifier, and no name to speak of.
            NodeKind::Other if node.standing == Standing::Described => Kind::Thing,
            NodeKind::External | NodeKind::ServicePerimeter | NodeKind::Gateway => Kind::Other,
            _ => return,
        };
        if matches!(node.standing, Standing::Unresolved { .. }) {
            return;
        }
        let target = |how: How| Target {
            kind,
            how,
            ..Target::node(node, Via::Named)
        };
        if let Some(name) = &node.name {
            self.add(name, target(How::Name));
        }
        for (name, how) in node.keys.iter().flat_map(spellings) {
            self.add(name, target(how));
            // The block's own address means all of its instances.
            if how == How::Address {
                self.add(&without_instance_keys(name), target(how));
            }
        }
        if node.kind == NodeKind::Network {
            for prefix in &node.address_space.prefixes {
                self.add(&prefix.to_string(), target(How::Range));
            }
        }
        // Labels count beside a word of their kind, and databases have none.
        if node.kind == NodeKind::Other {
            return;
        }
        let labels = node.labels.iter();
        for label in labels.filter(|label| !POINTING_WORDS.contains(&label.as_str())) {
            self.add(label, target(How::Label));
        }
    }

    fn add(&mut self, name: &str, target: Target) {
        let folded = fold(name);
        if folded.is_empty() || folded.split(' ').count() > MAX_WORDS {
            return;
        }
        if matches!(target.how, How::Name | How::Label) {
            self.add_variants(name, &target);
        }
        // One part may bear one text both as its name and as its label: the name counts.
        let targets = self.by_text.entry(folded).or_default();
        let known = targets
            .entry((target.boundary.clone(), target.via))
            .or_insert_with(|| target.clone());
        if target.how < known.how {
            *known = target;
        }
    }

    fn add_variants(&mut self, name: &str, target: &Target) {
        let whole = pieces(name);
        if whole.len() > MOST_PIECES {
            return;
        }
        let mut add = |pieces: &[String], is_whole: bool| {
            let variant = Variant {
                target: target.clone(),
                is_whole,
            };
            self.by_pieces
                .entry(joined(pieces))
                .or_default()
                .insert(variant);
        };
        if whole.len() > 1 {
            add(&whole, true);
        }
        // An alias is what people say, whole.
        if target.via == Via::Alias {
            return;
        }
        let answers = |piece: &String| {
            let kind = if piece == "net" {
                Some(Kind::Network)
            } else {
                kind_of_word(piece)
            };
            kind.is_some_and(|kind| target.kind.answers_to(kind))
        };
        if let [first, rest @ ..] = whole.as_slice()
            && !rest.is_empty()
            && answers(first)
        {
            add(rest, false);
        }
        if let [rest @ .., last] = whole.as_slice()
            && !rest.is_empty()
            && answers(last)
        {
            add(rest, false);
        }
    }

    /// Give parts another name.
    pub fn add_alias(&mut self, alias: &str, targets: &[Target]) {
        for target in targets {
            self.add(
                alias,
                Target {
                    via: Via::Alias,
                    how: How::Name,
                    ..target.clone()
                },
            );
        }
    }

    /// Whether an account, project or subscription of that name holds a part, in any letter case.
    #[must_use]
    pub fn has_account(&self, account: &str) -> bool {
        self.accounts.contains(&account.to_lowercase())
    }

    /// What a setting names: a Terraform address, an identifier, a name, or `kind/name`. Empty when nothing bears it.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Vec<Target> {
        let targets = self.by_text.get(&fold(reference)).into_iter().flatten();
        let strong = targets.map(|(_, target)| target);
        let found: Vec<Target> = strong
            .filter(|target| target.how != How::Label)
            .cloned()
            .collect();
        if found.is_empty() {
            return self.by_kind_and_name(reference);
        }
        // What lies in networks, and is called like one, is not what is asked for.
        let (things, others): (Vec<Target>, Vec<Target>) = found
            .into_iter()
            .partition(|target| target.boundary.as_str().starts_with(NodeKind::Other.slug()));
        if others.is_empty() { things } else { others }
    }

    /// What `kind/name` stands for, or `kind:name`, `kind=name`.
    fn by_kind_and_name(&self, reference: &str) -> Vec<Target> {
        let Some((kind, name)) = reference.split_once(BETWEEN_KIND_AND_NAME) else {
            return Vec::new();
        };
        let Some(kind) = kind_of_word(&fold(kind)) else {
            return Vec::new();
        };
        let targets = self.by_text.get(&fold(name)).into_iter().flatten();
        targets
            .map(|(_, target)| target)
            .filter(|target| target.kind.answers_to(kind))
            .cloned()
            .collect()
    }

    /// Names near a text, best first: spelled much like it, or holding all of its pieces.
    #[must_use]
    pub fn suggestions(&self, reference: &str) -> Vec<String> {
        let wanted = fold(reference);
        let wanted_pieces = pieces(&wanted);
        let mut scored: Vec<(i64, &String)> = self
            .by_text
            .iter()
            .filter(|(_, targets)| targets.values().any(|target| target.how != How::Label))
            .map(|(text, _)| {
                let alike = strsim::jaro_winkler(&wanted, text);
                let holds =
                    |pieces: &[String]| wanted_pieces.iter().all(|one| pieces.contains(one));
                let holds_all = wanted.len() >= 4
                    && wanted_pieces
                        .iter()
                        .all(|piece| text.contains(piece.as_str()))
                    && holds(&pieces(text));
                let score = if holds_all { alike.max(0.85) } else { alike };
                ((score * 1000.0).round() as i64, text)
            })
            .filter(|(score, _)| *score >= 780)
            .collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        scored
            .into_iter()
            .take(3)
            .map(|(_, text)| text.clone())
            .collect()
    }

    /// Whether there are so few names that looking for near ones costs nothing to speak of, also for many guarantees.
    #[must_use]
    pub fn is_small(&self) -> bool {
        const MOST_NAMES: usize = 20_000;
        self.by_text.len() <= MOST_NAMES
    }

    /// Every name in a text, from left to right; the longest wins.
    #[must_use]
    pub fn mentions(&self, text: &str) -> Vec<Mention> {
        self.mentions_in(&Words::of(text))
    }

    /// Every name in words, from left to right; the longest wins.
    #[must_use]
    pub fn mentions_in(&self, words: &Words) -> Vec<Mention> {
        let pieces: Vec<Vec<String>> = words.written.iter().map(|word| pieces(word)).collect();
        let count_of_words = words.folded.len();
        let mut mentions: Vec<Mention> = Vec::new();
        let mut position = 0;
        while position < count_of_words {
            // What cannot be said is no word: a dash between two clauses names nothing.
            if !is_sayable(&words.folded[position]) {
                position += 1;
                continue;
            }
            let previous = mentions.last();
            let listed = previous.and_then(|previous| kind_from(previous, &words.folded, position));
            let follows_name =
                words.breaks[position] && previous.is_some_and(|one| one.end_word == position);
            let longest = (1..=MAX_WORDS.min(count_of_words - position))
                .rev()
                .find_map(|count| {
                    let end = position + count;
                    self.may_be_named(&words.folded[position..end], &pieces[position..end])
                        .then_some(())?;
                    let mut place = Place::new(&words.folded, position, count, listed.clone());
                    place.stands_as_a_place |= self.stands_in_a_list(words, &place, follows_name);
                    self.mention_at(&place)
                        .or_else(|| self.kind_and_name_at(&place))
                        .or_else(|| self.variant_at(&place, &pieces))
                        .map(|mention| self.with_names_inside(mention, words))
                });
            match longest {
                Some(mention) => {
                    position = mention.end_word;
                    mentions.push(mention);
                }
                None => position += 1,
            }
        }
        mentions
    }

    /// A name of other parts that holds a kind word and the name of a part of that kind stands for that part, too: who may name
    /// something takes no words from others. What the settings call so is what the organisation means.
    fn with_names_inside(&self, mut mention: Mention, words: &Words) -> Mention {
        let (first, end) = (mention.first_word, mention.end_word);
        if end - first < 2 || mention.targets.iter().any(|one| one.via == Via::Alias) {
            return mention;
        }
        for start in first..end {
            for end_inside in start + 1..=end {
                if end_inside - start == end - first {
                    continue;
                }
                let place = Place::new(&words.folded, start, end_inside - start, None);
                let is_said = place
                    .said
                    .as_ref()
                    .is_some_and(|(_, kind)| first <= kind.start && kind.end <= end);
                let inside = self.mention_at(&place).filter(|_| is_said);
                for target in inside.into_iter().flat_map(|one| one.targets) {
                    let is_known = |one: &Target| one.boundary == target.boundary;
                    if target.how != How::Label && !mention.targets.iter().any(is_known) {
                        mention.targets.push(target);
                    }
                }
            }
        }
        mention
    }

    /// Whether some words are one of several names in a row: "between prod, data and staging".
    fn stands_in_a_list(&self, words: &Words, place: &Place<'_>, follows_name: bool) -> bool {
        let end = place.end_word;
        let is_name = |index: usize| {
            let word = words.folded.get(index);
            word.is_some_and(|word| self.by_text.contains_key(word))
        };
        let is_joined = words.folded.get(end).is_some_and(|word| is_joining(word));
        let goes_on = is_joined && is_name(end + 1)
            || words.breaks.get(end).copied().unwrap_or_default() && is_name(end);
        let begins = follows_name || begins_as_a_place(place.words, place.first_word);
        begins && (goes_on || follows_name && end == words.folded.len())
    }

    /// Whether it is worth looking at what stands around some words. Most words are no names.
    fn may_be_named(&self, words: &[String], pieces: &[Vec<String>]) -> bool {
        let of_one_word =
            |pieces: &Vec<String>| pieces.len() > 1 || words[0].contains(BETWEEN_KIND_AND_NAME);
        let is_short = pieces.iter().map(Vec::len).sum::<usize>() <= MOST_PIECES + 1;
        self.by_text.contains_key(&words.join(" "))
            || pieces.len() == 1 && of_one_word(&pieces[0])
            || is_short && self.by_pieces.contains_key(&joined(&pieces.concat()))
    }

    fn mention_at(&self, place: &Place<'_>) -> Option<Mention> {
        let text = place.text();
        let targets = self.by_text.get(&text)?;
        let is_named_by_settings = targets.values().any(|target| target.via == Via::Alias);
        if place.said.is_none()
            && !is_named_by_settings
            && COMMON_WORDS.contains(&text.as_str())
            && !place.stands_as_a_place
        {
            return None;
        }
        let answering = |kind: Kind| -> Vec<Target> {
            let targets = targets.values();
            targets
                .filter(|target| target.kind.answers_to(kind))
                .cloned()
                .collect()
        };
        let alone = || -> Vec<Target> {
            let targets = targets.values();
            targets
                .filter(|target| target.how != How::Label && place.counts_alone(target.kind))
                .cloned()
                .collect()
        };
        let (mut fitting, kind_words) = match (&place.said, &place.listed) {
            (Some((kind, words)), _) => match answering(*kind) {
                // "the peering prod": a kind word beside a name that bears another kind belongs to something else in the sentence.
                none if none.is_empty() && !kind.is_exact() => (alone(), None),
                fitting => (fitting, Some(words)),
            },
            (None, Some((kind, words))) => match answering(*kind) {
                none if none.is_empty() => (alone(), None),
                fitting => (fitting, Some(words)),
            },
            (None, None) => (alone(), None),
        };
        if fitting.iter().any(|target| target.how != How::Label) {
            fitting.retain(|target| target.how != How::Label);
        }
        place.mention(text, kind_words.cloned(), false, fitting)
    }

    /// `namespace/payments`, as one word.
    fn kind_and_name_at(&self, place: &Place<'_>) -> Option<Mention> {
        let text = (place.end_word - place.first_word == 1).then(|| place.text())?;
        let targets = self.by_kind_and_name(&text);
        place.mention(text, None, false, targets)
    }

    /// A name in another spelling.
    fn variant_at(&self, place: &Place<'_>, pieces: &[Vec<String>]) -> Option<Mention> {
        let words = &pieces[place.first_word..place.end_word];
        if words.iter().map(Vec::len).sum::<usize>() > MOST_PIECES + 1 {
            return None;
        }
        let spelled: Vec<String> = words.concat();
        // A kind word that is part of the word itself: "the shop-vpc" of a network called `shop`.
        let glued = match spelled.as_slice() {
            [rest @ .., last] if words.len() == 1 && !rest.is_empty() => {
                kind_of_word(last).map(|kind| (kind, rest))
            }
            _ => None,
        };
        let in_pieces =
            |pieces: &[String]| self.by_pieces.get(&joined(pieces)).into_iter().flatten();
        let kinds = [place.said.as_ref(), place.listed.as_ref()];
        for (kind, kind_words) in kinds.into_iter().flatten() {
            let variants = in_pieces(&spelled);
            let fitting: Vec<Target> = variants
                .filter(|variant| variant.target.kind.answers_to(*kind))
                .map(|variant| variant.target.clone())
                .collect();
            if !fitting.is_empty() {
                let fitting = once_each(fitting);
                return place.mention(place.text(), Some(kind_words.clone()), true, fitting);
            }
        }
        if let Some((kind, rest)) = glued {
            let exact = self.by_text.get(&rest.join("-")).into_iter().flatten();
            let exact = exact.map(|(_, target)| target);
            let fitting: Vec<Target> = in_pieces(rest)
                .map(|variant| &variant.target)
                .chain(exact)
                .filter(|target| target.kind.answers_to(kind))
                .cloned()
                .collect();
            if !fitting.is_empty() {
                return place.mention(place.text(), None, true, once_each(fitting));
            }
        }
        if place.said.as_ref().is_some_and(|(kind, _)| kind.is_exact()) {
            return None;
        }
        let is_one_word = words.len() == 1;
        let fitting: Vec<Target> = in_pieces(&spelled)
            .filter(|variant| {
                let target = &variant.target;
                let is_telling = target.via == Via::Alias
                    || place.stands_as_a_place
                        && (is_one_word || place.first_word > 0 && spelled.len() >= 3);
                variant.is_whole
                    && target.how != How::Label
                    && is_telling
                    && place.counts_alone(target.kind)
            })
            .map(|variant| variant.target.clone())
            .collect();
        place.mention(place.text(), None, true, once_each(fitting))
    }
}

/// Some words of a text that may be a name, and what stands around them.
struct Place<'w> {
    words: &'w [String],
    first_word: usize,
    end_word: usize,
    said: Option<(Kind, Range<usize>)>,
    /// The kind of the list that it stands in.
    listed: Option<(Kind, Range<usize>)>,
    stands_as_a_place: bool,
}

impl<'w> Place<'w> {
    fn new(
        words: &'w [String],
        first_word: usize,
        count: usize,
        listed_before: Option<(Kind, Range<usize>)>,
    ) -> Self {
        let end_word = first_word + count;
        Self {
            words,
            first_word,
            end_word,
            said: said_kind(words, first_word, end_word),
            listed: listed_before.or_else(|| kind_of_list(words, end_word)),
            stands_as_a_place: stands_as_a_place(words, first_word, end_word),
        }
    }

    fn text(&self) -> String {
        self.words[self.first_word..self.end_word].join(" ")
    }

    /// Namespaces and workloads are called like what people talk of: a bare "orders" is a namespace where a sentence names
    /// a place, and never a workload.
    fn counts_alone(&self, kind: Kind) -> bool {
        match kind {
            Kind::Workload => false,
            Kind::Namespace => self.stands_as_a_place || stands_inside(self.words, self.first_word),
            _ => true,
        }
    }

    fn mention(
        &self,
        words: String,
        kind_words: Option<Range<usize>>,
        is_variant: bool,
        targets: Vec<Target>,
    ) -> Option<Mention> {
        (!targets.is_empty()).then(|| Mention {
            words,
            first_word: self.first_word,
            end_word: self.end_word,
            kind_words: kind_words.unwrap_or_default(),
            is_variant,
            targets,
        })
    }
}

/// The kind of the name before, where the words at a place go on with its list: "VPC a or b", "VPCs a, b and c".
fn kind_from(
    previous: &Mention,
    words: &[String],
    position: usize,
) -> Option<(Kind, Range<usize>)> {
    let between = words.get(previous.end_word..position)?;
    let goes_on = match between {
        [] => words
            .get(previous.kind_words.clone())
            .is_some_and(|words| words.last().is_some_and(|word| word.ends_with('s'))),
        [joining] => is_joining(joining),
        [joining, the] => is_joining(joining) && the == "the",
        _ => false,
    };
    let kind = kind_of_word(&words.get(previous.kind_words.clone())?.join(" "))?;
    goes_on.then(|| (kind, previous.kind_words.clone()))
}

/// Each part once, the strongest of its names first.
fn once_each(mut targets: Vec<Target>) -> Vec<Target> {
    targets.sort();
    targets.dedup_by(|a, b| a.boundary == b.boundary && a.via == b.via);
    if targets.iter().any(|target| target.how != How::Label) {
        targets.retain(|target| target.how != How::Label);
    }
    targets
}

/// Whether a word has letters or digits.
fn is_sayable(word: &str) -> bool {
    word.contains(char::is_alphanumeric)
}

/// The ways in which a key is written in text.
fn spellings(key: &Key) -> Option<(&str, How)> {
    match key {
        Key::Provider(text) => text.split_once(':').map(|(_, id)| (id, How::Identifier)),
        Key::Address(text) if text.contains('#') => None,
        Key::Address(text) => Some((text.rsplit("//").next().unwrap_or(text), How::Address)),
    }
}

/// An address without `[0]` and `["key"]`; brackets inside quotes are part of a key.
fn without_instance_keys(address: &str) -> String {
    let mut plain = String::new();
    let (mut in_key, mut in_quotes) = (false, false);
    for character in address.chars() {
        match character {
            '"' if in_key => in_quotes = !in_quotes,
            '[' if !in_quotes => in_key = true,
            ']' if !in_quotes => in_key = false,
            _ if in_key => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests;
