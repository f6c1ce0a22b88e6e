//! What each fuzz target does with its bytes: nothing may panic, hang, or use memory out of proportion.
//!
//! The targets of `cargo fuzz` and the tests of stable Rust (`tests/it/fuzz.rs`) run the same functions.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, LazyLock};

use perimeter::carveout::comments;
use perimeter::carveout::fix::corrected;
use perimeter::carveout::footprint::{Surroundings, bind};
use perimeter::carveout::guarantee::Guarantee;
use perimeter::carveout::marker::find;
use perimeter::carveout::names::NameIndex;
use perimeter::carveout::near_miss::MarkerPattern;
use perimeter::catalog::Catalog;
use perimeter::change::diff::Snapshot;
use perimeter::change::{changes, compare};
use perimeter::graph::assemble;
use perimeter::graph::origin::Origins;
use perimeter::report::json::inventory::{Line, parse, render};
use perimeter::repos::Remote;
use perimeter::settings::Settings;
use perimeter::sources::manifests::object::Source;
use perimeter::sources::manifests::{self, Clusters, Manifests, may_hold_objects};
use perimeter::sources::terraform::address::Address;
use perimeter::sources::terraform::apply::{Interest, Secrets, read_plan, read_state};
use perimeter::sources::terraform::blocks::BlockIndex;
use perimeter::sources::terraform::input::decode;
use perimeter::sources::terraform::plan::Document;
use perimeter::sources::terraform::source::{
    Revisions, SourceFile, SourceRequest, Tree, read_source,
};

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::embedded);
static PATTERN: LazyLock<MarkerPattern> =
    LazyLock::new(|| MarkerPattern::new("ZFN-3 carve-out:").unwrap());

/// A plan or state, read as a run would read it, up to the changes it makes.
pub(crate) fn terraform(bytes: &[u8]) {
    let Ok(text) = decode("input", bytes) else {
        return;
    };
    let (mut origins, mut secrets) = (Origins::default(), Secrets::default());
    let reading = match Document::parse("input", &text) {
        Ok(Document::Plan(plan)) => {
            let interest = Interest::from([("aws_instance".to_owned(), "api".to_owned())]);
            read_plan(
                &CATALOG,
                (&plan, None),
                "",
                &interest,
                &mut origins,
                &mut secrets,
            )
        }
        Ok(Document::State(state)) => {
            let known = HashSet::new();
            read_state(
                &CATALOG,
                &state,
                "input//",
                &known,
                &mut origins,
                &mut secrets,
            )
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let before = Snapshot::new(assemble(reading.before));
    let after = Snapshot::new(assemble(reading.after));
    let difference = compare(&before, &after, &origins);
    for change in changes(&difference, &origins) {
        assert!(!change.summary.is_empty());
    }
    let names = NameIndex::new(&[&before.graph, &after.graph]);
    for node in after.graph.nodes() {
        let text = format!("stays inside {}, which is not peered", node.display_name());
        let guarantee = Guarantee::read(&text, &names);
        let _ = bind(
            &guarantee,
            &Surroundings::default(),
            &[&before.graph, &after.graph],
        );
    }
}

/// Kubernetes and mesh configuration, up to the changes it makes against nothing and against the first half of itself.
pub(crate) fn manifests(bytes: &[u8]) {
    configuration_in("a.yaml", bytes);
}

/// The files of systems in languages of their own, each with a part of itself to include.
pub(crate) fn configuration(bytes: &[u8]) {
    for path in ["nats/nats.conf", "spire/server.conf", "a.toml", "a.json"] {
        configuration_in(path, bytes);
    }
}

fn configuration_in(path: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let middle = text.char_indices().nth(text.chars().count() / 2);
    let (half, rest) = text.split_at(middle.map_or(0, |(index, _)| index));
    let of = |text: &str| {
        let is_kept = may_hold_objects("nats/part.conf", rest.as_bytes());
        let part = is_kept.then_some(("nats/part.conf", rest));
        let files = std::iter::once((path, text)).chain(part);
        Manifests::read(0, files, &|_| vec![None])
    };
    let (half, whole) = (of(half), of(&text));
    let mut origins = Origins::default();
    let interest = BTreeSet::from([Source {
        repository: 0,
        path: path.into(),
    }]);
    let label = |source: &Source| Some(source.path.to_string());
    let clusters = Clusters::default();
    let reading = manifests::read(
        &[&half],
        &[&whole],
        &clusters,
        &BTreeMap::new(),
        &interest,
        &label,
        &mut origins,
    );
    let before = Snapshot::new(assemble(reading.before));
    let after = Snapshot::new(assemble(reading.after));
    let difference = compare(&before, &after, &origins);
    for change in changes(&difference, &origins) {
        assert!(!change.summary.is_empty());
    }
}

/// Terraform source at two revisions, base and head with a NUL byte between, up to the changes it makes.
pub(crate) fn source(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (base, head) = text.split_once('\0').unwrap_or(("", &text));
    let tree = |text: &str| {
        let files = [("main.tf", text), ("m/main.tf", text), ("x.tf.json", text)];
        let files = files.map(|(path, text)| Arc::new(SourceFile::parse(path, text)));
        Tree::build(files, &[], BTreeSet::from(["main.tf".to_owned()]))
    };
    let (base, head) = (tree(base), tree(head));
    let read = |path: &str| {
        assert!(!path.starts_with(['/', '.']), "{path} leaves the tree");
        (path == "main.tf").then(|| bytes.to_vec())
    };
    let revisions = Revisions {
        base: Some(&base),
        head: &head,
        read_base: &read,
        read_head: &read,
        values: [&[], &[]],
        runs: &[],
    };
    let request = SourceRequest {
        catalog: &CATALOG,
        interest: &Interest::from([("aws_instance".to_owned(), "api".to_owned())]),
        most_steps: 200_000,
        is_root: None,
    };
    let (mut origins, mut secrets) = (Origins::default(), Secrets::default());
    for root in revisions.evaluate(&request).unwrap().roots {
        let reading = read_source(
            &CATALOG,
            &root,
            "",
            "",
            request.interest,
            &mut origins,
            &mut secrets,
        );
        let before = Snapshot::new(assemble(reading.before));
        let after = Snapshot::new(assemble(reading.after));
        let difference = compare(&before, &after, &origins);
        for change in changes(&difference, &origins) {
            assert!(!change.summary.is_empty());
        }
    }
}

/// A providers file of an organisation.
pub(crate) fn providers(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let files = vec![("providers.yaml".to_owned(), text.to_owned())];
        let _ = Catalog::empty().with_directory(files);
    }
}

/// An inventory, with the links that a report would make.
pub(crate) fn inventory(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut remote = None;
    for line in text.lines() {
        match parse(line) {
            Ok(Line::Repository(line)) => {
                let address = line.remote.as_deref().unwrap_or_default();
                remote = Remote::parse(address, &|_| None);
                assert_eq!(parse(&render(&line)), Ok(Line::Repository(line)));
            }
            Ok(Line::CarveOut(line)) => {
                let lines = (line.line, line.end_line);
                let link = remote
                    .as_ref()
                    .and_then(|remote| remote.permalink("c0ffee", &line.path, lines));
                let is_plain = |link: String| {
                    link.bytes()
                        .all(|byte| byte.is_ascii_graphic() && !b"<>\"".contains(&byte))
                };
                assert!(link.is_none_or(is_plain));
            }
            Ok(Line::Receipt(_) | Line::Error(_)) => {}
            Err(message) => assert!(!message.is_empty()),
        }
    }
}

/// A settings file.
pub(crate) fn settings(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Settings::parse("perimeter.yaml", text);
    }
}

