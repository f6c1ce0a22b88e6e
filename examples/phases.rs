#![allow(missing_docs, clippy::all)]
use std::time::Instant;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let t = Instant::now();
    let lap = |name: &str, t: Instant| {
        eprintln!("{name:20} {:6.0} ms", t.elapsed().as_secs_f64() * 1000.0);
        Instant::now()
    };
    let catalog = perimeter::catalog::Catalog::embedded().unwrap();
    let t = lap("catalog", t);
    let bytes = std::fs::read(&path).unwrap();
    let t = lap("read", t);
    let text = perimeter::sources::terraform::input::decode("x", bytes).unwrap();
    let t = lap("decode", t);
    let doc = perimeter::sources::terraform::plan::Document::parse("x", &text).unwrap();
    let t = lap("parse", t);
    let perimeter::sources::terraform::plan::Document::Plan(plan) = doc else {
        panic!()
    };
    let rs = perimeter::sources::terraform::resource::resources(&plan);
    let t = lap("resources", t);
    drop(rs);
    let t = lap("drop", t);
    let mut origins = Default::default();
    let mut secrets = Default::default();
    let reading = perimeter::sources::terraform::apply::read_plan(
        &catalog,
        &plan,
        "",
        &Default::default(),
        &mut origins,
        &mut secrets,
    );
    let t = lap("read_plan", t);
    let b = perimeter::graph::assemble(reading.before);
    let a = perimeter::graph::assemble(reading.after);
    let t = lap("assemble", t);
    let b = perimeter::change::diff::Snapshot::new(b);
    let a = perimeter::change::diff::Snapshot::new(a);
    let t = lap("perimeters", t);
    let d = perimeter::change::compare(&b, &a, &origins);
    let t = lap("compare", t);
    let c = perimeter::change::changes(&d, &origins);
    let t = lap("changes", t);
    let p = perimeter::verdict::picture::draw(&d, &c, &[]);
    let t = lap("picture", t);
    let n = perimeter::carveout::names::NameIndex::new(&[&b.graph, &a.graph]);
    lap("names", t);
    eprintln!("{} changes {}", c.len(), p.left_out);
    drop(n);
}
