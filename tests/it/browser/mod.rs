//! The pages that `perimeter` writes, in a real browser: what a person with a mouse, a keyboard, a phone or no script gets.

mod driver;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::cases::prepare;
use crate::common::{TestRepository, perimeter, project, run};

use driver::Browser;

/// One page of each kind, as files.
struct Pages {
    _directory: tempfile::TempDir,
    /// A verdict with a change that is drawn, and carve-outs that fall.
    check: PathBuf,
    /// A verdict on a change inside a cluster.
    nested: PathBuf,
    audit: PathBuf,
    graph: PathBuf,
    /// The picture of a change.
    changed: PathBuf,
}

impl Pages {
    fn all(&self) -> [&Path; 5] {
        [
            &self.check,
            &self.nested,
            &self.audit,
            &self.graph,
            &self.changed,
        ]
    }
}

fn pages() -> &'static Pages {
    static PAGES: OnceLock<Pages> = OnceLock::new();
    PAGES.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let keep = |name: &str, command: &mut Command| {
            let page = run(command);
            assert!(
                page.stdout.starts_with("<!DOCTYPE html>"),
                "{name}: {}",
                page.stderr
            );
            let path = directory.path().join(name);
            std::fs::write(&path, page.stdout).unwrap();
            path
        };
        let story = |name: &str, file: &str| {
            let (_repository, mut command) = prepare(&project().join("tests/cases").join(name));
            keep(file, command.args(["--format", "html"]))
        };
        let acme = TestRepository::new();
        acme.lay_out(&project().join("examples/acme/repository"));
        acme.commit("the repository of the example");
        let of_acme = |arguments: &[&str], file: &str| {
            let mut command = perimeter();
            command.current_dir(acme.path()).args(arguments);
            keep(file, command.args(["--format", "html"]))
        };
        let plan = project().join("examples/acme/plan.json");
        let plan = plan.to_str().unwrap();
        Pages {
            check: story("20-vpcs-merged", "check.html"),
            nested: story("331-network-of-a-cluster-peered", "nested.html"),
            audit: of_acme(&["audit"], "audit.html"),
            graph: of_acme(&["graph"], "graph.html"),
            changed: of_acme(&["graph", "--changed", "--plan", plan], "changed.html"),
            _directory: directory,
        }
    })
}

fn name(page: &Path) -> &str {
    page.file_name().unwrap().to_str().unwrap()
}

/// Expressions that the tests have in common.
const HELP: &str = r#"
    window.shown = (one) => {
        if (one.closest('[hidden]')) return false;
        const closed = one.closest('details:not([open])');
        if (closed && !(one.tagName === 'SUMMARY' && one.parentElement === closed)) return false;
        const box = one.getBoundingClientRect();
        return getComputedStyle(one).display !== 'none' && box.width > 0 && box.height > 0;
    };
    // What Tab has to reach: of radio buttons the one that is chosen.
    window.controls = () => [...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')]
        .filter((one) => one.type === 'radio' ? one.checked : shown(one));
    window.words = (one) => {
        const label = one.id && document.querySelector(`label[for="${one.id}"]`);
        return `${one.tagName} ${one.dataset.node ?? ''} ${one.getAttribute('href') ?? ''} ` +
            (one.getAttribute('aria-label') ?? label?.textContent ?? one.textContent).trim().slice(0, 40);
    };
    // How it is seen that something has the focus: an outline around it or its label, or the border of its box.
    window.ring = (one) => {
        const outlined = (what) => what && getComputedStyle(what).outlineStyle !== 'none' && parseFloat(getComputedStyle(what).outlineWidth) >= 2;
        const box = one.matches('svg .node') && one.querySelector('rect');
        return Boolean(outlined(one) || outlined(one.matches('.figure > input') && one.nextElementSibling)
            || (box && parseFloat(getComputedStyle(box).strokeWidth) >= 4));
    };
    true
"#;

#[test]
fn tab_reaches_every_control_in_the_order_of_the_page_and_it_shows() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    for page in pages().all() {
        browser.open(page);
        browser.see(HELP);
        let wanted = browser.see("controls().map(words)");
        let wanted = wanted.as_array().unwrap();
        assert!(wanted.len() >= 6, "{}: {wanted:?}", name(page));
        for words in wanted {
            browser.press("Tab");
            let reached = browser.see("words(document.activeElement)");
            assert_eq!(reached, *words, "{}", name(page));
            let seen = browser.see(
                "(() => { const one = document.activeElement; \
                 const box = (one.matches('.figure > input') ? one.nextElementSibling : one).getBoundingClientRect(); \
                 return [ring(one), box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth]; })()",
            );
            assert_eq!(
                seen,
                serde_json::json!([true, true]),
                "{}: {words}",
                name(page)
            );
        }
    }
}

