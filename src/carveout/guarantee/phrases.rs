//! The table of phrases, and what each makes of the words it matches.
//!
//! Phrases are matched against a guarantee's words, lower-cased and joined by single blanks: punctuation and line breaks
//! are gone. Expressions of this kind take time that grows with the length of the text alone.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::carveout::names::NameIndex;
use crate::carveout::names::sentence::kind_of_word;

use super::{Carried, Claim, LinkWord, Phrase, Reading, Says, Sentence, targets_of};

/// Most matches of one phrase that are looked at; nobody writes more.
const MOST_MATCHES: usize = 200;

pub(super) struct Phrases {
    local: Regex,
    over: Regex,
    links: [(Regex, LinkWord); 7],
    inside: Regex,
    outside: Regex,
    not_peered: Regex,
    anything: Regex,
    not_exposed: Regex,
    not_reached: Regex,
    only_reached: Regex,
    not_reaching: Regex,
    no_egress: Regex,
    /// What is denied in so many words, and nothing is said about.
    flat: Vec<(Regex, Claim)>,
    encrypted: Regex,
    enforced: Regex,
    region: Regex,
    account: Regex,
    undecidable: Vec<(Regex, &'static str)>,
}

pub(super) static PHRASES: LazyLock<Option<Phrases>> = LazyLock::new(|| Phrases::new().ok());

const REACHED: &str =
    "(?:reachable|reached|accessible|accessed|routable|routed|exposed|visible|open|called)";
const NOT: &str = r"(?:not|never|isn't|aren't|cannot be|can't be|nowhere|neither|nor)";
const NONE: &str = "(?:no|without|without an?|without any|has no|have no|nor any)";

impl Phrases {
    fn new() -> Result<Self, regex::Error> {
        let regex = |pattern: &str| Regex::new(pattern);
        let links = [
            (r"\bpeering(?: connection| link)?s?\b", LinkWord::Peering),
            (
                r"\b(vpns?|ipsec|tunnels?|site-to-site|wireguard)\b",
                LinkWord::Vpn,
            ),
            (
                r"\b(direct connect|interconnects?|private lines?|dedicated lines?|leased lines?|dark fib(?:er|re)|macsec|expressroute|fastconnect|cross-connects?)\b",
                LinkWord::Interconnect,
            ),
            (
                r"\b(transit gateways?|tgw|core network|cloud wan|virtual wan|virtual hub)\b",
                LinkWord::Hub,
            ),
            (
                r"\b(mesh (?:link|federation)s?|east-west gateways?)\b",
                LinkWord::Mesh,
            ),
            (
                r"\b(privatelink|private link|private (?:service )?endpoints?|private service connect|interface endpoints?|vpc endpoints?)\b",
                LinkWord::PrivateEndpoint,
            ),
            (r"\b(links?|connection|attachment)\b", LinkWord::Any),
        ];
        let [a, b, c, d, e, f, g] =
            links.map(|(pattern, word)| regex(pattern).map(|one| (one, word)));
        let flat = [
            (format!(r"\b{NONE} ?(?:internet gateways?|igws?)\b"), Claim::NoInternetGateway),
            (
                format!(
                    r"\b(?:not attached to (?:any|a) (?:transit gateway|hub|tgw)|{NONE} (?:transit gateways?|tgw|hubs?|transit gateway attachments?)\b|unattached)"
                ),
                Claim::NotAttached,
            ),
            (
                format!(r"\b{NONE} (?:nat gateways?|nats?|cloud nat|address translation)\b"),
                Claim::NoTranslation,
            ),
            (
                format!(r"\b{NONE} (?:site-to-site )?(?:vpns?|vpn connections?|tunnels?)\b"),
                Claim::NoLink(LinkWord::Vpn),
            ),
            (
                format!(r"\b{NONE} (?:direct connect|interconnects?|expressroutes?|private lines?)\b"),
                Claim::NoLink(LinkWord::Interconnect),
            ),
            (
                format!(r"\b{NONE} (?:privatelink|private endpoints?|vpc endpoints?|endpoint services?)\b"),
                Claim::NoLink(LinkWord::PrivateEndpoint),
            ),
            (
                r"\b(?:(?:in|on|inside|within|only)(?: the| our)?(?: \S+)? (?:private|isolated|internal) subnets?(?: only| alone)?|private subnets? only|no public subnets?)\b".to_owned(),
                Claim::PrivateSubnets,
            ),
        ];
        let undecidable = [
            (
                r"\b(?:(?:same|one|single) (?:availability zones?|az|zone)|availability zones? \S+|(?:us|eu|ap|sa|ca|me|af|il)-(?:gov-)?[a-z]+-\d[a-f])\b",
                "the network is known by region, not by zone",
            ),
            (
                r"\b(?:security groups?|nsgs?|firewall(?:ed|s| rules?)?|packet filters?|nacls?|network polic(?:y|ies)|allow-?list(?:ed|s)?|ip-restricted)\b",
                "packet filters narrow a path and make none, so they are no part of the perimeter",
            ),
            (
                r"\b(?:air-?gapped|physically (?:separated?|isolated|secured)|same (?:rack|data ?cent(?:re|er)|building|switch)|dedicated hardware|locked (?:room|cage))\b",
                "no input tells of places and machines",
            ),
            (
                r"\b(?:mtls|mutual tls|wireguard-encrypted|over tls)\b",
                "modes of a mesh are watched as changes, and not decided from words",
            ),
            (
                r"\bno other (?:workloads?|pods?|services?|tenants?|hosts?|machines?|teams?|apps?|applications?)\b",
                "who else is inside is no part of the perimeter",
            ),
            (
                r"\bsame (?:subnet|network segment|vlan)\b",
                "the network around a subnet is watched, not the subnet",
            ),
        ];
        Ok(Self {
            local: regex(
                r"\b(loopback|localhost|127\.0\.0\.1|::1|(?:unix(?:[ -]domain)?|domain) sockets?|named pipes?|shared memory|(?:the )?same (?:pod|host|machine|process|container|instance|task|node|vm|virtual machine|box)|(?:in|inside|within|on|share|shares|sharing) (?:one|a single|its own) (?:pod|host|machine|process|container|instance|task|node|vm)|(?:never leaves?|does not leave|do not leave|without leaving|not leaving) (?:the|its|this|our) (?:pod|host|machine|process|container|instance|task|node|vm|box|loopback)|in-process|in-memory|pod-local|host-local|node-local)\b",
            )?,
            over: regex(
                r"\b(over|across|cross(?:es|ing)?|via|through|travers(?:es|ing|e)|rides|uses|along)\b",
            )?,
            links: [a?, b?, c?, d?, e?, f?, g?],
            inside: regex(
                r"\b(?:(?:stays?|remains?|runs?|lives?|kept|confined|contained|keeps?|lies?|both ends)(?: only| entirely| strictly| run| are| is| to)? (?:inside|within|in)|(?:never|not|n't) (?:leaves?|leaving|exits?)|do(?:es)? not leave|inside|within|internal to|local to|confined to|limited to|restricted to)\b",
            )?,
            outside: regex(
                r"\b(?:outside(?: of)?|rather than|instead of|not (?:in|inside|within))\b",
            )?,
            not_peered: regex(
                r"\b(?:(?:not|never|isn't|is not|nowhere) (?:be )?peered(?: (?P<to>to|with)\b)?|un-?peered|no (?:vpc )?(?:peerings?|peers?|peering connections?)\b(?: (?P<to2>to|with)\b)?|without (?:any |a )?(?:vpc )?(?:peerings?|peers?)\b(?: (?P<to3>to|with)\b)?)",
            )?,
            anything: regex(
                r"^(?:(?:to|with) )?(?:any|anything|another|others?|anyone|everything|all|one)\b",
            )?,
            not_exposed: regex(&format!(
                r"\b(?:{NOT} (?:be )?(?:ever )?(?:directly |publicly )?{REACHED}(?: (?:to|from|by))? (?:the )?(?:public )?internet|(?:unreachable|inaccessible|isolated) from (?:the )?(?:public )?internet|no (?:public )?internet (?:access|exposure|ingress|route)|not internet-facing|not public|not publicly (?:reachable|accessible|exposed|routable)|no public (?:access|exposure|ingress|endpoints?|ips?|ip addresses|addresses)|no ingress from (?:the )?internet)\b"
            ))?,
            not_reached: regex(&format!(
                r"\b(?:{NOT} (?:be )?(?:ever )?(?:directly )?{REACHED} (?:from|by|to)|(?:unreachable|inaccessible|isolated|cut off|closed off) (?:from|to|by)|no (?:path|route|routes|access|traffic|connectivity|connection|way in) (?:from|with)|closed to)\b"
            ))?,
            only_reached: regex(&format!(
                r"\b(?:only (?:ever )?{REACHED} (?:from|by)|{REACHED} (?:only|solely|exclusively) (?:from|by)|{NOT} {REACHED} (?:from|by) (?:(?:anything|anywhere|anyone) (?:but|except|other than|outside(?: of)?)|outside(?: of)?))\b"
            ))?,
            not_reaching: regex(
                r"\b(?:no (?:path|route|routes|access|connectivity|way) (?:to|into)|(?:cannot|can't|can not|does not|never) (?:reach(?:es)?|contacts?|calls?|talks? to)|never routed to)\b",
            )?,
            no_egress: regex(&format!(
                r"\b(?:{NONE} (?:internet )?egress|{NONE} outbound(?: internet)?(?: access| traffic| connectivity)?|no way out|no default route|no (?:route|path|access|way) (?:out )?to the (?:public )?internet|(?:cannot|can't|does not|never) reach(?:es)? the (?:public )?internet)\b"
            ))?,
            flat: flat
                .into_iter()
                .map(|(pattern, claim)| Ok((regex(&pattern)?, claim)))
                .collect::<Result<_, regex::Error>>()?,
            encrypted: regex(r"\b(?:encrypted|encryption|encrypts|macsec|ipsec)\b")?,
            enforced: regex(
                r"\b(?:enforces?|enforced|enforcing)\b.*?\bencryption\b|\bencryption controls?\b.*?\benforces?\b|\bencryption is enforced\b",
            )?,
            // As Amazon spells them, Google, and Azure.
            region: regex(
                r"\b(?P<region>(?:australia|austria|belgium|brazil|canada|chile|china|france|germany|indonesia|israel|italy|(?:jio)?india|japan|korea|malaysia|mexico|newzealand|norway|poland|qatar|southafrica|spain|sweden|switzerland|uae|uk)(?:north|south|east|west|central|southeast|westcentral)\d?|(?:north|south|east|west|central|northcentral|southcentral|westcentral|southeast)(?:us|europe|asia|india)\d?|(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-|iso[a-z]?-)?(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d|(?:africa|asia|australia|europe|me|northamerica|southamerica|us)-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)\d{1,2})\b",
            )?,
            account: regex(
                r"\b(?:accounts?|subscriptions?|projects?|tenancy)(?: id| number)? (?P<account>[a-z0-9][a-z0-9._:-]*)",
            )?,
            undecidable: undecidable
                .into_iter()
                .map(|(pattern, why)| Ok((regex(pattern)?, why)))
                .collect::<Result<_, regex::Error>>()?,
        })
    }

