//! What a guarantee says, in its own words: where traffic stays, which links it crosses, and what it rules out.
//!
//! Deterministic and modest: phrases are recognised by a table, and what no phrase matches is not a claim. Only claims that a
//! graph can decide are read ("not peered", "never reachable from the internet"); mere emphasis ("only", "never leaves") is
//! part of *inside*.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::names::{Kind, Mention, NameIndex, Target, words};

/// A guarantee as far as it is understood.
#[derive(Debug, Clone)]
pub struct Guarantee {
    /// Parts of the graph it names as what it rests on; those it only rules out ("not peered with b") are not among them.
    pub mentions: Vec<Mention>,
    /// What carries the traffic, by its words.
    pub carried: Carried,
    /// What else it claims.
    pub claims: Vec<Claim>,
}

/// What carries the traffic, by a guarantee's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// The loopback, a socket, one host or pod: no network at all.
    Locally,
    /// Links of a kind, or any kind.
    OverLinks(LinkWord),
    /// Nothing said: it stays inside what is named.
    Inside,
}

/// The kind of link that a guarantee speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkWord {
    /// "peering".
    Peering,
    /// "VPN", "tunnel".
    Vpn,
    /// "Direct Connect", "interconnect", "private line".
    Interconnect,
    /// "transit gateway".
    Hub,
    /// "link", "connection".
    Any,
}

/// A claim that a graph can decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It has no peering, or none with these.
    NotPeered(Vec<Target>),
    /// The internet does not reach it.
    NotExposed,
    /// It has no gateway to the internet at all.
    NoInternetGateway,
    /// It is attached to no hub.
    NotAttached,
    /// It is not reached from these.
    NotReachedFrom(Vec<Target>),
    /// The links it crosses are encrypted.
    Encrypted,
    /// The networks it stays in enforce encryption.
    EncryptionEnforced,
    /// It lies in one of these regions.
    InRegion(Vec<String>),
}

struct Phrases {
    local: Regex,
    over: Regex,
    peering: Regex,
    vpn: Regex,
    interconnect: Regex,
    hub: Regex,
    any_link: Regex,
    not_peered: Regex,
    anything: Regex,
    not_exposed: Regex,
    no_internet_gateway: Regex,
    not_attached: Regex,
    not_reached: Regex,
    encrypted: Regex,
    enforced: Regex,
    region: Regex,
}