#[test]
fn before_and_after_are_switched_with_the_arrow_keys_or_a_click() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let drawn = "['removed', 'added', 'falls'].map((fate) => \
        [...document.querySelectorAll(`.canvas .${fate}`)].filter((one) => getComputedStyle(one).display !== 'none').length)";
    browser.open(&pages().check);
    let change = browser.see(drawn);
    assert!(change[0].as_u64() > Some(2), "{change}");
    assert!(change[2].as_u64() > Some(0), "{change}");
    browser.see("document.getElementById('view-change').focus()");
    browser.press("ArrowRight");
    assert_eq!(browser.see("document.activeElement.id"), "view-before");
    let before = browser.see(drawn);
    assert_eq!(
        (&before[0], before[2].as_u64()),
        (&change[0], Some(0)),
        "{before}"
    );
    browser.press("ArrowRight");
    assert_eq!(
        browser.see("document.querySelector('input[name=view]:checked').id"),
        "view-after"
    );
    assert_eq!(browser.see(drawn)[0], 0);
    browser.click("label[for=view-change]");
    assert_eq!(browser.see(drawn), change);

    // What comes is not there before.
    browser.open(&pages().changed);
    assert!(browser.see(drawn)[1].as_u64() > Some(0));
    browser.click("label[for=view-before]");
    assert_eq!(browser.see(drawn)[1], 0);
    // Nothing to switch where nothing changes.
    browser.open(&pages().graph);
    assert_eq!(
        browser.see("document.querySelectorAll('input[name=view]').length"),
        0
    );
}

#[test]
fn a_part_that_is_chosen_tells_its_links_and_carve_outs_until_escape() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let panel = "document.getElementById('selected').textContent";
    for page in [
        &pages().check,
        &pages().nested,
        &pages().graph,
        &pages().changed,
    ] {
        browser.open(page);
        browser.see(HELP);
        let name = name(page);
        assert_eq!(browser.see(panel), "", "{name}");
        browser.see("document.querySelector('.canvas svg .node').focus()");
        for key in ["Enter", " "] {
            browser.press(key);
            let chosen = browser
                .see("document.activeElement.dataset.node")
                .as_str()
                .unwrap()
                .to_owned();
            let words = browser.see(&format!(
                "document.getElementById('part-{chosen}').textContent"
            ));
            assert_eq!(browser.see(panel), words, "{name} {key:?}");
            assert_eq!(
                browser.see("location.hash"),
                "",
                "{name}: it stays where it is"
            );
            assert_eq!(
                browser.see("document.querySelectorAll('.node.chosen').length"),
                1
            );
            browser.press("Escape");
            assert_eq!(browser.see(panel), "", "{name}");
            assert_eq!(
                browser.see("document.querySelectorAll('.chosen, .near, .choosing').length"),
                0
            );
        }
        // Arrow keys go to every part, from wherever one is.
        let reached = browser.see("new Promise((done) => { \
            const nodes = [...document.querySelectorAll('.canvas svg .node')]; \
            const known = new Set([nodes[0]]); const open = [nodes[0]]; \
            while (open.length) { const from = open.pop(); \
              for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) { \
                from.focus(); from.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })); \
                const to = document.activeElement; if (!known.has(to)) { known.add(to); open.push(to); } } } \
            done([known.size, nodes.length]); })");
        assert_eq!(reached[0], reached[1], "{name}");
        // By mouse, and once more to let it go.
        browser.see("document.activeElement.blur()");
        let last =
            browser.see("[...document.querySelectorAll('.canvas svg .node')].at(-1).dataset.node");
        let selector = format!(".node[data-node=\"{}\"] .name", last.as_str().unwrap());
        browser.click(&selector);
        assert_ne!(browser.see(panel), "", "{name}");
        browser.click(&selector);
        assert_eq!(browser.see(panel), "", "{name}");
    }
    // The carve-outs that rest on a part lead to their words.
    browser.open(&pages().check);
    browser.see("[...document.querySelectorAll('.canvas .node')].find((one) => one.querySelector('.falls')).focus()");
    browser.press("Enter");
    browser.click("#selected a");
    let target = browser.see("document.querySelector(location.hash).className");
    assert!(target.as_str().unwrap().contains("carve-out"), "{target}");
}

