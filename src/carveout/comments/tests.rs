#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::*;

/// Every line with `yes` must be found, by a comment that says so; nothing with `no` in it may be.
fn check(path: &str, text: &str) {
    let found = comment_lines(path, text);
    for comment in &found {
        assert!(!comment.text.contains("no!"), "{path}: {comment:?}");
    }
    let found: Vec<usize> = found
        .iter()
        .flat_map(|comment| comment.text.matches("yes").map(|_| comment.line))
        .collect();
    let expected: Vec<usize> = text
        .lines()
        .enumerate()
        .flat_map(|(index, line)| line.matches("yes").map(move |_| index + 1))
        .collect();
    assert_eq!(
        found,
        expected,
        "{path}:\n{text}\n{:?}",
        comment_lines(path, text)
    );
}

/// A file of each kind: `yes` stands in a comment, `no!` does not.
const SAMPLES: &[(&str, &str)] = &[
    (
        "a.rs",
        "let a = \"// no!\"; // yes\n/// yes\n/* yes /* yes */ yes */ \"/* no!\"\n",
    ),
    (
        "a.go",
        "a := \"// no!\" // yes\nb := `\n// no!\n/* no! */` // yes\n/* yes\nyes */\n",
    ),
    (
        "a.c",
        "char *a = \"/* no!\"; /* yes */ char b = '\"'; // yes\n",
    ),
    (
        "a.hpp",
        "auto a = R\"x(\n// no! )\"\n)x\"; // yes\nint b = 1'000'000; // yes\n",
    ),
    (
        "A.java",
        "String a = \"// no!\"; char b = '\"'; // yes\nvar c = \"\"\"\n  // no! \"\n\"\"\"; /** yes */\n",
    ),
    (
        "a.kt",
        "val a = \"${f(\"// no!\")} // no!\" // yes\n/* yes /* yes */ yes */\n",
    ),
    (
        "a.scala",
        "val a = \"\"\"// no!\n\"// no!\"\"\" // yes\nval s = 'sym // yes\n",
    ),
    (
        "a.swift",
        "let a = #\"// no! \"x\"\"# // yes\nlet b = \"\\(f(\"// no!\"))\" // yes\n",
    ),
    (
        "a.cs",
        "var a = @\"c:\\\"; // yes\nvar b = \"// no!\"; // yes\nvar c = $@\"\"\"// no!\n// no!\"; // yes\n",
    ),
    (
        "a.fs",
        "let a = \"// no!\" // yes\n(* yes (* yes *) yes *)\nlet b = a' + c' // yes\n",
    ),
    ("a.vb", "x = \"' no!\" ' yes\n"),
    (
        "a.js",
        "a = '// no!' // yes\nb = `${c /* yes */ + `// no!`} // no!`; // yes\nd = /[\"'//]/; // yes\n",
    ),
    (
        "a.ts",
        "const a: string = \"https://no!\"; // yes\nconst b = c / d; // yes\n/** yes\n * yes\n */\n",
    ),
    (
        "a.tsx",
        "<p>Don't {/* yes */} do</p>; // yes\nconst a = '// no!';\n",
    ),
    (
        "a.py",
        "a = '# no!' # yes\nb = \"\"\"\n# no! ' \"\n\"\"\" # yes\nc = r'\\' # no!' # yes\n",
    ),
    ("BUILD.bazel", "load(\"# no!\") # yes\n"),
    ("a.star", "# yes\na = '''\n# no!'''\n"),
    (
        "a.rb",
        "a = \"#{f(\"# no!\")} # no!\" # yes\n=begin\nyes\n=end\nb = <<~EOS\n  # no!\nEOS\nc = %w[# no!] # yes\nd = /\"#/ # yes\n",
    ),
    ("Gemfile", "gem 'a' # yes\n"),
    (
        "a.sh",
        "echo \"# no!\" '# no!' # yes\ncat <<'EOF'\n# no! it's\nEOF\necho $# ${#a} a#b # yes\necho \"$(f \"# no!\")\" # yes\necho it\\'s # yes\n",
    ),
    ("a.fish", "set a '# no!' # yes\n"),
    (
        "a.pl",
        "my $a = $#b; # yes\nmy $c = q{# no!}; # yes\n=pod\nyes\n=cut\nprint <<\"EOT\";\n# no!\nEOT\n# yes\n",
    ),
    (
        "a.php",
        "<p>Don't // no!</p><?php $a = '// no!'; // yes\n# yes\n#[no!]\n$b = <<<EOT\n// no!\nEOT; // yes\n/* yes */ ?> // no! <!-- yes -->\n",
    ),
    (
        "a.lua",
        "a = \"-- no!\" -- yes\nb = [==[\n-- no! ]]\n]==] -- yes\n--[[ yes\nyes ]] c()\n--[==[ yes ]==]\n",
    ),
    (
        "a.sql",
        "select '-- no!', 'it''s -- no!', 'c:\\' -- yes\n/* yes */ select \"-- no!\"\n",
    ),
    (
        "a.hs",
        "a' = foldl' '\"' -- yes\nb = c --> d \"-- no!\"\n{- yes {- yes -} yes -}\n",
    ),
    (
        "a.ml",
        "let a' = 'x' and b : 'a = \"(* no! *)\" (* yes *)\nlet (*) = c\n",
    ),
    (
        "a.ex",
        "a = \"#{f(\"# no!\")}\" # yes\nb = ?# # yes\nc = ~s(# no!) # yes\nd = \"\"\"\n# no!\n\"\"\"\n",
    ),
    (
        "a.erl",
        "A = \"% no!\", B = $%, C = $\", D = 'x % no!'. % yes\n%% yes\n",
    ),
    (
        "a.clj",
        "(def a \"; no!\") ; yes\n(def b \\\") ;; yes\n(def c \\;) ; yes\n",
    ),
    ("a.el", "(setq a \"; no!\") ;;; yes\n'(quoted) ; yes\n"),
    (
        "a.nix",
        "a = \"# no!\"; # yes\nb = ''\n  # no! ''${x} '''\n  /* no! */\n''; # yes\n/* yes */\n",
    ),
    (
        "a.tf",
        "a = \"# no! ${f(\"// no!\")} # no!\" # yes\nb = <<-EOT\n  # no!\n  // no!\nEOT\n// yes\n/* yes\nyes */\n",
    ),
    ("a.hcl", "a = \"$${ # no!\" # yes\n"),
    ("a.tfvars", "a = 1 << 2 # yes\n"),
    (
        "a.bicep",
        "param a = 'it\\'s // no!' // yes\nvar b = '''\n// no!\n''' // yes\n",
    ),
    (
        "a.yaml",
        "a: \"# no!\" # yes\nb: 'it''s # no!' # yes\nc: x#no! # yes\nd: it's # yes\ne: \"x\n  # no!\" # yes\n",
    ),
    (
        "a.toml",
        "a = \"# no!\" # yes\nb = '''\n# no!\n''' # yes\nc = 'c:\\' # yes\n",
    ),
    (
        "a.ini",
        "; yes\n# yes\na = b#no!\nc = don't ; yes\nd = \"; no!\"\n",
    ),
    ("a.properties", "# yes\n! yes\na = # no!\n"),
    (".env.production", "# yes\nA=\"# no!\" # yes\nB=x#no!\n"),
    (
        "docker/Dockerfile.prod.arm64",
        "# yes\nRUN echo '# no!' \\\n  # yes\n  && x # no!\nCOPY <<EOF /a\n# no!\nEOF\nRUN <<EOF\n# yes\nEOF\n",
    ),
    ("Makefile", "a: b # yes\n\techo \"# no!\" \\# no!\n# yes\n"),
    ("justfile", "a: # yes\n  echo '# no!'\n"),
    (
        "CMakeLists.txt",
        "set(A \"# no!\") # yes\n#[[ yes\nyes ]]\n",
    ),
    (
        "nginx.conf",
        "listen 80; # yes\nlog_format x '# no!';\nproxy_pass http://no!;\nlocation ~ ^/it's { # yes\n",
    ),
    (
        "nats.conf",
        "# yes\nhost: nats://no!\n// yes\nuser: \"// no!\" // yes\n",
    ),
    (
        "a.proto",
        "string a = 1 [x = \"// no!\"]; // yes\n/* yes */\n",
    ),
    ("a.thrift", "# yes\n// yes\nconst string A = '# no!'\n"),
    (
        "a.graphql",
        "a(b: \"# no!\") # yes\n\"\"\"\n# no!\n\"\"\"\n",
    ),
    ("a.prisma", "a String @default(\"// no!\") // yes\n"),
    (
        "a.html",
        "<p title=\"x\">Don't // no! # no!</p> <!-- yes\nyes -->\n<script lang=\"ts\">\nlet a = '<!-- no!' // yes\n</script>\n<style>/* yes */ a { b: \"/* no!\" }</style>\n// no!\n",
    ),
    (
        "a.vue",
        "<template><!-- yes --></template>\n<script src=\"x\" />\n<!-- yes -->\n<script>// yes</script> // no!\n",
    ),
    ("a.svelte", "<script>\n  // yes\n</script>\n<!-- yes -->\n"),
    (
        "a.xml",
        "<a b=\"it's\"/> <!-- yes\n  yes --> <![CDATA[<!-- no! -->]]>\n",
    ),
    (
        "a.css",
        "a { b: url(//no!/*); c: \"/* no!\" } /* yes\n * yes */\n",
    ),
    ("a.scss", "a { b: url(https://no!) } // yes\n/* yes */\n"),
    (
        "templates/_helpers.tpl",
        "{{/* yes\nyes */}}\n{{- /* yes */ -}}\n# yes\n",
    ),
    (
        "templates/a.yaml",
        "{{- /* yes */}}\na: {{ f \"x # no!\" }} # yes\nb: {{ include \"c\" . | quote }} # yes\n",
    ),
    ("nginx.conf.j2", "{# yes\nyes #}\nlisten {{ x }}; # yes\n"),
    ("user_data.sh.tpl", "echo \"# no!\" # yes\n"),
    (
        "a.json",
        "{ \"a\": \"// no!\", \"b\": \"@comment\",\n  \"@comment\": \"yes\",\n \"//\": [ \"yes\",\n \"yes\" ],\n\"c\": \"//\" }\n// no!\n",
    ),
    (
        "a.tf.json",
        "{\"//\": \"yes\", \"_comment\" : \"yes\", \"$comment\":\n\"yes\"}",
    ),
    (
        "a.jsonc",
        "{ \"a\": \"// no!\", // yes\n /* yes */ \"b\": 1 }\n",
    ),
    ("tsconfig.json", "{ // yes\n \"a\": \"/* no!\" }\n"),
    ("a.json5", "{ a: '// no!', /* yes */ }\n"),
    (
        "a.jsonnet",
        "{ a: '// no!', b: @'c:\\', c: |||\n  # no!\n||| } // yes\n# yes\n",
    ),
    (
        "a.cue",
        "a: \"// no!\" // yes\nb: #\"// no! \"x\"\"# // yes\nc: #Definition // yes\n",
    ),
    ("a.rego", "a := \"# no!\" # yes\nb := `\n# no!` # yes\n"),
    (
        "a.ps1",
        "$a = \"# no! `\" # no!\" # yes\n$b = @\"\n# no! \"\n\"@ # yes\n<# yes\nyes #>\n$c = 'it''s # no!' # yes\n",
    ),
    ("a.bat", "REM yes\n:: yes\n@rem yes\necho rem no!\n"),
    (
        "a.R",
        "a <- '# no!' # yes\n#' yes\nb <- r\"(# no! \")\" # yes\n",
    ),
    (
        "a.jl",
        "a = b' # yes\nc = \"# no!\" # yes\n#= yes #= yes =# yes =#\n",
    ),
    (
        "a.zig",
        "const a = \"// no!\"; // yes\nconst b =\n    \\\\ // no!\n; // yes\n",
    ),
    (
        "a.dart",
        "var a = r'\\'; // yes\nvar b = '${f('// no!')}'; // yes\n/* yes /* yes */ yes */\n",
    ),
    (
        "a.gradle",
        "a = '// no!' // yes\nb = \"${f(\"// no!\")}\" // yes\n",
    ),
    ("Jenkinsfile", "sh '''\n// no!\n''' // yes\n"),
    ("a.sol", "string a = \"// no!\"; // yes\n"),
    (
        "a.d",
        "auto a = `// no!`; // yes\n/+ yes /+ yes +/ yes +/\n",
    ),
    ("a.nim", "let a = \"# no!\" # yes\n"),
    ("a.adb", "A : String := \"-- no!\"; -- yes\n"),
    ("a.awk", "{ print \"# no!\" } # yes\n"),
    ("a.tcl", "set a \"# no!\" ;# yes\n"),
    ("a.pp", "$a = \"# no! ${b}\" # yes\n"),
    ("Caddyfile", "example.com # yes\nrespond \"# no!\"\n"),
    (".gitignore", "# yes\nfoo # no!\n"),
    (
        "script",
        "#!/usr/bin/env -S python3.12 -u\na = '# no!' # yes\n# yes\n",
    ),
    ("script", "#!/bin/bash\ncat <<EOF\n# no!\nEOF\n"),
    (
        "a.whatever",
        "# yes\na // yes\na = \"# no!\" # yes\nhttp://no!\n-- yes\n; yes\n% yes\n a -- no!\n<!-- yes -->\n/* yes\nyes */\n",
    ),
];

