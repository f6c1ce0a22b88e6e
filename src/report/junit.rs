//! The verdict as JUnit XML: one test case for each carve-out, and one for each finding that is not said by it.
//!
//! What GitLab reads of it: <https://docs.gitlab.com/ci/testing/unit_test_reports/> (read 2026-11-22). Of test cases with
//! equal names only the first counts there, so every name is given once.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::location::Location;
use crate::verdict::{Finding, Judged, Severity, Verdict};

use super::text::{clip, for_terminal, prose};
use super::{
    findings_of_their_own, footprint_words, has_several_repositories, headline, path_in, reason,
};

/// Characters of one name, and of one text.
const LONGEST_NAME: usize = 160;
const LONGEST_TEXT: usize = 2_000;

/// The verdict as XML, with a line break at the end.
#[must_use]
pub fn render(verdict: &Verdict) -> String {
    let mut suites = vec![
        Suite::new("perimeter carve-outs", of_carve_outs(verdict)),
        Suite::new("perimeter findings", of_findings(verdict)),
    ];
    suites.retain(|suite| !suite.cases.is_empty());
    if suites.is_empty() {
        // A report without a test case counts as none at all.
        let case = Case {
            class: "perimeter".into(),
            name: "no carve-outs".into(),
            location: None,
            failure: None,
            note: Some(headline(verdict)),
        };
        suites.push(Suite::new("perimeter", vec![case]));
    }
    name_apart(&mut suites);
    // Writing to memory does not fail.
    write(&suites).unwrap_or_default()
}

struct Suite {
    name: &'static str,
    cases: Vec<Case>,
}

struct Case {
    class: String,
    name: String,
    location: Option<Location>,
    /// A word for the kind of failure, one line on it, and all of it.
    failure: Option<(&'static str, String, String)>,
    note: Option<String>,
}

impl Suite {
    fn new(name: &'static str, cases: Vec<Case>) -> Self {
        Self { name, cases }
    }

    fn failures(&self) -> usize {
        self.cases
            .iter()
            .filter(|case| case.failure.is_some())
            .count()
    }
}

fn of_carve_outs(verdict: &Verdict) -> Vec<Case> {
    let several = has_several_repositories(verdict);
    let case = |judged: &Judged| {
        let carve_out = &judged.carve_out;
        let path = path_in(&carve_out.repository, &carve_out.location.path, several);
        let status = judged.status;
        let failure = status.blocks().then(|| {
            let mut lines = vec![
                format!("{path}:{}", carve_out.location.line),
                format!("guarantee: {}", carve_out.guarantee),
                format!("justification: {}", carve_out.justification),
                format!("rests on: {}", footprint_words(carve_out)),
                format!("why: {}", judged.explanation),
            ];
            for change in &verdict.changes {
                if judged.because.contains(&change.id) {
                    lines.push(format!("because of {}: {}", change.id, change.summary));
                }
            }
            if !carve_out.owners.is_empty() {
                lines.push(format!("owners: {}", carve_out.owners.join(" ")));
            }
            if let Some(help) = &judged.help {
                lines.push(format!("what to do: {help}"));
            }
            let line = format!("{}: {}", status.words(), reason(judged, verdict));
            (status.word(), line, text_of(&lines))
        });
        Case {
            name: format!("carve-out {}: {}", carve_out.id, carve_out.guarantee),
            location: Some(carve_out.location.clone()),
            note: failure
                .is_none()
                .then(|| format!("{}: {}", status.words(), judged.explanation)),
            class: path,
            failure,
        }
    };
    verdict.carve_outs.iter().map(case).collect()
}

fn of_findings(verdict: &Verdict) -> Vec<Case> {
    let several = has_several_repositories(verdict);
    let case = |finding: &&Finding| {
        let path = path_in(&finding.repository, &finding.location.path, several);
        let mut lines = vec![
            format!("{path}:{}", finding.location.line),
            finding.message.clone(),
        ];
        for (location, words) in finding.related.iter().take(20) {
            lines.push(format!("see {location}: {words}"));
        }
        if !finding.help.is_empty() {
            lines.push(format!("what to do: {}", finding.help));
        }
        let text = text_of(&lines);
        let is_error = finding.severity == Severity::Error;
        Case {
            name: format!("{}: {}", finding.rule.id(), finding.message),
            class: path,
            location: Some(finding.location.clone()),
            failure: is_error.then(|| (finding.rule.id(), finding.message.clone(), text.clone())),
            note: (!is_error).then(|| format!("warning: {text}")),
        }
    };
    findings_of_their_own(verdict).iter().map(case).collect()
}

fn text_of(lines: &[String]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| prose(&clip(line, LONGEST_TEXT)))
        .collect();
    lines.join("\n")
}

