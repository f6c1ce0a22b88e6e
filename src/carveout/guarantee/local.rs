//! Whether a guarantee says that all of its traffic stays on one host.
//!
//! Such a guarantee rests on nothing, and nothing will ever fall on it. So "localhost" among other words is not enough: the
//! claim has to be all that is said, and whatever else may be said of other traffic makes it rest on what else there is.

use std::ops::Range;

use crate::carveout::names::{Kind, Mention};

use super::account::is_plain;
use super::sentence::{Sentence, denies};

/// Words that speak of other traffic, another time or another way; sorted.
const OTHERWISE: &[&str] = &[
    "across",
    "another",
    "beyond",
    "but",
    "cross",
    "crosses",
    "else",
    "elsewhere",
    "everywhere",
    "except",
    "fallback",
    "forward",
    "forwarded",
    "forwards",
    "internet",
    "later",
    "mostly",
    "normally",
    "once",
    "otherwise",
    "outside",
    "possible",
    "preferably",
    "remote",
    "remotely",
    "replicates",
    "rest",
    "site",
    "sometimes",
    "then",
    "today",
    "tomorrow",
    "unless",
    "unlike",
    "until",
    "usually",
    "wan",
    "whenever",
    "yet",
];

/// Who and what speaks on one host, and how; sorted.
const COMPANIONS: &[&str] = &[
    "address",
    "agent",
    "app",
    "application",
    "applications",
    "apps",
    "backend",
    "bind",
    "binds",
    "bound",
    "broker",
    "buffer",
    "cache",
    "caller",
    "callers",
    "channel",
    "cleartext",
    "client",
    "clients",
    "collector",
    "connect",
    "connection",
    "connections",
    "connects",
    "consumer",
    "container",
    "containers",
    "daemon",
    "database",
    "db",
    "device",
    "envoy",
    "exporter",
    "grpc",
    "health",
    "hop",
    "hops",
    "host",
    "hosts",
    "http",
    "instance",
    "interface",
    "interfaces",
    "ipc",
    "kernel",
    "listen",
    "listener",
    "listening",
    "listens",
    "live",
    "lives",
    "local",
    "locally",
    "machine",
    "memory",
    "metrics",
    "namespace",
    "network",
    "node",
    "pair",
    "parties",
    "peer",
    "peers",
    "pid",
    "pipe",
    "plain",
    "plaintext",
    "pod",
    "pods",
    "port",
    "ports",
    "process",
    "processes",
    "producer",
    "proxy",
    "queries",
    "query",
    "queue",
    "queues",
    "reach",
    "reachable",
    "reader",
    "receiver",
    "scrape",
    "scraped",
    "scraper",
    "scrapes",
    "sender",
    "servers",
    "service",
    "share",
    "shared",
    "shares",
    "sharing",
    "side",
    "sidecar",
    "sidecars",
    "sides",
    "socket",
    "sockets",
    "stack",
    "tcp",
    "thread",
    "threads",
    "touch",
    "touches",
    "wire",
    "worker",
    "workers",
    "writer",
];

/// Whether the phrases about one host, at these words, are all that is said. What is ruled out is not said of this traffic.
pub(super) fn is_whole_claim(
    sentence: &Sentence<'_>,
    phrases: &[Range<usize>],
    ruled_out: &[Range<usize>],
) -> bool {
    let is_ruled_out = |index: usize| ruled_out.iter().any(|range| range.contains(&index));
    let names_other = sentence
        .mentions
        .iter()
        .any(|one| !is_ruled_out(one.first_word) && !is_own_workload(sentence, one));
    if names_other {
        return false;
    }
    let is_in_phrase = |index: usize| phrases.iter().any(|range| range.contains(&index));
    let mut clause = Clause::default();
    for index in 0..sentence.words.len() {
        let word = sentence.words[index].as_str();
        if sentence.breaks_before(index) {
            if !clause.closes() {
                return false;
            }
            clause = Clause {
                is_later: true,
                ..Clause::default()
            };
        }
        if is_in_phrase(index) {
            let begins = index == 0 || !is_in_phrase(index - 1);
            if begins && !clause.has_phrase && clause.words > 0 && is_added(sentence, index) {
                return false;
            }
            clause.has_phrase = true;
            clause.is_open = false;
            clause.strangers = 0;
            continue;
        }
        if clause.words == 0 && clause.is_later {
            clause.says_who = matches!(word, "to" | "between" | "with" | "for" | "from" | "by");
        }
        if clause.unread == 0 && denies(word) {
            clause.is_denial = true;
        }
        clause.words += 1;
        if is_ruled_out(index) {
            continue;
        }
        if OTHERWISE.binary_search(&word).is_ok() && !is_denied(sentence, index) {
            return false;
        }
        if bounds_traffic(sentence, index) && !is_denied(sentence, index) {
            return false;
        }
        let is_joining = matches!(word, "and" | "or" | "nor" | "&");
        let is_address = word.starts_with('/') || word.bytes().all(|byte| byte.is_ascii_digit());
        let is_known = is_address || is_plain(word) || COMPANIONS.binary_search(&word).is_ok();
        clause.is_open |=
            is_joining && clause.has_phrase && !clause.lists && !goes_on(sentence, index);
        if is_known {
            clause.lists |= matches!(word, "between" | "as" | "with" | "of" | "by" | "for");
            if !is_joining {
                clause.strangers = 0;
            }
            continue;
        }
        // "To the label printer's daemon" only says more of who is there.
        if clause.says_who && is_followed_by_companion(sentence, index) {
            continue;
        }
        clause.unread += 1;
        clause.strangers += 1;
        // "The same host as nginx and php" goes on about who is there; "localhost carries it on" does not.
        const MOST_STRANGERS: usize = 2;
        if clause.has_phrase
            && !clause.is_denial
            && (!clause.lists || clause.strangers > MOST_STRANGERS)
        {
            return false;
        }
    }
    clause.closes()
}