#[test]
fn each_language_finds_its_comments_and_skips_its_strings() {
    for (path, text) in SAMPLES {
        check(path, text);
        check(path, &text.replace('\n', "\r\n"));
        check(&path.to_uppercase(), text);
    }
}

#[test]
fn no_ending_or_name_is_in_two_languages() {
    let mut seen = std::collections::BTreeSet::new();
    for language in LANGUAGES {
        for word in language.extensions.split_whitespace() {
            assert!(
                seen.insert(word.to_owned()),
                "{word} of {} is taken",
                language.name
            );
            assert!(
                !lists(PROSE_EXTENSIONS, word),
                "{word} of {} is prose",
                language.name
            );
        }
        for word in language.names.split_whitespace() {
            assert!(
                seen.insert(format!("the file {word}")),
                "{word} of {} is taken",
                language.name
            );
        }
        assert!(!language.rules.is_empty());
    }
}

#[test]
fn prose_has_no_comments() {
    for path in [
        "README.md",
        "docs/a.rst",
        "a.adoc",
        "a.org",
        "notes.txt",
        "CHANGELOG",
        "CHANGELOG-2.x",
        "a.snap",
        "a.csv",
        "Cargo.lock",
        "package-lock.json",
        "pnpm-lock.yaml",
        ".terraform.lock.hcl",
        "go.sum",
        "LICENSE",
        "Dockerfile.md",
    ] {
        assert_eq!(
            comment_lines(path, "# a\n// b\n<!-- c -->\n{\"//\": \"d\"}\n"),
            [],
            "{path}"
        );
    }
    check("src/changelog.rs", "// yes\n");
    check("src/history.go", "// yes\n");
}