/// Shorten names, and count those that are equal.
fn name_apart(suites: &mut [Suite]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for case in suites.iter_mut().flat_map(|suite| &mut suite.cases) {
        case.class = for_terminal(&case.class);
        case.name = prose(&clip(&case.name, LONGEST_NAME));
        let times = seen.entry(case.name.clone()).or_insert(1);
        let mut name = case.name.clone();
        while !taken.insert(name.clone()) {
            *times += 1;
            name = format!("{} ({times})", case.name);
        }
        case.name = name;
    }
}

fn write(suites: &[Suite]) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let tests: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    let failures: usize = suites.iter().map(Suite::failures).sum();
    writer
        .create_element("testsuites")
        .with_attribute(("name", "perimeter"))
        .with_attribute(("tests", tests.to_string().as_str()))
        .with_attribute(("failures", failures.to_string().as_str()))
        .with_attribute(("errors", "0"))
        .with_attribute(("time", "0"))
        .write_inner_content(|writer| {
            suites
                .iter()
                .try_for_each(|suite| write_suite(writer, suite))
        })?;
    let mut text = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

fn write_suite(writer: &mut Writer<Vec<u8>>, suite: &Suite) -> io::Result<()> {
    writer
        .create_element("testsuite")
        .with_attribute(("name", suite.name))
        .with_attribute(("tests", suite.cases.len().to_string().as_str()))
        .with_attribute(("failures", suite.failures().to_string().as_str()))
        .with_attribute(("errors", "0"))
        .with_attribute(("skipped", "0"))
        .with_attribute(("time", "0"))
        .write_inner_content(|writer| {
            suite
                .cases
                .iter()
                .try_for_each(|case| write_case(writer, case))
        })?;
    Ok(())
}

fn write_case(writer: &mut Writer<Vec<u8>>, case: &Case) -> io::Result<()> {
    let mut element = writer
        .create_element("testcase")
        .with_attribute(("classname", case.class.as_str()))
        .with_attribute(("name", case.name.as_str()))
        .with_attribute(("time", "0"));
    if let Some(location) = &case.location {
        element = element
            .with_attribute(("file", for_terminal(&location.path).as_str()))
            .with_attribute(("line", location.line.to_string().as_str()));
    }
    element.write_inner_content(|writer| {
        if let Some((kind, line, text)) = &case.failure {
            writer
                .create_element("failure")
                .with_attribute(("type", *kind))
                .with_attribute(("message", prose(&clip(line, LONGEST_TEXT)).as_str()))
                .write_text_content(BytesText::new(text))?;
        }
        if let Some(note) = &case.note {
            writer
                .create_element("system-out")
                .write_text_content(BytesText::new(&prose(&clip(note, LONGEST_TEXT))))?;
        }
        Ok(())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use quick_xml::Reader;

    use super::*;
    use crate::report::fixture;
    use crate::report::text::acts_unseen;

    /// Every element in order, with the names of its attributes; and the names of test cases.
    fn parsed(xml: &str) -> (Vec<String>, Vec<String>) {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let (mut elements, mut names, mut depth) = (Vec::new(), Vec::new(), 0i32);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    depth += 1;
                    let mut shape = start.name().as_ref().to_owned();
                    for attribute in start.attributes() {
                        let attribute = attribute.unwrap();
                        let key = attribute.key.as_ref().to_owned();
                        if shape.starts_with("testcase") && key == "name" {
                            names.push(attribute.value.into_owned());
                        }
                        shape.push_str(&format!(" {key}"));
                    }
                    elements.push(shape);
                }
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        (elements, names)
    }

    #[test]
    fn what_a_test_report_shows() {
        insta::assert_snapshot!(render(&fixture::verdict()));
    }

    #[test]
    fn a_verdict_without_carve_outs_still_has_a_test_case() {
        let mut verdict = fixture::nothing();
        verdict.carve_outs.clear();
        let xml = render(&verdict);
        assert!(xml.contains(r#"tests="1" failures="0""#), "{xml}");
        assert!(xml.contains("no carve-outs"));
    }

    #[test]
    fn what_falls_fails_and_what_stands_passes() {
        let verdict = fixture::verdict();
        let xml = render(&verdict);
        assert!(
            xml.contains(r#"<testsuites name="perimeter" tests="6" failures="4""#),
            "{xml}"
        );
        let mut calm = fixture::verdict();
        calm.findings.clear();
        for judged in &mut calm.carve_outs {
            judged.status = crate::verdict::Status::Unaffected;
        }
        assert!(!render(&calm).contains("<failure"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_the_texts_the_document_is_well_formed_and_of_one_shape(
            text in prop_oneof![any::<String>(), "[<>&\"'\\]!\\[a-z\u{0}\u{b}\u{fffe}\u{ffff}]{0,40}"]
        ) {
            let xml = render(&fixture::of_texts(&text));
            let is_allowed = |character: char| character == '\n' || !acts_unseen(character);
            prop_assert!(xml.chars().all(is_allowed));
            let (elements, names) = parsed(&xml);
            prop_assert_eq!(elements, parsed(&render(&fixture::of_texts("x"))).0);
            prop_assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        }
    }
}
