//! The table of phrases, and what each makes of the words it matches.
//!
//! Phrases are matched against a guarantee's words, lower-cased and joined by single blanks: punctuation and line breaks
//! are gone. Expressions of this kind take time that grows with the length of the text alone.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::carveout::names::{Kind, NameIndex};

use super::local::is_whole_claim;
use super::sentence::{Sentence, targets_of};
use super::{Carried, Claim, Crossed, LinkWord, Phrase, Reading, Says};

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
    only_over: Regex,
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
const NONE: &str = "(?:no|zero|without|without an?|without any|has no|have no|nor any)";

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
                    r"\b(?:not attached to (?:any|a|the|our) (?:transit gateway|hub|tgw)|{NONE} (?:transit gateways?|tgw|hubs?|transit gateway attachments?)\b|unattached)"
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
                r"\b(loopback|localhost|127\.0\.0\.1|::1|(?:unix(?:[ -]domain)?|domain) sockets?|named pipes?|shared memory|(?:the )?same (?:pod|host|machine|process|container|instance|task|node|vm|virtual machine|box|network namespace)|(?:in|inside|within|on|share|shares|sharing) (?:one|a single|its own) (?:pod|host|machine|process|container|instance|task|node|vm)|(?:never leaves?|does not leave|do not leave|without leaving|not leaving) (?:the|its|this|our) (?:pod|host|machine|process|container|instance|task|node|vm|box|loopback)|in-process|in-memory|pod-local|host-local|node-local)\b",
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
                r"\b(?:(?:not|never|isn't|is not|nowhere|no longer|not yet|neither|nor) (?:be )?peered(?: (?P<to>to|with)\b)?|un-?peered|(?:no|zero) (?:vpc )?(?:peerings?|peers?|peering connections?)\b(?: (?P<to2>to|with)\b)?|without (?:any |a )?(?:vpc )?(?:peerings?|peers?)\b(?: (?P<to3>to|with)\b)?)",
            )?,
            anything: regex(
                r"^(?:(?:to|with) )?(?:any|anything|another|others?|anyone|everything|all|one)\b",
            )?,
            not_exposed: regex(&format!(
                r"\b(?:{NOT} (?:be )?(?:ever )?(?:directly |publicly )?{REACHED}(?: (?:to|from|by))? (?:the )?(?:public )?internet|(?:unreachable|inaccessible|isolated) from (?:the )?(?:public )?internet|no (?:public )?internet (?:access|exposure|ingress|route)|not internet-facing|not public|not publicly (?:reachable|accessible|exposed|routable)|no public (?:access|exposure|ingress|endpoints?|ips?|ip addresses|addresses)|no ingress from (?:the )?internet)\b"
            ))?,
            not_reached: regex(&format!(
                r"\b(?:{NOT} (?:be )?(?:ever )?(?:directly )?{REACHED} (?:from|by|to)|(?:unreachable|inaccessible|isolated|cut off|closed off) (?:from|to|by)|(?:not|never|neither|nor|no longer) connected (?:to|with)|no (?:path|route|routes|access|traffic|connectivity|connection|way in) (?:from|with)|closed to)\b"
            ))?,
            only_reached: regex(&format!(
                r"\b(?:only (?:ever )?{REACHED} (?:from|by)|{REACHED} (?:only|solely|exclusively) (?:from|by)|{NOT} {REACHED} (?:from|by) (?:(?:anything|anywhere|anyone) (?:but|except|other than|outside(?: of)?)|outside(?: of)?)|(?:unreachable|inaccessible|isolated|cut off|closed off|hidden) (?:from|to|by) (?:(?:anything|everything|anyone|everyone|all|what is) )?outside(?: of)?)\b"
            ))?,
            only_over: regex(&format!(
                r"\b(?:only (?:ever )?{REACHED} (?:over|across|via|through)|{REACHED} (?:only|solely|exclusively) (?:over|across|via|through)|{NOT} {REACHED} (?:except|other than|but) (?:over|across|via|through))\b"
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

    /// What carries the traffic. What the words rule out has to be known by now.
    pub(super) fn carried(&self, sentence: &Sentence<'_>, reading: &mut Reading) {
        let text = sentence.text.as_str();
        let stands_alone = |found: &regex::Match<'_>| {
            let before = text[..found.start()].chars().next_back();
            let after = text[found.end()..].chars().next();
            before.is_none_or(|letter| matches!(letter, ' ' | '/' | '@'))
                && after.is_none_or(|letter| matches!(letter, ' ' | '/' | ':'))
        };
        let local = self.local.find_iter(text).take(MOST_MATCHES);
        let local: Vec<Range<usize>> = local
            .filter(stands_alone)
            .map(|found| sentence.words_at(found.range()))
            .filter(|words| !sentence.is_negated(words.start))
            .collect();
        reading.phrases.extend(local.iter().map(|words| Phrase {
            words: words.clone(),
            says: Says::Locally,
        }));
        let is_local = !local.is_empty() && is_whole_claim(sentence, &local, &reading.ruled_out);
        self.crossed(sentence, &local, reading);
        reading.carried = match reading.crossed.first() {
            _ if is_local => Carried::Locally,
            Some(crossed) => Carried::OverLinks(crossed.word),
            None => Carried::Inside,
        };
        if is_local {
            reading.crossed.clear();
            reading
                .phrases
                .retain(|phrase| !matches!(phrase.says, Says::Over(_)));
        }
    }

    /// The links that traffic crosses, and which of the names beside them it stays inside of all the same.
    fn crossed(&self, sentence: &Sentence<'_>, local: &[Range<usize>], reading: &mut Reading) {
        let text = sentence.text.as_str();
        let mut overs: Vec<(Range<usize>, bool)> = Vec::new();
        for over in self.over.find_iter(text).take(MOST_MATCHES) {
            let words = sentence.words_at(over.range());
            let is_local = local
                .iter()
                .any(|local| local.start <= words.end + 1 && local.end > words.start);
            let is_crossed = !is_local && !sentence.is_negated(words.start);
            overs.push((words, is_crossed));
        }
        for (index, (over, _)) in overs
            .iter()
            .enumerate()
            .filter(|(_, (_, is_crossed))| *is_crossed)
        {
            let next = overs
                .get(index + 1)
                .map_or(sentence.words.len(), |(next, _)| next.start);
            let object = sentence.object(over.end);
            let found = self.links_in(sentence, over.end..next, object.end.min(next));
            let is_definite = |kind: &Range<usize>| {
                let between = sentence
                    .words
                    .get(over.end..kind.start)
                    .into_iter()
                    .flatten();
                between.into_iter().any(|word| {
                    matches!(
                        word.as_str(),
                        "the" | "our" | "its" | "their" | "this" | "that"
                    )
                })
            };
            let names_link = sentence.names_link() && reading.crossed.is_empty();
            if found.is_empty() && names_link {
                reading.crossed.push(Crossed {
                    word: LinkWord::Any,
                    is_definite: false,
                });
                reading.phrases.push(Phrase {
                    words: over.clone(),
                    says: Says::Over(LinkWord::Any),
                });
            }
            for (kind_words, word) in found {
                let is_definite = is_definite(&kind_words);
                for words in [over.clone(), kind_words] {
                    let phrase = Phrase {
                        words,
                        says: Says::Over(word),
                    };
                    if !reading.phrases.contains(&phrase) {
                        reading.phrases.push(phrase);
                    }
                }
                match reading.crossed.iter_mut().find(|known| known.word == word) {
                    Some(known) => known.is_definite |= is_definite,
                    None => reading.crossed.push(Crossed { word, is_definite }),
                }
            }
        }
        if reading.crossed.iter().any(|one| one.word != LinkWord::Any) {
            reading.crossed.retain(|one| one.word != LinkWord::Any);
        }
        if reading.crossed.is_empty() {
            return;
        }
        // A name belongs to the nearest phrase before it: an end of what is crossed, or what traffic is inside of.
        let inside = self.inside.find_iter(text).take(MOST_MATCHES);
        let inside = inside.map(|found| (sentence.words_at(found.range()).end, true));
        let added_in = (0..sentence.words.len()).filter(|index| {
            let before = index.checked_sub(1).and_then(|index| sentence.word(index));
            sentence.words[*index] == "in"
                && (sentence.breaks_before(*index)
                    || before
                        .is_none_or(|word| matches!(word, "and" | "or" | "then" | "but" | "also")))
        });
        let over_ends = overs.iter().map(|(words, _)| (words.end, false));
        let mut governors: Vec<(usize, bool)> = inside
            .chain(added_in.map(|index| (index + 1, true)))
            .chain(over_ends)
            .collect();
        governors.sort_unstable();
        for mention in sentence.mentions {
            let count = governors.partition_point(|(end, _)| *end <= mention.first_word);
            let is_inside = count.checked_sub(1).is_some_and(|last| governors[last].1);
            let is_link = mention
                .targets
                .iter()
                .all(|target| target.kind == Kind::Link);
            if is_inside && !is_link {
                reading.stays_inside.push(mention.first_word);
            }
        }
        self.only_over(sentence, reading);
    }

    /// The kinds of link in some words: all of those that what is crossed names, else the first that is spoken of.
    fn links_in(
        &self,
        sentence: &Sentence<'_>,
        words: Range<usize>,
        object_end: usize,
    ) -> Vec<(Range<usize>, LinkWord)> {
        let rest = sentence.text_from(words.start);
        let offset = sentence.text.len() - rest.len();
        let rest = &rest[..rest.len() - sentence.text_from(words.end).len()];
        let mut found: Vec<(Range<usize>, LinkWord)> = Vec::new();
        for (phrase, word) in &self.links {
            for link in phrase.find_iter(rest).take(MOST_MATCHES) {
                let at = sentence.words_at(offset + link.start()..offset + link.end());
                if at.start < words.end {
                    found.push((at, *word));
                } else {
                    break;
                }
            }
        }
        found.sort_by_key(|(at, _)| at.start);
        // A name may hold such a word too, and is none beside one that says it.
        let is_name = |at: &Range<usize>| at.clone().any(|index| sentence.is_named[index]);
        if found.iter().any(|(at, _)| !is_name(at)) {
            found.retain(|(at, _)| !is_name(at));
        }
        // "A VPN connection" is one thing.
        if found.iter().any(|(_, word)| *word != LinkWord::Any) {
            found.retain(|(_, word)| *word != LinkWord::Any);
        }
        let in_object = found
            .iter()
            .take_while(|(at, _)| at.start < object_end)
            .count();
        found.truncate(in_object.max(1));
        found.retain(|(at, _)| at.start < object_end || !sentence.is_negated(at.start));
        found
    }

    /// "Only reachable over its private endpoint": then nothing else leads to what is spoken of.
    fn only_over(&self, sentence: &Sentence<'_>, reading: &mut Reading) {
        for found in self.only_over.find_iter(&sentence.text).take(MOST_MATCHES) {
            let words = sentence.words_at(found.range());
            let ahead = 0..words.start;
            let before = sentence.names_in(&ahead);
            let subjects: Vec<_> = before
                .filter(|one| one.targets.iter().all(|target| target.kind != Kind::Link))
                .filter(|one| {
                    !reading
                        .ruled_out
                        .iter()
                        .any(|range| range.contains(&one.first_word))
                })
                .collect();
            reading
                .stays_inside
                .extend(subjects.iter().map(|one| one.first_word));
            let targets = targets_of(subjects.into_iter());
            reading.claim(Claim::OnlyReachedOver(targets), words);
        }
    }

    /// The claims beside it, and what the words rule out.
    pub(super) fn claims(&self, sentence: &Sentence<'_>, names: &NameIndex, reading: &mut Reading) {
        self.peers(sentence, reading);
        for (phrase, claim) in &self.flat {
            for found in phrase.find_iter(&sentence.text).take(MOST_MATCHES) {
                reading.claim_unless_qualified(
                    sentence,
                    claim.clone(),
                    sentence.words_at(found.range()),
                );
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
    pub(super) fn ruled_out(&self, sentence: &Sentence<'_>, reading: &mut Reading) {
        let text = &sentence.text;
        let crossed = self.over.find_iter(text).take(MOST_MATCHES);
        let crossed =
            crossed.filter(|over| sentence.is_negated(sentence.words_at(over.range()).start));
        // "Never outside VPC a", "unreachable from outside VPC a" are inside of it.
        let is_kept_inside = |word: usize| {
            let mut before = sentence.just_before(word);
            sentence.is_negated(word) || before.any(|word| CLOSED_WORDS.contains(&word))
        };
        let outside = self.outside.find_iter(text).take(MOST_MATCHES);
        let outside =
            outside.filter(|found| !is_kept_inside(sentence.words_at(found.range()).start));
        // "Inside VPC a, not b", "not VPC b but VPC a".
        let contrasted = (0..sentence.words.len()).filter(|index| {
            let begins = *index == 0 || sentence.breaks_before(*index);
            if sentence.words[*index] != "not" || !begins {
                return false;
            }
            let object = sentence.object(index + 1);
            let ends = sentence.breaks_before(object.end)
                || sentence.word(object.end).is_none_or(|word| word == "but");
            ends && object.clone().any(|index| sentence.is_named[index])
        });
        let found = crossed.chain(outside);
        let found = found.map(|found| sentence.words_at(found.range()));
        for words in found.chain(contrasted.map(|index| index..index + 1)) {
            reading.ruled_out.push(sentence.object(words.end));
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
            let has_exception = sentence.has_exception(&mut far);
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
                reading.claim_unless_qualified(sentence, Claim::NotPeered(targets), about);
            }
        }
    }

    fn reach(&self, sentence: &Sentence<'_>, reading: &mut Reading) {
        let text = sentence.text.as_str();
        for found in self.not_exposed.find_iter(text).take(MOST_MATCHES) {
            let words = sentence.words_at(found.range());
            if found.as_str() == "not public" && !is_said_of_a_name(sentence, words.start) {
                let why = "it may be the data that is not public";
                reading.undecidable(sentence, words, why);
            } else {
                reading.claim_unless_qualified(sentence, Claim::NotExposed, words);
            }
        }
        for found in self.no_egress.find_iter(text).take(MOST_MATCHES) {
            let words = sentence.words_at(found.range());
            reading.claim_unless_qualified(sentence, Claim::NoEgress, words);
        }
        let mut taken: Vec<Range<usize>> = Vec::new();
        for found in self.only_reached.find_iter(text).take(MOST_MATCHES) {
            let words = sentence.words_at(found.range());
            let far = sentence.list(words.end);
            let said = words.start..far.end;
            taken.push(said.clone());
            // "From outside VPC a": what is inside may.
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
                // Where it comes from and where it goes to are two things: "no path to a from b".
                let turns = if found.as_str().ends_with("from") || found.as_str().ends_with("by") {
                    ["to", "into"]
                } else {
                    ["from", "out"]
                };
                let words_of_far = sentence.words[far.clone()].iter();
                let length = words_of_far
                    .take_while(|word| !turns.contains(&word.as_str()))
                    .count();
                far.end = far.start + length;
                let has_exception = sentence.has_exception(&mut far);
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
                    reading.claim_unless_qualified(sentence, claim(targets), said);
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
                reading.place(
                    sentence,
                    Claim::InRegion(vec![word.clone()]),
                    index..index + 1,
                );
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
                reading.place(sentence, Claim::InAccount(vec![id.to_owned()]), words);
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

/// What is so keeps what is outside from getting in.
const CLOSED_WORDS: &[&str] = &[
    "anything",
    "away",
    "closed",
    "everything",
    "hidden",
    "inaccessible",
    "invisible",
    "isolated",
    "nobody",
    "none",
    "protected",
    "separated",
    "shielded",
    "unavailable",
    "unreachable",
];

/// Whether what is said from a word on is said of a name right before: "VPC a, which is not public".
fn is_said_of_a_name(sentence: &Sentence<'_>, word: usize) -> bool {
    let mut before = (0..word).rev().skip_while(|index| {
        matches!(
            sentence.words[*index].as_str(),
            "is" | "are" | "which" | "itself"
        )
    });
    before
        .next()
        .is_some_and(|index| sentence.is_named[index] || sentence.is_kind(index))
}

fn whole(sentence: &Sentence<'_>, found: &Captures<'_>) -> Range<usize> {
    let range = found.get(0).map_or(0..0, |whole| whole.range());
    sentence.words_at(range)
}