/// Line, column, leader, text, trailing, block.
type Outline<'t> = (usize, usize, &'t str, &'t str, bool, Option<usize>);

fn outline<'t>(path: &str, text: &'t str) -> Vec<Outline<'t>> {
    comment_lines(path, text)
        .into_iter()
        .map(|it| {
            (
                it.line,
                it.column,
                it.leader,
                it.text,
                it.trailing,
                it.block,
            )
        })
        .collect()
}

#[test]
fn a_comment_knows_where_it_stands() {
    assert_eq!(
        outline("a.rs", "\tä(); // one  \r\n//! two\n/// three\n"),
        [
            (1, 7, "//", " one", true, None),
            (2, 1, "//!", " two", false, None),
            (3, 1, "///", " three", false, None),
        ]
    );
    assert_eq!(
        outline("a.tf", "  ## a ##\n"),
        [(1, 3, "##", " a ##", false, None)]
    );
}

#[test]
fn lines_of_a_block_share_a_number_and_lose_their_stars() {
    assert_eq!(
        outline(
            "a.c",
            "x; /** one\n   * two\n\n  three */ y; /* four */ z\n/**/\n"
        ),
        [
            (1, 4, "/**", " one", true, Some(1)),
            (2, 4, "*", " two", false, Some(1)),
            (3, 1, "", "", false, Some(1)),
            (4, 3, "", "three", false, Some(1)),
            (4, 15, "/*", " four", true, Some(2)),
            (5, 1, "/*", "", false, Some(3)),
        ]
    );
    assert_eq!(
        outline("a.lua", "--[[ one\n  two ]] x()\n"),
        [
            (1, 1, "--[[", " one", false, Some(1)),
            (2, 3, "", "two", false, Some(1))
        ]
    );
}