    /// What carries the traffic.
    pub(super) fn carried(&self, sentence: &Sentence<'_>, phrases: &mut Vec<Phrase>) -> Carried {
        let text = sentence.text.as_str();
        if let Some(local) = self.local.find(text) {
            let words = sentence.words_at(local.range());
            let behind = &text[local.end()..];
            let names_behind = sentence
                .mentions
                .iter()
                .any(|one| one.first_word >= words.end);
            // "Loopback or inside VPC a", "on the same host and VPC a": not all of it is local.
            let is_alternative = !sentence.mentions.is_empty() && text.contains(" or ")
                || behind.contains(" and ") && names_behind
                || behind.starts_with(" to ")
                || NOT_LOCAL
                    .iter()
                    .any(|of| behind.strip_prefix(of).is_some_and(ends_word));
            if !sentence.is_negated(words.start) && !is_alternative {
                phrases.push(Phrase {
                    words,
                    says: Says::Locally,
                });
                return Carried::Locally;
            }
        }
        let mut over = self.over.find_iter(text).take(MOST_MATCHES);
        let over = over.find(|over| !sentence.is_negated(sentence.words_at(over.range()).start));
        let Some(over) = over else {
            return Carried::Inside;
        };
        // What stands before the phrase ("not peered, and") does not say what the traffic crosses.
        let rest = &text[over.end()..];
        let kinds = self.links.iter();
        let first = kinds
            .filter_map(|(phrase, word)| Some((phrase.find(rest)?, *word)))
            .min_by_key(|(found, _)| found.start());
        let (word, kind_words) = match first {
            Some((found, word)) => {
                let range = over.end() + found.start()..over.end() + found.end();
                (word, Some(sentence.words_at(range)))
            }
            None if sentence.names_link() => (LinkWord::Any, None),
            None => return Carried::Inside,
        };
        let words = std::iter::once(sentence.words_at(over.range())).chain(kind_words);
        phrases.extend(words.map(|words| Phrase {
            words,
            says: Says::Over(word),
        }));
        Carried::OverLinks(word)
    }