/// Phrases are matched against the guarantee's words, lower-cased and joined by single blanks.
static PHRASES: LazyLock<Option<Phrases>> = LazyLock::new(|| {
    let regex = |pattern: &str| Regex::new(pattern).ok();
    Some(Phrases {
        local: regex(
            r"\b(loopback|localhost|127\.0\.0\.1|::1|unix(?:[ -]domain)? sockets?|(?:the )?same (?:pod|host|machine|process|container|instance|task)|in-process|pod-local|host-local)\b",
        )?,
        over: regex(
            r"\b(over|across|cross(?:es|ing)?|via|through|travers(?:es|ing)|rides|uses|along)\b",
        )?,
        peering: regex(r"\bpeering(?: connection| link)?s?\b")?,
        vpn: regex(r"\b(vpns?|ipsec|tunnels?)\b")?,
        interconnect: regex(
            r"\b(direct connect|interconnects?|private lines?|dedicated lines?|macsec|expressroute)\b",
        )?,
        hub: regex(r"\b(transit gateways?|tgw|core network|virtual hub)\b")?,
        any_link: regex(r"\b(link|links|connection|attachment)\b")?,
        not_peered: regex(
            r"\b(?:(?:not|never|isn't|is not|nowhere) (?:be )?peered(?: (?:to|with) (?P<far>.*))?|un-?peered|no (?:vpc )?(?:peerings?|peers?|peering connections?)\b|without (?:any |a )?(?:vpc )?(?:peerings?|peers?)\b)",
        )?,
        anything: regex(r"^(?:any|anything|another|others?|anyone|everything|all|one)\b")?,
        not_exposed: regex(
            r"\b(?:(?:not|never|isn't) (?:be )?(?:publicly )?(?:reachable|reached|accessible|exposed|routed|open)(?: to| from| by)? (?:the )?(?:public )?internet|never reachable from (?:the )?(?:public )?internet|no (?:public )?internet (?:access|exposure|ingress|route)|not internet-facing|not public|no public (?:access|exposure|ingress))\b",
        )?,
        no_internet_gateway: regex(
            r"\b(?:no|without (?:an? |any )?) ?(?:internet gateways?|igw)\b",
        )?,
        not_attached: regex(
            r"\b(?:not attached to (?:any|a) (?:transit gateway|hub)|no (?:transit gateways?|tgw|hubs?|transit gateway attachments?)\b|unattached)",
        )?,
        not_reached: regex(
            r"\b(?:not|never|isn't) (?:be )?(?:reachable|reached|accessible|routable) (?:from|by) (?P<far>.*)",
        )?,
        encrypted: regex(r"\b(?:encrypted|encryption|encrypts|macsec|ipsec)\b")?,
        enforced: regex(
            r"\b(?:enforces?|enforced|enforcing)\b.*\bencryption\b|\bencryption controls?\b.*\benforce|\bencryption is enforced\b",
        )?,
        // As Amazon spells them, and as Azure does.
        region: regex(
            r"\b(?P<region>(?:australia|austria|belgium|brazil|canada|chile|china|france|germany|indonesia|israel|italy|(?:jio)?india|japan|korea|malaysia|mexico|newzealand|norway|poland|qatar|southafrica|spain|sweden|switzerland|uae|uk)(?:north|south|east|west|central|southeast|westcentral)\d?|(?:north|south|east|west|central|northcentral|southcentral|westcentral|southeast)(?:us|europe|asia|india)\d?|(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-|iso[a-z]?-)?(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d|(?:africa|asia|australia|europe|me|northamerica|southamerica|us)-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)\d{1,2})\b",
        )?,
    })
});

impl Guarantee {
    /// Read a guarantee.
    #[must_use]
    pub fn read(text: &str, names: &NameIndex) -> Self {
        let mut mentions = names.mentions(text);
        let words = words(text);
        let joined = words.join(" ");
        let Some(phrases) = PHRASES.as_ref() else {
            return Self {
                mentions,
                carried: Carried::Inside,
                claims: Vec::new(),
            };
        };
        let carried = phrases.carried(&joined, &mentions);
        let claims = phrases.claims(&joined, &mentions, carried, names, &words);
        // What the words rule out is nothing that they rest on.
        let ruled_out = phrases.ruled_out(&joined);
        let mut starts = Vec::with_capacity(words.len());
        let mut start = 0;
        for word in &words {
            starts.push(start);
            start += word.len() + 1;
        }
        mentions.retain(|mention| {
            let start = starts.get(mention.first_word).copied().unwrap_or_default();
            !ruled_out.iter().any(|range| range.contains(&start))
        });
        Self {
            mentions,
            carried,
            claims,
        }
    }
}

impl Phrases {
    fn carried(&self, text: &str, mentions: &[Mention]) -> Carried {
        let local = self.local.find(text);
        // "Loopback or inside VPC a", "on the same host and VPC a": not all of it is local.
        let behind = local.map_or("", |local| &text[local.end()..]);
        let is_alternative = !mentions.is_empty() && text.contains(" or ")
            || behind.contains(" and ") && mentions.iter().any(|one| behind.contains(&one.words))
            || [" type", " class", " family", " size"]
                .iter()
                .any(|of| behind.starts_with(of));
        if local.is_some_and(|local| !is_negated(text, local.start())) && !is_alternative {
            return Carried::Locally;
        }
        let names_link = mentions.iter().any(|mention| {
            mention
                .targets
                .iter()
                .any(|target| target.kind == Kind::Link)
        });
        let mut over = self.over.find_iter(text);
        let Some(over) = over.find(|over| !is_negated(text, over.start())) else {
            return Carried::Inside;
        };
        // What stands before the phrase ("not peered, and") does not say what the traffic crosses.
        let rest = &text[over.end()..];
        let kinds = [
            (&self.peering, LinkWord::Peering),
            (&self.vpn, LinkWord::Vpn),
            (&self.interconnect, LinkWord::Interconnect),
            (&self.hub, LinkWord::Hub),
            (&self.any_link, LinkWord::Any),
        ];
        let first = kinds
            .iter()
            .filter_map(|(phrase, word)| Some((phrase.find(rest)?.start(), *word)))
            .min_by_key(|(start, _)| *start);
        match first {
            Some((_, word)) => Carried::OverLinks(word),
            None if names_link => Carried::OverLinks(LinkWord::Any),
            None => Carried::Inside,
        }
    }