#[test]
fn a_block_that_never_closes_is_a_comment_to_the_end() {
    check("a.go", "/* yes\nyes");
    check("a.lua", "--[[ yes\nyes");
}

#[test]
fn rust_lifetimes_and_characters_open_no_string() {
    check("a.rs", "fn f<'a>(x: &'a str) -> &'a str { x } // yes\n");
    check(
        "a.rs",
        "let q = '\"'; // yes\nlet r = '\\''; // yes\nlet b = b'\"'; let u = '\\u{22}'; // yes\n",
    );
    check("a.rs", "'outer: loop { break 'outer } // yes\n");
    check(
        "a.rs",
        "let a = r#\"\" // no! \"#; // yes\nlet b = br##\"// no! \"# \"##; // yes\nlet for_r\"x\" = 1; // yes\n",
    );
    check(
        "a.rs",
        "let a = \"one\n// no!\"; // yes\nlet r#type = 1; // yes\n",
    );
}

#[test]
fn a_string_that_does_not_close_ends_with_its_line() {
    check("a.go", "a := \"x // no!\n// yes\n");
    check("a.sh", "echo don't\n# yes\necho \"\n# yes\n");
    check("a.py", "'''\n# yes\n");
    check("a.js", "a = `${b(`\n// yes\n");
    check("a.rs", "r#\"\n// yes\n");
}