/// A source file, in languages with comments of every sort.
pub(crate) fn markers(bytes: &[u8]) {
    let Some(text) = comments::decode(bytes) else {
        return;
    };
    for path in [
        "a.rs",
        "a.py",
        "a.go",
        "a.tf",
        "a.yaml",
        "a.sh",
        "a.ts",
        "a.sql",
        "a.lua",
        "a.html",
        "a.rb",
        "a.php",
        "a.clj",
        "a.ml",
        "a.vue",
        "a.nix",
        "a.md",
        "a.ipynb",
        "a.jsp",
        "a.json",
        "Dockerfile",
        "a",
    ] {
        let lines = text.lines().count();
        for marker in find(path, &text, &PATTERN) {
            let (first, last) = (marker.line, marker.end_line);
            assert!(
                1 <= first && first <= last && last <= lines,
                "{path}: {first}..{last} of {lines}"
            );
        }
        if let Some(fixed) = corrected(path, &text, &PATTERN) {
            assert_ne!(fixed, text, "{path}");
        }
    }
}

/// The words of a guarantee.
pub(crate) fn guarantee(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Guarantee::read(text, &NameIndex::default());
    }
}

/// A Terraform file.
pub(crate) fn blocks(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let index = BlockIndex::build([("main.tf", text), ("net/main.tf", text)]);
        let lines = text.lines().count() + 1;
        for line in 0..=lines.min(50) {
            let _ = index.block_at("main.tf", line);
        }
        let _ = index.locate("", "module.net.aws_vpc.main");
        let _ = index.root_candidates(&["module.net.aws_vpc.main", "aws_vpc.main[0]"]);
    }
}

/// The address of a resource.
pub(crate) fn address(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Some(address) = Address::parse(text)
    {
        let plain = address.without_keys();
        assert!(plain.len() <= text.len());
    }
}