    /// The claims beside it, and what the words rule out.
    pub(super) fn claims(&self, sentence: &Sentence<'_>, names: &NameIndex, reading: &mut Reading) {
        self.ruled_out(sentence, reading);
        self.peers(sentence, reading);
        for (phrase, claim) in &self.flat {
            for found in phrase.find_iter(&sentence.text).take(MOST_MATCHES) {
                reading.claim(claim.clone(), sentence.words_at(found.range()));
            }
        }
        self.reach(sentence, reading);
        self.encryption(sentence, reading);
        self.place_claims(sentence, names, reading);
        for (phrase, why) in &self.undecidable {
            for found in phrase.find_iter(&sentence.text).take(MOST_MATCHES) {
                let words = sentence.words_at(found.range());
                if !words.clone().any(|index| sentence.is_named[index]) {
                    reading.undecidable(sentence, words, why);
                }
            }
        }
    }

    /// "Never crosses the VPN to c", "outside VPC b".
    fn ruled_out(&self, sentence: &Sentence<'_>, reading: &mut Reading) {
        let text = &sentence.text;
        let crossed = self.over.find_iter(text).take(MOST_MATCHES);
        let crossed =
            crossed.filter(|over| sentence.is_negated(sentence.words_at(over.range()).start));
        // "Never outside VPC a" is inside of it.
        let outside = self.outside.find_iter(text).take(MOST_MATCHES);
        let outside =
            outside.filter(|found| !sentence.is_negated(sentence.words_at(found.range()).start));
        for found in crossed.chain(outside) {
            let words = sentence.words_at(found.range());
            // "Not in the clear, in VPC a" rules out no VPC.
            let clause = sentence.clause(words.end);
            let named = sentence.words[clause.clone()].iter();
            let length = named.take_while(|word| *word != "in").count();
            reading.ruled_out.push(clause.start..clause.start + length);
            reading.phrases.push(Phrase {
                words,
                says: Says::RulesOut,
            });
        }
    }

