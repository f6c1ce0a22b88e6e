#![allow(missing_docs, clippy::all)]
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let catalog = perimeter::catalog::Catalog::embedded().unwrap();
    let plan = std::path::PathBuf::from(&args[0]);
    let ctx: Vec<_> = args[1..].iter().map(std::path::PathBuf::from).collect();
    let net = match perimeter::commands::network::read(&catalog, &[plan], &ctx, &Default::default()) { Ok(n) => n, Err(e) => { println!("ERROR {e:#}"); return; } };
    let diff = perimeter::change::compare(&net.before, &net.after);
    let changes = perimeter::change::changes(&diff, &net.origins);
    for c in &changes {
        println!("{} {} {} {} | {}{}", c.id, c.category.word(), c.effect.word(), c.boundaries.iter().map(|b| b.1.clone()).collect::<Vec<_>>().join(","), c.summary, if c.informative {" (informative)"} else {""});
        for (b, t) in &c.touched { for t in t { println!("     {} {} [{}]", b, t.words, t.effect.word()); } }
        for o in &c.causes { let o = net.origins.get(*o); println!("     <- {} {} {:?}", o.address, o.action.word(), o.attributes); }
    }
    for n in &net.notices { println!("  notice {}: {}: {}", n.kind, n.subject, n.message); }
}