#[test]
fn a_here_document_that_never_ends_is_an_operator() {
    check("a.sh", "((a = b << c))\n# yes\n");
    check("a.tf", "a = <<EOT\n# yes\n");
    check("a.sh", "cat <<A <<-B\n# no!\nA\n# no!\n\tB\n# yes\n");
    check("a.sh", "cat <<< word # yes\nword\n");
    check("a.rb", "list <<item\n# yes\nitem\n");
}

#[test]
fn yaml_hash_counts_after_white_space_outside_quotes() {
    check(
        "a.yaml",
        "a: http://x/#no!\nb: 'x' #yes\n#yes\n- \"a\" # yes\n- {a: '# no!', b: \"# no!\"} # yes\n",
    );
    check(
        "a.yaml",
        "a: rock 'n roll # yes\nb: 5\" disk # yes\nc: !Sub \"# no!\" # yes\n",
    );
}

#[test]
fn a_yaml_quote_that_does_not_close_ends_with_its_block() {
    check("a.yaml", "a:\n  b: \"x\n  c: d # yes\n");
    check("a.yaml", "a:\n  b: \"x\n\n    # no!\n    \" # yes\n");
}

#[test]
fn yaml_block_scalars_yield_the_comments_of_the_language_in_them() {
    check(
        "a.yaml",
        "- run: |\n    # yes\n    echo x # no!\n    \"\n  env: # yes\n    a: b # yes\n",
    );
    check("a.yaml", "- |- # yes\n  # yes\n  it's\n- b # yes\n");
    check("a.yaml", "a: >2\n    # yes\n\n  x # no!\nb: c # yes\n");
    check(
        "a.yaml",
        "a: !Sub |\n  x # no!\nb: x | y # yes\nc: a > b # yes\n",
    );
    check("a.yaml", "a: |\nb: c # yes\n");
    assert_eq!(
        outline("a.yaml", "a: |\n  # x\n"),
        [(2, 3, "#", " x", false, None)]
    );
}

#[test]
fn a_comment_may_stand_in_the_code_inside_a_string() {
    check(
        "a.tf",
        "a = \"${templatefile(\"x // no!\", {\n  b = 1 # yes\n})} # no!\" # yes\n",
    );
    check("a.js", "a = `${ { b: 1 } } // no! ${ // yes\n}`; // yes\n");
}