    fn peers(&self, sentence: &Sentence<'_>, reading: &mut Reading) {
        let found = self.not_peered.captures_iter(&sentence.text);
        for found in found.take(MOST_MATCHES) {
            let words = whole(sentence, &found);
            let has_far = ["to", "to2", "to3"]
                .iter()
                .any(|name| found.name(name).is_some());
            let mut far = sentence.list(words.end);
            let has_exception = has_exception(sentence, &mut far);
            let far_text = sentence.words[far.clone()].join(" ");
            let targets = if has_far {
                reading.ruled_out.push(far.clone());
                targets_of(sentence.names_in(&far))
            } else {
                Vec::new()
            };
            let said = words.start..far.end.max(words.end);
            if has_exception {
                let why = "an exception is read by people only";
                reading.undecidable(sentence, said, why);
            } else if targets.is_empty() && has_far && !self.anything.is_match(&far_text) {
                // "Not peered with the data VPC", where nothing here is called data, does not rule out all peering.
                reading.undecidable(sentence, said, UNKNOWN_NAME);
            } else {
                let about = if has_far { said } else { words };
                reading.claim(Claim::NotPeered(targets), about);
            }
        }
    }

    fn reach(&self, sentence: &Sentence<'_>, reading: &mut Reading) {
        let text = sentence.text.as_str();
        for found in self.not_exposed.find_iter(text).take(MOST_MATCHES) {
            reading.claim(Claim::NotExposed, sentence.words_at(found.range()));
        }
        for found in self.no_egress.find_iter(text).take(MOST_MATCHES) {
            reading.claim(Claim::NoEgress, sentence.words_at(found.range()));
        }
        let mut taken: Vec<Range<usize>> = Vec::new();
        for found in self.only_reached.find_iter(text).take(MOST_MATCHES) {
            let words = sentence.words_at(found.range());
            let far = sentence.list(words.end);
            let said = words.start..far.end;
            taken.push(said.clone());
            let targets = targets_of(sentence.names_in(&far));
            if targets.is_empty() {
                reading.undecidable(sentence, said, UNKNOWN_NAME);
            } else {
                reading.ruled_out.push(far.clone());
                reading.origins.push(far);
                reading.claim(Claim::OnlyReachedFrom(targets), said);
            }
        }
        let from = (&self.not_reached, Claim::NotReachedFrom as fn(_) -> _);
        let to = (&self.not_reaching, Claim::NotReaching as fn(_) -> _);
        for (phrase, claim) in [from, to] {
            for found in phrase.find_iter(text).take(MOST_MATCHES) {
                let words = sentence.words_at(found.range());
                if taken.iter().any(|range| range.contains(&words.start)) {
                    continue;
                }
                let mut far = sentence.list(words.end);
                let has_exception = has_exception(sentence, &mut far);
                let said = words.start..far.end;
                let far_text = sentence.words[far.clone()].join(" ");
                reading.ruled_out.push(far.clone());
                let targets = targets_of(sentence.names_in(&far));
                let is_internet = far_text
                    .split(' ')
                    .take(4)
                    .any(|word| word == "internet" || word == "outside");
                if has_exception {
                    let why = "an exception is read by people only";
                    reading.undecidable(sentence, said, why);
                } else if !targets.is_empty() {
                    reading.claim(claim(targets), said);
                } else if !is_internet {
                    reading.undecidable(sentence, said, UNKNOWN_NAME);
                }
            }
        }
    }

