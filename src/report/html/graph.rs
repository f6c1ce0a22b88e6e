//! A picture as a page of its own: to look around in, with the keyboard or by hand, and to read.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::picture::{Fate, Picture};
use crate::report::{boxes, svg};

use super::{SCRIPT, STYLE, drawing, legend, name, part, policy, words};

/// How broad the drawing is, if it need not be broader.
const BREADTH: usize = 1_150;

/// The page, with a line break at the end. `subject` says in a few words what it shows, `inputs` what was read.
#[must_use]
pub fn render(
    picture: &Picture,
    subject: &str,
    inputs: &[String],
    not_understood: usize,
) -> String {
    let subject = words(subject);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title { "perimeter: " (subject) }
                style { (PreEscaped(STYLE)) }
            }
            body.graph {
                p.tool { "perimeter" }
                h1 { (subject) }
                main { (figure(picture)) }
                section {
                    h2 { "What was looked at" }
                    ul { @for input in inputs { li { (words(input)) } } }
                    @if not_understood > 0 {
                        p { (not_understood) " things of the input were not understood, which may hide more: "
                            code { "--format json" } " lists them." }
                    }
                    p.hint { "Written by perimeter " (env!("CARGO_PKG_VERSION")) ". This page loads nothing and sends nothing." }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let mut text = markup.into_string();
    text.push('\n');
    text
}

fn figure(picture: &Picture) -> Markup {
    let layout = svg::layout(picture, BREADTH);
    let is_change = picture.nodes.iter().any(|node| node.fate != Fate::Kept)
        || picture.links.iter().any(|link| link.fate != Fate::Kept);
    let pins = |index: usize| {
        let shown = picture.nodes[index].pins.iter().map(|pin| {
            html! { "carve-out " code { (name(&pin.id)) } " at " code.place { (name(&pin.place)) } @if pin.falls { " falls" } }
        });
        shown.collect::<Vec<Markup>>()
    };
    html! {
        @if picture.nodes.is_empty() {
            p { "Nothing to draw." }
            @for remark in boxes::remarks(picture) { p.hint { (words(&remark)) } }
        } @else {
            p.hint { "Choose a part to see its links and what rests on it: click, or Tab and the arrow keys. Escape shows all again." }
            div.figure {
                @if is_change {
                    input type="radio" name="view" id="view-change" checked;
                    label for="view-change" { "The change" }
                    input type="radio" name="view" id="view-before";
                    label for="view-before" { "Before" }
                    input type="radio" name="view" id="view-after";
                    label for="view-after" { "After" }
                }
                div.canvas.large tabindex="0" role="region" aria-label="Drawing of the network" {
                    (drawing(picture, &layout, &|_| String::new()))
                }
                (legend(picture))
            }
            div #selected role="status" aria-live="polite" {}
            details.parts {
                summary { "The same in words" }
                ul { @for index in 0..picture.nodes.len() { (part(picture, index, &pins(index))) } }
            }
        }
    }
}