#[test]
fn a_commented_string_and_a_quoted_comment_do_not_mix() {
    check(
        "a.go",
        "// yes \"\n// yes '\n/* yes ` */ a := \"*/ // no!\" // yes\n",
    );
    check("a.yaml", "# yes don't\na: b # yes \"x\nc: d # yes\n");
    check("a.sh", "# yes don't\n# yes \"\n");
}

#[test]
fn a_division_is_no_regular_expression() {
    check("a.js", "a = b / c; d = \"/ // no!\"; // yes\n");
    check("a.js", "return /\"/; // yes\nf(/'/g, '// no!') // yes\n");
    check(
        "a.js",
        "a = (b) / 2 // yes\nb = a++ / 2 // yes\n  / 2 // yes\nc = x => /'/ // yes\n",
    );
    check("a.jsx", "<a b={c} /> // yes\n<br /> // yes\n");
}

#[test]
fn json_keeps_to_the_comment_keys() {
    assert_eq!(
        outline(
            "a.json",
            "{\n  \"@comment\": \"a; \\\"b\\\"\",\n \"x\": 1, \"//\": \"c\",\n \"y\": \"@comment\" }"
        ),
        [
            (2, 16, "", "a; \\\"b\\\"", false, Some(1)),
            (3, 17, "", "c", true, Some(2))
        ]
    );
    check(
        "a.json",
        "{\"comment\": \"no!\", \"@comment\": {\"a\": \"no!\"}, \"//\": 1}",
    );
}

#[test]
fn text_is_decoded_by_its_mark_and_binary_is_not_text() {
    assert_eq!(decode(b"abc").unwrap(), "abc");
    assert_eq!(decode(b"\xef\xbb\xbf# a").unwrap(), "# a");
    assert_eq!(decode(b"\xff\xfe#\0a\0").unwrap(), "#a");
    assert_eq!(decode(b"\xfe\xff\0#\0a").unwrap(), "#a");
    assert_eq!(decode(b"caf\xe9").unwrap(), "caf\u{e9}");
    assert_eq!(decode(b"").unwrap(), "");
    assert_eq!(decode(b"\x7fELF\0"), None);
    assert_eq!(decode(b"\xff\xfe\0\0a\0\0\0"), None);
}

/// Texts that make a careless lexer look ahead again and again.
#[test]
fn long_lines_take_linear_time() {
    let pieces = [
        "/**/",
        "(/[",
        "<<a",
        "#",
        "[=",
        "<script",
        "- |",
        "- ",
        "\t",
        "case ",
        "\"${",
        "'\\'",
        "r#\"",
        "R\"x(",
        "<<a\n",
        "<<'a b'\n",
        "--[[",
        "[[",
        "(*",
        "/a",
        "%(",
        "~s(",
        "q(",
        "'x",
        "\"",
        "`${",
        "\\\n",
        "{{",
        "a: \"\n\n",
        "a: |\n",
        "- ",
        "<script>",
        "<!--",
        "\"//\":[\"",
        "ä",
    ];
    let files =
        "a.rs a.hpp a.swift a.js a.sh a.rb a.pl a.lua a.yaml a.tf a.json a.ex a.html a.whatever";
    for path in files.split(' ') {
        for piece in pieces {
            let text = piece.repeat(30_000 / piece.len());
            let started = std::time::Instant::now();
            let _ = comment_lines(path, &text);
            assert!(
                started.elapsed().as_millis() < 1_000,
                "{path}: {piece:?} took {:?}",
                started.elapsed()
            );
        }
    }
}

fn holds(path: &str, text: &str) {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut last = (1, 0);
    for comment in comment_lines(path, text) {
        let line = lines[comment.line - 1];
        let from = line
            .char_indices()
            .nth(comment.column - 1)
            .map_or(line.len(), |(index, _)| index);
        assert!(
            line[from..].starts_with(&format!("{}{}", comment.leader, comment.text)),
            "{path}: {comment:?} in {text:?}"
        );
        assert!(
            (comment.line, comment.column) >= last,
            "{path}: {comment:?} in {text:?}"
        );
        last = (comment.line, comment.column);
    }
}

