//! The fuzz targets on stable Rust: real files, damaged at random but always in the same way.
//!
//! `PERIMETER_FUZZ_SECONDS=300 cargo test --test it fuzz` runs each target for that long, `PERIMETER_FUZZ_SEED` begins elsewhere.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::project;
use crate::fuzz_bodies as bodies;

/// A small generator of random numbers: the same seed, the same damage.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Bytes that mean something to one of the readers.
const TOKENS: [&str; 36] = [
    "\"",
    "'",
    "\\",
    "\n",
    "\r",
    "\t",
    "\0",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<<EOF\n",
    "${",
    "%{",
    "/*",
    "*/",
    "//",
    "#",
    "--",
    "'''",
    "\"\"\"",
    ": ",
    "- ",
    "&a ",
    "*a ",
    "!!",
    "ZFN-3 carve-out: ",
    ";",
    "\u{feff}",
    "\u{202e}",
    "é",
    "1e999",
    "r#\"",
    "<!--",
];

fn damage_bytes(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 => bytes.truncate(at),
            2 => {
                let end = (at + dice.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let end = (at + dice.below(200)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = dice.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            _ => {
                let token = dice.pick(&TOKENS).repeat(1 << dice.below(4));
                bytes.splice(at..at, token.into_bytes());
            }
        }
    }
}

/// Every path into a JSON value, as JSON pointers.
fn pointers(value: &Value, prefix: &str, found: &mut Vec<String>) {
    found.push(prefix.to_owned());
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(inner, &format!("{prefix}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                pointers(inner, &format!("{prefix}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Damage that leaves JSON what it is, so that it gets past the parser.
fn damage_json(value: &mut Value, dice: &mut Dice) {
    let mut paths = Vec::new();
    pointers(value, "", &mut paths);
    for _ in 0..=dice.below(8) {
        let (path, other) = (dice.pick(&paths).clone(), dice.pick(&paths).clone());
        let donor = value.pointer(&other).cloned().unwrap_or(Value::Null);
        let Some(slot) = value.pointer_mut(&path) else {
            continue;
        };
        match dice.below(9) {
            0 => *slot = Value::Null,
            1 => *slot = Value::from(dice.next()),
            2 => *slot = Value::from("0.0.0.0/0"),
            3 => *slot = Value::Bool(dice.below(2) == 0),
            4 => *slot = Value::Array(vec![slot.take(); 1 + dice.below(3)]),
            5 if donor.to_string().len() < 20_000 => *slot = donor,
            6 => {
                if let Value::Array(items) = slot {
                    items.reverse();
                    if let Some(last) = items.last().cloned() {
                        items.push(last);
                    }
                }
            }
            7 => {
                if let Value::Object(map) = slot
                    && let Some(name) = map.keys().nth(dice.below(map.len())).cloned()
                {
                    map.remove(&name);
                }
            }
            _ => {
                if let Value::String(text) = slot {
                    let mut bytes = std::mem::take(text).into_bytes();
                    damage_bytes(&mut bytes, dice);
                    *text = String::from_utf8_lossy(&bytes).into_owned();
                }
            }
        }
    }
}

/// Says which seed it was when a body panics.
struct Witness(&'static str, u64);

impl Drop for Witness {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("fuzz target {}: PERIMETER_FUZZ_SEED={}", self.0, self.1);
        }
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Run a body on damaged files: `rounds` times, or as long as the environment says.
fn damage_and_run(
    target: &'static str,
    rounds: u64,
    corpus: &[Vec<u8>],
    damage: impl Fn(&mut Vec<u8>, &mut Dice),
    body: fn(&[u8]),
) {
    assert!(!corpus.is_empty(), "no files for {target}");
    let start = Instant::now();
    let long = setting("PERIMETER_FUZZ_SECONDS").map(Duration::from_secs);
    let first = setting("PERIMETER_FUZZ_SEED").unwrap_or(0);
    for seed in first.. {
        let is_over = long.map_or(seed - first >= rounds, |long| start.elapsed() > long);
        if is_over {
            break;
        }
        let _witness = Witness(target, seed);
        let mut dice = Dice::new(seed);
        let mut bytes = dice.pick(corpus).clone();
        damage(&mut bytes, &mut dice);
        let begun = Instant::now();
        body(&bytes);
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "this takes too long"
        );
    }
}

/// All files below a folder whose names end like this; small ones first, and no more than `most`.
fn files(folder: &str, ends: &[&str], most: usize) -> Vec<Vec<u8>> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&project().join(folder), &mut paths);
    paths.retain(|path| ends.iter().any(|end| path.to_string_lossy().ends_with(end)));
    paths.sort();
    let mut files: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    files.sort_by_key(Vec::len);
    files.dedup();
    files.truncate(most);
    files
}

fn plans(most: usize) -> Vec<Vec<u8>> {
    files(
        "tests/cases",
        &["plan.json", "context-requester.json", "context-hub.json"],
        most,
    )
}

/// All plans of the stories when there is time, the small ones when there is not.
fn effort(short: usize) -> usize {
    setting("PERIMETER_FUZZ_SECONDS").map_or(short, |_| usize::MAX)
}

#[test]
fn a_damaged_plan_does_no_harm() {
    damage_and_run(
        "terraform",
        300,
        &plans(effort(10)),
        damage_bytes,
        bodies::terraform,
    );
}

#[test]
fn a_plan_with_other_values_does_no_harm() {
    let damage = |bytes: &mut Vec<u8>, dice: &mut Dice| {
        let mut value: Value = serde_json::from_slice(bytes).unwrap();
        damage_json(&mut value, dice);
        *bytes = value.to_string().into_bytes();
    };
    damage_and_run(
        "terraform",
        150,
        &plans(effort(12)),
        damage,
        bodies::terraform,
    );
}

#[test]
fn damaged_yaml_does_no_harm() {
    let providers = vec![
        b"provider: acme\ntypes:\n- type: acme_net\n  becomes:\n  - node: { kind: network }\n"
            .to_vec(),
    ];
    damage_and_run(
        "providers",
        300,
        &providers,
        damage_bytes,
        bodies::providers,
    );
    let settings = files("tests/cases", &["perimeter.yaml"], 10);
    damage_and_run("settings", 300, &settings, damage_bytes, bodies::settings);
    let inventories = files("tests/fixtures/inventories", &[".jsonl"], 10);
    damage_and_run(
        "inventory",
        300,
        &inventories,
        damage_bytes,
        bodies::inventory,
    );
}

#[test]
fn damaged_manifests_do_no_harm() {
    let manifests = files(
        "tests/cases",
        &["/deploy/east/pay.yaml", "istio.yaml", ".yaml"],
        effort(80),
    );
    damage_and_run(
        "manifests",
        300,
        &manifests,
        damage_bytes,
        bodies::manifests,
    );
}

#[test]
fn damaged_configuration_does_no_harm() {
    let configuration = files(
        "tests/cases",
        &["nats/dc-a.conf", "krakend.json", ".conf", "edge.yaml"],
        effort(40),
    );
    damage_and_run(
        "configuration",
        200,
        &configuration,
        damage_bytes,
        bodies::configuration,
    );
}

#[test]
fn damaged_sources_do_no_harm() {
    let sources = files(
        "tests/cases",
        &[".rs", ".go", ".py", ".yaml", ".tf", ".ts", ".md"],
        effort(60),
    );
    damage_and_run("markers", 300, &sources, damage_bytes, bodies::markers);
    let terraform = files("tests/cases", &[".tf"], effort(30));
    damage_and_run("blocks", 200, &terraform, damage_bytes, bodies::blocks);
    // The same file before and after, so that a damage is a change.
    let twice: Vec<Vec<u8>> = terraform
        .iter()
        .map(|text| [text.as_slice(), b"\0", text.as_slice()].concat())
        .collect();
    damage_and_run("source", 40, &twice, damage_bytes, bodies::source);
}

#[test]
fn damaged_words_do_no_harm() {
    let guarantees = [
        "never leaves VPC prod, which is not peered with any network other than data",
        "crosses only the peering between a and b, encrypted by the provider in eu-west-1",
        "never reachable from the internet, no internet gateway, not attached to any transit gateway",
    ];
    let guarantees: Vec<_> = guarantees
        .iter()
        .map(|text| text.as_bytes().to_vec())
        .collect();
    damage_and_run(
        "guarantee",
        500,
        &guarantees,
        damage_bytes,
        bodies::guarantee,
    );
    let addresses = [
        "module.a[\"x.y\"].module.b[0].data.aws_vpc.main[\"a\\\"]\"]",
        "aws_vpc.main",
        "aws_vpc.main[0]",
    ];
    let addresses: Vec<_> = addresses
        .iter()
        .map(|text| text.as_bytes().to_vec())
        .collect();
    damage_and_run("address", 1_000, &addresses, damage_bytes, bodies::address);
}
