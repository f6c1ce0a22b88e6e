//! `perimeter completions` and `perimeter man`: what the command line tells of itself.

use crate::common::{perimeter, run};

#[test]
fn every_shell_completes_commands_and_questions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let outcome = run(perimeter().args(["completions", shell]));
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{shell}");
        assert!(
            outcome.stdout.contains("graph") && outcome.stdout.contains("--depth")
                || shell == "fish"
        );
        assert!(outcome.stdout.contains("mermaid") || ["powershell", "elvish"].contains(&shell));
        // Only two of them are told what may stand at a place without an option.
        assert_eq!(
            outcome.stdout.contains("what-if"),
            ["bash", "zsh"].contains(&shell),
            "{shell}"
        );
    }
    let outcome = run(perimeter().args(["completions", "tcsh"]));
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("bash"), "{}", outcome.stderr);
}

#[test]
fn there_is_a_page_for_all_and_one_for_each_command() {
    let page = run(perimeter().arg("man"));
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
    let heading =
        "perimeter \\- Which documented carve\\-outs does a change of the network invalidate?\n.SH";
    assert!(page.stdout.contains(heading), "{}", page.stdout);

    let directory = tempfile::tempdir().unwrap();
    let pages = run(perimeter().arg("man").arg("--output").arg(directory.path()));
    assert_eq!((pages.code, pages.stderr.as_str()), (0, ""));
    for name in [
        "perimeter",
        "perimeter-check",
        "perimeter-graph",
        "perimeter-providers-list",
    ] {
        let path = directory.path().join(format!("{name}.1"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.contains(".SH SYNOPSIS") && pages.stdout.contains(&format!("{name}.1")),
            "{name}"
        );
    }

    let nowhere = run(perimeter().args(["man", "--output", "/nonexistent/pages"]));
    assert_eq!(nowhere.code, 1);
    assert!(
        nowhere.stderr.contains("create it first"),
        "{}",
        nowhere.stderr
    );
}