fn any_path() -> impl Strategy<Value = String> {
    let extensions: Vec<String> = LANGUAGES
        .iter()
        .flat_map(|language| {
            language
                .extensions
                .split_whitespace()
                .map(|extension| format!("a.{extension}"))
                .chain(language.names.split_whitespace().map(str::to_owned))
        })
        .chain(
            TEMPLATE_EXTENSIONS
                .iter()
                .map(|(extension, _)| format!("a.yaml.{extension}")),
        )
        .chain([String::new(), "x".to_owned()])
        .collect();
    proptest::sample::select(extensions)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_is_survived_and_quoted_as_it_stands(path in any_path(), text in "\\PC*") {
        holds(&path, &text);
    }

    #[test]
    fn any_mix_of_openers_is_survived_and_quoted_as_it_stands(
        path in any_path(),
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "\"", "'", "`", "/*", "*/", "//", "#", "--", "[[", "]]", "=", "${", "}", "{", "(", ")", "<<EOT", "EOT", "\n", "\r\n", " ", "\t", "\\", "ä", "€", "x", "r#\"", "\"#", "R\"(",
            "|", ">", ": ", "- ", "<!--", "-->", "<script", "</script", "<?php", "?>", "{-", "-}", "(*", "*)", "%w", "~s", "q", "{{", "}}", "{{/*", "\"\"\"", "''", "\"//\"", ":", "[", ",", "@\"", "=begin", "\n=end", "rem ",
        ]), 0..40),
    ) {
        holds(&path, &pieces.concat());
    }
}

/// A notebook with one code cell of these lines, as Jupyter writes it.
fn notebook(language: &str, lines: &[&str]) -> String {
    let source: Vec<String> = lines
        .iter()
        .map(|line| {
            format!(
                "    {}",
                serde_json::to_string(&format!("{line}\n")).unwrap()
            )
        })
        .collect();
    format!(
        "{{\n \"cells\": [\n  {{ \"cell_type\": \"markdown\", \"source\": [\"# no!\"] }},\n  {{\n   \"cell_type\": \"code\",\n   \
         \"outputs\": [{{ \"text\": [\"# no!\"] }}],\n   \"source\": [\n{}\n   ]\n  }}\n ],\n \"metadata\": {{ \"kernelspec\": \
         {{ \"language\": \"{language}\", \"name\": \"x\" }} }},\n \"nbformat\": 4\n}}\n",
        source.join(",\n")
    )
}

#[test]
fn notebooks_have_comments_in_code_cells_and_in_no_other() {
    let text = notebook(
        "python",
        &[
            "x = \"# no!\" # yes",
            "# yes \\ é \"",
            "y = '''",
            "# no!",
            "'''",
        ],
    );
    check("a.ipynb", &text);
    check("a.ipynb", &notebook("R", &["x <- '# no!' # yes"]));
    check(
        "a.ipynb",
        &notebook("scala", &["val x = \"// no!\" // yes", "# no!"]),
    );
    check(
        "a.ipynb",
        &notebook("python", &["%%bash", "echo '# no!' # yes", "# yes"]),
    );
    check(
        "a.ipynb",
        &notebook("python", &["%%sql", "select 1 -- yes", "-- yes"]),
    );
    check(
        "a.ipynb",
        "{\"cells\":[{\"cell_type\":\"code\",\"source\":\"x = 1 # yes\\n# yes\\ny = '# no!'\"}]}",
    );
    check("a.ipynb", "# no!\n");
    check(
        "old.ipynb",
        "{\"worksheets\":[{\"cells\":[{\"cell_type\":\"code\",\"input\":[\"# yes\"]}]}]}",
    );
}

#[test]
fn comments_of_a_notebook_know_their_place_in_the_file() {
    let text = "{\"cells\": [{\"cell_type\": \"code\",\n\"source\": [\n \"é = 1\\n\",\n \"\\t# a \\\"b\\\"\\n\",\n \"# c\"]}]}";
    assert_eq!(
        outline("a.ipynb", text),
        [
            (4, 5, "#", " a \\\"b\\\"", false, None),
            (5, 3, "#", " c", false, None),
        ]
    );
    let one_line = "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"# a\\n# b\\nx\\n# c\"}]}";
    let found = comment_lines("a.ipynb", one_line);
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].block, found[1].block);
    assert_ne!(found[1].block, found[2].block);
}