    fn encryption(&self, sentence: &Sentence<'_>, reading: &mut Reading) {
        let text = sentence.text.as_str();
        let is_over = matches!(reading.carried, Carried::OverLinks(_));
        if !is_over && let Some(found) = self.enforced.find(text) {
            reading.claim(Claim::EncryptionEnforced, sentence.words_at(found.range()));
            return;
        }
        for found in self.encrypted.find_iter(text).take(MOST_MATCHES) {
            let words = sentence.words_at(found.range());
            let is_other = sentence.is_negated(words.start)
                || words.clone().any(|index| sentence.is_named[index]);
            if is_other {
                continue;
            }
            if is_over {
                reading.claim(Claim::Encrypted, words);
            } else if reading.carried == Carried::Inside {
                let why = "encryption inside a network is decided only where it is enforced: write that it enforces encryption";
                reading.undecidable(sentence, words, why);
            }
        }
    }

    /// Regions and accounts.
    fn place_claims(&self, sentence: &Sentence<'_>, names: &NameIndex, reading: &mut Reading) {
        // A region inside a name (`orders-us-east-1`) is no claim about the place; words of names are left out.
        for (index, word) in sentence.words.iter().enumerate() {
            if sentence.is_named[index] || reading.claims.len() > MOST_MATCHES {
                continue;
            }
            let found = self.region.find(word);
            if found.is_some_and(|found| found.as_str() == word) && !sentence.is_elsewhere(index) {
                reading.claim(Claim::InRegion(vec![word.clone()]), index..index + 1);
            }
        }
        for found in self
            .account
            .captures_iter(&sentence.text)
            .take(MOST_MATCHES)
        {
            let Some(account) = found.name("account") else {
                continue;
            };
            let id = account.as_str().trim_end_matches(['.', ':', '-', '_']);
            let words = whole(sentence, &found);
            let is_id = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
            let is_named = words.clone().any(|index| sentence.is_named[index]);
            if (is_id || names.has_account(id)) && !is_named && !sentence.is_elsewhere(words.start)
            {
                reading.claim(Claim::InAccount(vec![id.to_owned()]), words);
            }
        }
    }