#[test]
fn a_large_drawing_comes_closer_goes_farther_and_fits() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.open(&pages().graph);
    let width = "Number(document.querySelector('.canvas svg').getAttribute('width'))";
    let is = |browser: &mut Browser| browser.see(width).as_f64().unwrap();
    let whole = is(&mut browser);
    browser.see("document.querySelector('[aria-label=Closer]').focus()");
    browser.press("Enter");
    assert!(is(&mut browser) > whole);
    browser.see("document.querySelector('[aria-label=Farther]').focus()");
    browser.press(" ");
    assert!((is(&mut browser) - whole).abs() < 1.0);
    browser.see("document.querySelector('.canvas').focus()");
    for (key, is_closer) in [("+", true), ("0", false), ("-", false), ("0", false)] {
        browser.press(key);
        assert_eq!(is(&mut browser) > whole + 1.0, is_closer, "{key}");
    }
    assert!((is(&mut browser) - whole).abs() < 1.0);
}

#[test]
fn a_search_leaves_what_it_finds() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    for page in [&pages().check, &pages().audit] {
        browser.open(page);
        browser.see(HELP);
        let left = "[...document.querySelectorAll('#carve-outs .carve-out')].filter(shown).length";
        let all = browser.see(left);
        browser.see("document.getElementById('find').focus()");
        let place = browser.see("document.querySelector('#carve-outs .place').textContent");
        browser.write(&place.as_str().unwrap().to_uppercase());
        assert_eq!(browser.see(left), 1, "{}", name(page));
        assert_eq!(
            browser.see("document.querySelector('.find output').value"),
            format!("1 of {all}")
        );
        browser.write(" and nothing that stands there");
        assert_eq!(browser.see(left), 0);
    }
}

#[test]
fn no_page_is_broader_than_a_phone() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.resize(360, 740);
    for page in pages().all() {
        browser.open(page);
        browser.see(HELP);
        // What is broad has a frame of its own that scrolls, and everything that may be folded is open.
        browser.see("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
        let too_broad = browser.see(
            "[document.documentElement.scrollWidth > 360, \
             [...document.body.querySelectorAll('*')].filter((one) => shown(one) && !one.closest('svg, .canvas, nav, pre, .scroll') \
               && one.getBoundingClientRect().right > 361).map((one) => one.outerHTML.slice(0, 200))]",
        );
        assert_eq!(too_broad, serde_json::json!([false, []]), "{}", name(page));
    }
}