    /// The stretches of a text that name what traffic does not meet: "not peered with b", "never crosses the VPN to c".
    fn ruled_out(&self, text: &str) -> Vec<Range<usize>> {
        let far = [&self.not_peered, &self.not_reached]
            .into_iter()
            .filter_map(|phrase| phrase.captures(text)?.name("far").map(|far| far.start()));
        let crossed = self
            .over
            .find_iter(text)
            .filter(|over| is_negated(text, over.start()))
            .map(|over| over.end());
        far.chain(crossed)
            .map(|start| start..start + clause(&text[start..]).len())
            .collect()
    }

    fn claims(
        &self,
        text: &str,
        mentions: &[Mention],
        carried: Carried,
        names: &NameIndex,
        words: &[String],
    ) -> Vec<Claim> {
        let mut claims = Vec::new();
        let named_in = |far: &str| -> Vec<Target> {
            names
                .mentions(clause(far))
                .into_iter()
                .flat_map(|mention| mention.targets)
                .collect()
        };
        let has_exception = |far: &str| {
            far.contains("other than")
                || far.contains(" but ")
                || far.contains("except")
                || far.contains("besides")
        };
        if let Some(found) = self.not_peered.captures(text) {
            let far = found.name("far").map_or("", |far| far.as_str());
            let targets = named_in(far);
            // "not peered with the data VPC", where nothing here is called data, does not rule out all peering.
            let is_understood =
                !targets.is_empty() || far.is_empty() || self.anything.is_match(far);
            let rest = &text[found.get(0).map_or(0, |whole| whole.start())..];
            if is_understood && !has_exception(rest) {
                claims.push(Claim::NotPeered(targets));
            }
        }
        if self.no_internet_gateway.is_match(text) {
            claims.push(Claim::NoInternetGateway);
        }
        if self.not_exposed.is_match(text) {
            claims.push(Claim::NotExposed);
        } else if let Some(far) = self
            .not_reached
            .captures(text)
            .and_then(|found| found.name("far"))
        {
            let targets = named_in(far.as_str());
            if !targets.is_empty() && !has_exception(far.as_str()) {
                claims.push(Claim::NotReachedFrom(targets));
            }
        }
        if self.not_attached.is_match(text) {
            claims.push(Claim::NotAttached);
        }
        match carried {
            Carried::OverLinks(_) if self.encrypted.is_match(text) => claims.push(Claim::Encrypted),
            Carried::Inside if self.enforced.is_match(text) => {
                claims.push(Claim::EncryptionEnforced)
            }
            _ => {}
        }
        // A region inside a name (`orders-us-east-1`) is no claim about the place; words of names are left out.
        let is_named = |index: usize| {
            mentions
                .iter()
                .any(|one| (one.first_word..one.end_word).contains(&index))
        };
        let regions: Vec<String> = words
            .iter()
            .enumerate()
            .filter(|(index, _)| !is_named(*index))
            .filter_map(|(_, word)| {
                self.region
                    .find(word)
                    .filter(|found| found.as_str() == word)
            })
            .map(|found| found.as_str().to_owned())
            .collect();
        if !regions.is_empty() {
            claims.push(Claim::InRegion(regions));
        }
        claims
    }
}

/// The rest of a clause: punctuation is gone, so the next conjunction ends it.
fn clause(text: &str) -> &str {
    let ends = [" and ", " which ", " but ", " stays "];
    let end = ends.iter().filter_map(|word| text.find(word)).min();
    &text[..end.unwrap_or(text.len())]
}