    /// What traffic is said to stay inside of, besides what has a name.
    pub(super) fn places(&self, sentence: &Sentence<'_>, reading: &mut Reading) {
        let mut ends: Vec<usize> = Vec::new();
        for found in self.inside.find_iter(&sentence.text).take(MOST_MATCHES) {
            let words = sentence.words_at(found.range());
            ends.push(words.end);
            reading.phrases.push(Phrase {
                words,
                says: Says::Inside,
            });
        }
        let follows_inside = |words: &Range<usize>| {
            let before = sentence.words[..words.start].iter().rev();
            let skipped = before
                .take_while(|word| matches!(word.as_str(), "the" | "region" | "location" | "one"))
                .count();
            ends.contains(&(words.start - skipped))
        };
        let phrases = reading.phrases.iter();
        for phrase in phrases.filter(|phrase| follows_inside(&phrase.words)) {
            let Says::Claim(index) = phrase.says else {
                continue;
            };
            match &reading.claims[index] {
                Claim::InRegion(regions) => reading.inside_regions.clone_from(regions),
                Claim::InAccount(accounts) => reading.inside_accounts.clone_from(accounts),
                _ => {}
            }
        }
    }
}

const UNKNOWN_NAME: &str = "nothing in what was read bears the name";

/// What makes the words before it speak of something else: "the same instance type".
const NOT_LOCAL: &[&str] = &[
    " type", " class", " family", " size", " pool", " pools", " group", " groups", " image",
    " network", " per",
];

fn ends_word(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(' ')
}

fn whole(sentence: &Sentence<'_>, found: &Captures<'_>) -> Range<usize> {
    let range = found.get(0).map_or(0..0, |whole| whole.range());
    sentence.words_at(range)
}

/// Whether a list of names holds an exception, or is ended by one ("with anything but a"), which it then takes in.
fn has_exception(sentence: &Sentence<'_>, list: &mut Range<usize>) -> bool {
    let text = sentence.words[list.clone()].join(" ");
    let inside = ["other than", "except", "besides", "apart from", "unless"];
    if inside.iter().any(|words| text.contains(words)) {
        return true;
    }
    let is_but = sentence
        .words
        .get(list.end)
        .is_some_and(|word| word == "but");
    let next = list.end + 1;
    // "Not peered with a, but crosses the VPN" goes on with something else.
    let names_something = sentence.is_named.get(next).copied().unwrap_or_default()
        || sentence
            .words
            .get(next)
            .is_some_and(|word| word == "the" || kind_of_word(word).is_some());
    let holds = is_but && names_something;
    if holds {
        list.end = sentence.list(next).end;
    }
    holds
}