#[test]
fn every_encoding_is_read_and_written_again_byte_for_byte() {
    let text = "# é — ZFN-3\r\nx\n";
    let wide = |big: bool, mark: bool| -> Vec<u8> {
        let units = mark
            .then_some(0xFEFF)
            .into_iter()
            .chain(text.encode_utf16());
        units
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    let mut cases = vec![
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        b"# \xe9 \x97 \x81 ZFN-3\r\nx\n".to_vec(),
        wide(false, true),
        wide(true, true),
    ];
    let ascii = "# ZFN-3 carve-out: a; b\n";
    for big in [false, true] {
        let units = ascii.encode_utf16();
        cases.push(
            units
                .flat_map(|unit| {
                    if big {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                })
                .collect(),
        );
    }
    for bytes in cases {
        let (text, written) = decode_with(&bytes).unwrap();
        assert!(text.contains("ZFN-3"), "{text}");
        assert_eq!(written.encode(&text).unwrap(), bytes);
    }
    for binary in [
        &b"\x7fELF\x02\x00\x00\x00\x01\x02\x03\x04"[..],
        b"a\0b",
        b"ZFN-3 carve-out: a; b\0\0\0\0",
    ] {
        assert_eq!(decode(binary), None);
    }
    let latin = decode_with(b"\xe9").unwrap().1;
    assert_eq!(latin.encode("ЖЖ"), None);
}

#[test]
fn further_kinds_of_files() {
    check(
        "a.jsp",
        "<%-- yes --%><p>// no!</p><% x(\"// no!\"); // yes\n%> // no! <!-- yes -->\n",
    );
    check("a.cedar", "permit(principal, action, resource); // yes\n");
    check("a.kdl", "node \"// no!\" // yes\n/* yes /* yes */ yes */\n");
    check("a.ron", "(a: \"// no!\") // yes\n");
    check("Kustomization", "a: '# no!' # yes\n");
    check("Earthfile", "# yes\nRUN x # no!\n");
    check("a.zone", "a IN TXT \"; no!\" ; yes\n");
    check("a.gn", "a = \"# no!\" # yes\n");
}

#[test]
fn behind_the_end_of_the_code_stands_data() {
    check("a.rb", "# yes\n__END__\n# no!\n\"\n# no!\n");
    check("a.rb", "x = __END__ # yes\n __END__\n# yes\n");
    check("a.rb", "x = \"\n__END__\n\" # yes\n");
    check(
        "a.pl",
        "1; # yes\n__DATA__\n# no!\n\n=pod\n\nyes\n\n=cut\n# no!\n",
    );
    check("a.pl", "1; # yes\r\n__END__\r\n# no!\r\n");
    check("a.py", "__END__\n# yes\n");
}

#[test]
fn dollar_slashy_strings_of_groovy_hold_no_comments() {
    check("a.groovy", "a = $/ // no!\n# $/ /* no! */ $$ /$ // yes\n");
    check("a.groovy", "a = $/ ${b /* yes */} // no! /$ // yes\n");
    check("a.groovy", "a = b$/c // yes\nd // yes\n");
}

#[test]
fn a_notebook_that_a_merge_broke_still_has_its_comments() {
    let whole = "{\"cells\": [\n<<<<<<< HEAD\n {\"cell_type\": \"code\",\n  \"source\": [\n   \"# yes\\n\",\n   \"x = 1\\n\"]}\n\
                 =======\n {\"source\": \"y = 2\\n  # yes: \\\"it\\\"\\nz\"}\n>>>>>>> x\n]}\n";
    let found = comment_lines("a.ipynb", whole);
    let told: Vec<(usize, usize, &str)> = found
        .iter()
        .map(|one| (one.line, one.column, one.text))
        .collect();
    assert_eq!(told, [(5, 5, " yes"), (8, 23, " yes: \\\"it\\\"")]);
}