/// Whether one of the few words before a place in a text, in the same clause, denies what follows.
fn is_negated(text: &str, start: usize) -> bool {
    let before = text[..start].split_whitespace().rev().take(3);
    before
        .take_while(|word| !matches!(*word, "and" | "but" | "which" | "that" | "only" | "or"))
        .any(|word| {
            matches!(
                word,
                "never" | "not" | "no" | "nor" | "without" | "neither" | "cannot"
            ) || word.ends_with("n't")
                || word.ends_with("n\u{2019}t")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_instance_type_is_not_the_same_instance() {
        let carried = |text: &str| read(text).carried;
        assert_eq!(
            carried("in VPC a, all on the same instance type"),
            Carried::Inside
        );
        assert_eq!(carried("both on the same instance"), Carried::Locally);
    }

    #[test]
    fn a_link_that_is_ruled_out_carries_nothing() {
        let carried = |text: &str| read(text).carried;
        assert_eq!(
            carried("stays inside VPC a and never crosses the peering to b"),
            Carried::Inside
        );
        assert_eq!(
            carried("in VPC a, does not go over the VPN"),
            Carried::Inside
        );
        assert_eq!(carried("in VPC a, not on the same host"), Carried::Inside);
        assert_eq!(
            carried("not peered, and crosses only the VPN to b"),
            Carried::OverLinks(LinkWord::Vpn)
        );
    }

    fn read(text: &str) -> Guarantee {
        Guarantee::read(text, &NameIndex::default())
    }

    #[test]
    fn loopback_and_sockets_are_no_network() {
        assert_eq!(
            read("loopback only, both processes run in the same pod").carried,
            Carried::Locally
        );
        assert_eq!(
            read("a Unix socket on the same host, no network").carried,
            Carried::Locally
        );
        assert_eq!(
            read("both ends run in the lagoon VPC").carried,
            Carried::Inside
        );
    }

    #[test]
    fn links_are_crossed_and_peerings_denied_are_not() {
        assert_eq!(
            read("only over the peering between a and b").carried,
            Carried::OverLinks(LinkWord::Peering)
        );
        assert_eq!(
            read("crosses only the VPN connection to oslo").carried,
            Carried::OverLinks(LinkWord::Vpn)
        );
        assert_eq!(
            read("stays inside VPC a, which is not peered with any network").carried,
            Carried::Inside
        );
    }

    #[test]
    fn a_ban_on_peering_is_a_claim_and_emphasis_is_not() {
        assert_eq!(
            read("VPC a, which is not peered with any network").claims,
            [Claim::NotPeered(Vec::new())]
        );
        assert_eq!(
            read("in VPC a, no peering, no internet gateway").claims,
            [Claim::NotPeered(Vec::new()), Claim::NoInternetGateway]
        );
        assert!(read("never leaves VPC a, and only there").claims.is_empty());
    }

    #[test]
    fn a_ban_on_peering_with_something_unknown_is_no_ban_on_all() {
        assert!(
            read("VPC a, not peered with the data VPC")
                .claims
                .is_empty()
        );
        assert_eq!(
            read("VPC a, not peered with another VPC").claims,
            [Claim::NotPeered(Vec::new())]
        );
        assert_eq!(
            read("VPC a, not peered").claims,
            [Claim::NotPeered(Vec::new())]
        );
    }

    #[test]
    fn a_place_is_a_claim_only_as_a_word_of_its_own() {
        assert_eq!(
            read("inside VPC core in eu-west-1").claims,
            [Claim::InRegion(vec!["eu-west-1".into()])]
        );
        assert_eq!(
            read("inside VNet core in westeurope").claims,
            [Claim::InRegion(vec!["westeurope".into()])]
        );
        assert!(read("inside VPC orders-eu-west-1").claims.is_empty());
        assert!(read("inside VNet core in the west").claims.is_empty());
    }

    #[test]
    fn exposure_to_the_internet_ruled_out_is_a_claim() {
        assert_eq!(
            read("in VPC shop, never reachable from the internet").claims,
            [Claim::NotExposed]
        );
    }
}