/// Whether one of the two words behind a word, in the same clause, is somebody who may be on the host.
fn is_followed_by_companion(sentence: &Sentence<'_>, index: usize) -> bool {
    let behind = (index + 1..index + 3).take_while(|index| !sentence.breaks_before(*index));
    let mut words = behind.filter_map(|index| sentence.word(index));
    words.any(|word| COMPANIONS.binary_search(&word).is_ok())
}

/// What has been read of the words between two commas.
#[derive(Default)]
struct Clause {
    is_later: bool,
    is_denial: bool,
    has_phrase: bool,
    /// Something was added that nobody said to be on one host.
    is_open: bool,
    /// It speaks of who is on the host.
    lists: bool,
    /// It is all about who is on the host.
    says_who: bool,
    words: usize,
    /// Words that say something nobody knows, in all and in a row.
    unread: usize,
    strangers: usize,
}

impl Clause {
    /// Whether a clause is about one host, denies something, or says who is spoken of before anything is said.
    fn closes(&self) -> bool {
        const MOST_IN_A_SUBJECT: usize = 3;
        self.has_phrase && !self.is_open
            || self.is_denial
            || !self.has_phrase && self.unread == 0
            || !self.is_later && !self.has_phrase && self.words <= MOST_IN_A_SUBJECT
    }
}

/// Whether a word speaks of a part of a network: what traffic of one host does not need.
fn bounds_traffic(sentence: &Sentence<'_>, index: usize) -> bool {
    let neighbour =
        |word: Option<&str>, words: &[&str]| word.is_some_and(|word| words.contains(&word));
    let before = index.checked_sub(1).and_then(|index| sentence.word(index));
    let after = sentence.word(index + 1);
    match sentence.kind_at(index) {
        None | Some(Kind::Workload) => false,
        // A pod's network namespace is the pod.
        Some(Kind::Network) => !neighbour(
            after,
            &["namespace", "namespaces", "stack", "interface", "device"],
        ),
        Some(Kind::Namespace) => !neighbour(before, &["network", "pid", "ipc"]),
        Some(_) => true,
    }
}

/// Whether a phrase is one more of several things: "the office and localhost".
fn is_added(sentence: &Sentence<'_>, first_word: usize) -> bool {
    let leads = |word: &&str| {
        !matches!(
            *word,
            "to" | "on" | "over" | "via" | "through" | "in" | "at" | "the" | "a" | "an"
        )
    };
    let before = sentence.just_before(first_word).find(leads);
    before.is_some_and(|word| matches!(word, "and" | "or" | "nor"))
}

/// Whether what a conjunction adds says more of the same: "localhost and never elsewhere".
fn goes_on(sentence: &Sentence<'_>, joining: usize) -> bool {
    let next = sentence.word(joining + 1);
    next.is_some_and(|word| denies(word) || matches!(word, "only" | "port" | "nowhere"))
}

fn is_denied(sentence: &Sentence<'_>, index: usize) -> bool {
    sentence.is_negated(index)
}

/// Whether a name is that of the workload whose host it is, and not one that is spoken to.
fn is_own_workload(sentence: &Sentence<'_>, mention: &Mention) -> bool {
    let is_workload = |kind: Kind| kind == Kind::Workload;
    let first = if mention.kind_words.is_empty() {
        mention.first_word
    } else {
        mention.first_word.min(mention.kind_words.start)
    };
    let leads_on = sentence
        .just_before(first)
        .find(|word| !matches!(*word, "the" | "its" | "our" | "a"))
        .is_some_and(|word| matches!(word, "to" | "into" | "from" | "and" | "or" | "between"));
    mention
        .targets
        .iter()
        .all(|target| is_workload(target.kind))
        && !leads_on
}

#[cfg(test)]
mod tests {
    use super::{COMPANIONS, OTHERWISE};

    #[test]
    fn the_tables_are_sorted() {
        for table in [COMPANIONS, OTHERWISE] {
            assert!(table.is_sorted());
        }
    }
}