#[test]
fn no_page_asks_anybody_for_anything_or_complains() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    for page in pages().all() {
        browser.open(page);
        browser.see(HELP);
        for _ in 0..12 {
            browser.press("Tab");
            browser.press("Enter");
        }
        let asked: Vec<String> = browser
            .told("Network.requestWillBeSent")
            .map(|event| event["request"]["url"].as_str().unwrap().to_owned())
            // The browser's own cross in a search field is a picture of its own.
            .filter(|url| !url.starts_with("data:"))
            .collect();
        assert_eq!(
            asked,
            [format!("file://{}", page.display())],
            "{}",
            name(page)
        );
        for kind in [
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
        ] {
            let told: Vec<&Value> = browser.told(kind).collect();
            assert!(told.is_empty(), "{}: {told:?}", name(page));
        }
        // And whatever got into it could not.
        let refused = browser.see(
            "new Promise((done) => { const refused = []; \
             document.addEventListener('securitypolicyviolation', (event) => { \
               refused.push(event.effectiveDirective); if (refused.length === 5) done(refused.sort()); }); \
             fetch('http://127.0.0.1:9/').catch(() => {}); \
             for (const [tag, key, value] of [['img', 'src', 'http://127.0.0.1:9/a.png'], ['iframe', 'src', 'http://127.0.0.1:9/'], \
               ['script', 'textContent', 'window.isIn = true'], ['style', 'textContent', 'body { display: none }']]) { \
               const one = document.createElement(tag); one[key] = value; document.body.append(one); } \
             setTimeout(() => done(refused.sort()), 5000); })",
        );
        let expected = [
            "connect-src",
            "frame-src",
            "img-src",
            "script-src-elem",
            "style-src-elem",
        ];
        assert_eq!(refused, serde_json::json!(expected), "{}", name(page));
        assert_eq!(browser.see("typeof window.isIn"), "undefined");
    }
}

#[test]
fn without_script_everything_is_read_and_the_views_switch() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.without_script(true);
    browser.open(&pages().check);
    let added = "[...document.querySelectorAll('.canvas .removed')].filter((one) => getComputedStyle(one).display !== 'none').length";
    assert!(browser.see(added).as_u64() > Some(0));
    browser.click("label[for=view-after]");
    assert_eq!(browser.see(added), 0);
    browser.click("label[for=view-before]");
    browser.press("ArrowLeft");
    assert_eq!(
        browser.see("document.querySelector('input[name=view]:checked').id"),
        "view-change"
    );
    // No field that would do nothing.
    assert_eq!(browser.see("document.querySelector('.find').hidden"), true);
    for page in [&pages().check, &pages().graph] {
        browser.open(page);
        browser.see("document.querySelector('.canvas svg .node').focus()");
        browser.press("Enter");
        let led = browser.see(
            "(() => { const there = document.querySelector(location.hash || 'html'); \
             const box = there.getBoundingClientRect(); \
             return [there.id.startsWith('part-'), box.height > 0 && box.bottom > 0 && box.top < innerHeight]; })()",
        );
        assert_eq!(led, serde_json::json!([true, true]), "{}", name(page));
        assert_eq!(browser.see("document.querySelectorAll('.zoom').length"), 0);
    }
}

/// Every text with too little contrast to what is behind it, as the guidelines for accessible pages compute it.
const PALE: &str = r#"
(() => {
    const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
    const light = (colour) => {
        const [red, green, blue] = parts(colour).map((one) => { one /= 255; return one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4; });
        return .2126 * red + .7152 * green + .0722 * blue;
    };
    const behind = (one) => {
        const box = one.closest('.node')?.querySelector('rect');
        if (box) return getComputedStyle(box).fill;
        for (let at = one; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (parts(colour)[3] !== 0) return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    const pale = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const one = texts.currentNode.parentElement;
        if (!texts.currentNode.textContent.trim() || ['SCRIPT', 'STYLE', 'title'].includes(one.tagName) || !shown(one)) continue;
        const style = getComputedStyle(one);
        const colour = one.closest('svg') ? style.fill : style.color;
        const [high, low] = [light(colour), light(behind(one))].sort((a, b) => b - a);
        const ratio = (high + .05) / (low + .05);
        if (ratio < 4.5) pale.push(`${ratio.toFixed(2)} ${colour} on ${behind(one)}: ${one.outerHTML.slice(0, 120)}`);
    }
    return pale.slice(0, 5);
})()
"#;

#[test]
fn everything_is_legible_in_the_light_and_in_the_dark() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let mut papers = Vec::new();
    for is_dark in [false, true] {
        browser.darken(is_dark);
        for page in pages().all() {
            browser.open(page);
            browser.see(HELP);
            browser
                .see("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
            let pale = browser.see(PALE);
            assert_eq!(pale, serde_json::json!([]), "{} {is_dark}", name(page));
        }
        papers.push(browser.see("getComputedStyle(document.body).backgroundColor"));
    }
    assert_eq!(papers, ["rgb(255, 255, 255)", "rgb(13, 17, 23)"]);
}
