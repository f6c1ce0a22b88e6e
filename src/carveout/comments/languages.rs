//! The table: which files are in which language, and what comments and strings look like there.
//!
//! It is no grammar. It says just enough to tell comment from string from code: openers, closers, escapes, and the
//! traps (`Skip`) where an opener is none. Rules are tried in order; a longer opener stands before its prefix.

use super::rule::{Heredoc, Place, Rule};
use super::rule::{block, line, line_at, nested, one_line, raw, skip, string, word_quote};

/// What a language's comments and strings look like.
#[derive(Debug)]
pub(super) struct Language {
    /// Its name, for people.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "says what a row is, and what a test failed on")
    )]
    pub(super) name: &'static str,
    /// File name endings, without the dot, in lower case, with spaces in between.
    pub(super) extensions: &'static str,
    /// Whole file names, likewise; `dockerfile` also stands for `Dockerfile.prod`.
    pub(super) names: &'static str,
    /// Programs that a `#!` line may name, likewise.
    pub(super) interpreters: &'static str,
    /// How to tell comments, strings and code apart.
    pub(super) rules: &'static [Rule],
}

/// A language without file names of its own.
const fn language(
    name: &'static str,
    extensions: &'static str,
    rules: &'static [Rule],
) -> Language {
    Language {
        name,
        extensions,
        names: "",
        interpreters: "",
        rules,
    }
}

impl Language {
    const fn named(mut self, names: &'static str) -> Self {
        self.names = names;
        self
    }

    const fn run_by(mut self, interpreters: &'static str) -> Self {
        self.interpreters = interpreters;
        self
    }
}

const C_BLOCK: Rule = block("/*", "*/");
const SLASHES: Rule = line("//");
const HASH: Rule = line("#");
const DOUBLE: Rule = one_line("\"", "\"");
const SINGLE: Rule = one_line("'", "'");
const DOUBLE_LINES: Rule = string("\"", "\"");
const SINGLE_LINES: Rule = string("'", "'");

/// Perl's documentation, which stands behind the end of the code, too.
static POD: [Rule; 5] = [
    block("=pod", "\n=cut").at(Place::FirstColumn),
    block("=head", "\n=cut").at(Place::FirstColumn),
    block("=begin", "\n=cut").at(Place::FirstColumn),
    block("=for", "\n=cut").at(Place::FirstColumn),
    block("=encoding", "\n=cut").at(Place::FirstColumn),
];
const TRIPLE_DOUBLE: Rule = string("\"\"\"", "\"\"\"");
const TRIPLE_SINGLE: Rule = string("'''", "'''");
const CHARACTER: Rule = Rule::Character(Place::Anywhere);
const CHARACTER_NOT_PRIME: Rule = Rule::Character(Place::NotAfterWord);
const SQL_SINGLE: Rule = raw("'", "'").escaped_by(&["''"]);
const SQL_DOUBLE: Rule = raw("\"", "\"").escaped_by(&["\"\""]);

const C: &[Rule] = &[SLASHES, C_BLOCK, Rule::CppRawString, DOUBLE, CHARACTER];
const JAVA: &[Rule] = &[SLASHES, C_BLOCK, TRIPLE_DOUBLE, DOUBLE, CHARACTER];
const KOTLIN: &[Rule] = &[
    SLASHES,
    nested("/*", "*/"),
    raw("\"\"\"", "\"\"\"").with_hole("${", '{', '}'),
    DOUBLE.with_hole("${", '{', '}'),
    CHARACTER,
];
const JAVASCRIPT: &[Rule] = &[
    SLASHES,
    C_BLOCK,
    DOUBLE,
    SINGLE,
    string("`", "`").with_hole("${", '{', '}'),
    Rule::Regex,
];
// An apostrophe in the text of an element (`Don't`) opens nothing.
const JSX: &[Rule] = &[
    SLASHES,
    C_BLOCK,
    DOUBLE,
    word_quote("'"),
    string("`", "`").with_hole("${", '{', '}'),
    Rule::Regex,
];
const CSS: &[Rule] = &[C_BLOCK, DOUBLE, SINGLE, one_line("url(", ")")];
const SCSS: &[Rule] = &[C_BLOCK, one_line("url(", ")"), SLASHES, DOUBLE, SINGLE];
const PYTHON: &[Rule] = &[HASH, TRIPLE_DOUBLE, TRIPLE_SINGLE, DOUBLE, SINGLE];
const SHELL: &[Rule] = &[
    line_at("#", Place::WordStart),
    Rule::SkipEscape,
    one_line("$'", "'").over_lines(),
    raw("'", "'"),
    DOUBLE_LINES.with_hole("$(", '(', ')'),
    skip("<<<"),
    Rule::Heredoc("<<", Heredoc::Shell),
];
const PHP: &[Rule] = &[
    skip("#["),
    HASH,
    SLASHES,
    C_BLOCK,
    Rule::Heredoc("<<<", Heredoc::Word),
    SINGLE_LINES,
    DOUBLE_LINES,
];
const HTML: &[Rule] = &[
    block("<!--", "-->"),
    // Of Blade, Handlebars, Mustache, EJS, server pages, Jinja and React; `{#if}` opens none.
    block("{{--", "--}}"),
    block("{{!--", "--}}"),
    block("{{!", "}}"),
    block("<%--", "--%>"),
    block("<%#", "%>"),
    block("{# ", "#}"),
    block("{/*", "*/}"),
    Rule::Island {
        open: "<script",
        close: "</script",
        rules: JAVASCRIPT,
    },
    Rule::Island {
        open: "<style",
        close: "</style",
        rules: SCSS,
    },
    Rule::Island {
        open: "<?php",
        close: "?>",
        rules: PHP,
    },
    Rule::Island {
        open: "<?=",
        close: "?>",
        rules: PHP,
    },
    block("{{/*", "*/"),
    block("{{- /*", "*/"),
];
/// Comments of Go templates (Helm, Consul template).
const GO_TEMPLATE: &[Rule] = &[
    block("{{/*", "*/"),
    block("{{- /*", "*/"),
    block("{{-/*", "*/"),
];
/// Comments of Jinja and its kin (Ansible, Salt, Twig, Tera).
const JINJA: &[Rule] = &[block("{#", "#}")];
const LIQUID: &[Rule] = &[
    block("{% comment %}", "{% endcomment %}"),
    block("{%- comment -%}", "{%- endcomment -%}"),
    block("{% #", "%}"),
];
const RAZOR: &[Rule] = &[block("@*", "*@")];
const YAML: &[Rule] = &[
    block("{# ", "#}"),
    block("{{/*", "*/"),
    block("{{- /*", "*/"),
    block("{{-/*", "*/"),
    // Quotes and hashes inside `{{ .. }}` are the template's.
    raw("{{", "}}").on_one_line(),
    line_at("#", Place::AfterSpace),
    Rule::BlockScalar,
    DOUBLE.indented(),
    raw("'", "'").escaped_by(&["''"]).indented(),
];
const CONFIGURATION: &[Rule] = &[
    line_at("#", Place::WordStart),
    line_at("//", Place::AfterSpace),
    line_at(";", Place::LineStart),
    TRIPLE_DOUBLE,
    word_quote("\""),
    word_quote("'"),
];
const INI: &[Rule] = &[
    line_at("#", Place::AfterSpace),
    line_at(";", Place::AfterSpace),
    word_quote("\""),
    word_quote("'"),
];
const HASH_LINES: &[Rule] = &[line_at("#", Place::LineStart)];
const LISP: &[Rule] = &[
    skip("#\\\""),
    skip("#\\;"),
    skip("\\\""),
    skip("\\;"),
    line(";"),
    nested("#|", "|#"),
    DOUBLE_LINES,
];

/// Every language, in no order that matters: no ending or name is in two of them.
pub(super) static LANGUAGES: &[Language] = &[
    language("Rust", "rs", &[SLASHES, nested("/*", "*/"), Rule::RustRawString, DOUBLE_LINES, CHARACTER])
        .run_by("rust-script"),
    language("Go", "go", &[SLASHES, C_BLOCK, DOUBLE, raw("`", "`"), CHARACTER]).named("go.mod go.work"),
    language(
        "C and C++",
        "c h cc cpp cxx c++ hh hpp hxx h++ inl ipp mm cu cuh ino",
        C,
    ),
    language(
        "Objective-C and MATLAB",
        "m",
        &[SLASHES, C_BLOCK, line_at("%", Place::LineStart), DOUBLE, CHARACTER],
    ),
    language("shaders", "glsl vert frag hlsl wgsl metal cl", C),
    language("Java", "java", JAVA),
    language("Kotlin", "kt kts", KOTLIN).run_by("kotlin"),
    language("Scala", "scala sc sbt", &[SLASHES, nested("/*", "*/"), raw("\"\"\"", "\"\"\""), DOUBLE, CHARACTER])
        .run_by("scala"),
    language(
        "Swift",
        "swift",
        &[
            SLASHES,
            nested("/*", "*/"),
            Rule::SwiftRawString,
            TRIPLE_DOUBLE.with_hole("\\(", '(', ')'),
            DOUBLE.with_hole("\\(", '(', ')'),
        ],
    )
    .run_by("swift"),
    language(
        "C#",
        "cs csx",
        &[
            SLASHES,
            C_BLOCK,
            raw("\"\"\"", "\"\"\""),
            raw("$@\"", "\"").escaped_by(&["\"\""]),
            raw("@$\"", "\"").escaped_by(&["\"\""]),
            raw("@\"", "\"").escaped_by(&["\"\""]),
            DOUBLE,
            CHARACTER,
        ],
    ),
    language(
        "F#",
        "fs fsi fsx",
        &[
            SLASHES,
            skip("(*)"),
            nested("(*", "*)"),
            raw("\"\"\"", "\"\"\""),
            raw("@\"", "\"").escaped_by(&["\"\""]),
            DOUBLE_LINES,
            CHARACTER_NOT_PRIME,
        ],
    ),
    language("Visual Basic", "vb vbs bas", &[
            line("'"),
            line_at("rem ", Place::LineStart).any_case(),
            raw("\"", "\"").escaped_by(&["\"\""]).on_one_line(),
        ]),
    language("JavaScript and TypeScript", "js mjs cjs ts mts cts es6", JAVASCRIPT)
        .run_by("node nodejs deno bun ts-node tsx zx"),
    language("JSX", "jsx tsx", JSX),
    language("Python", "py pyi pyw pyx pxd", PYTHON)
        .named("sconstruct sconscript wscript snakefile")
        .run_by("python pypy uv"),
    language("Starlark", "bzl bazel star sky", PYTHON).named("build workspace buck tiltfile"),
    language(
        "Ruby",
        "rb rake gemspec ru podspec",
        &[
            block("=begin", "\n=end").at(Place::FirstColumn),
            skip("?#"),
            skip("?\""),
            skip("?'"),
            Rule::End {
                word: "__END__",
                rules: &[],
            },
            line_at("#", Place::WordStart),
            Rule::Heredoc("<<", Heredoc::Ruby),
            DOUBLE_LINES.with_hole("#{", '{', '}'),
            SINGLE_LINES,
            Rule::Regex,
            Rule::Percent,
        ],
    )
    .named("gemfile rakefile vagrantfile podfile fastfile brewfile berksfile guardfile capfile")
    .run_by("ruby"),
    language("Crystal", "cr", &[line_at("#", Place::WordStart), DOUBLE_LINES.with_hole("#{", '{', '}'), CHARACTER]),
    language("shell", "sh bash zsh ksh ash fish bats envrc ebuild command", SHELL)
        .named(".bashrc .bash_profile .profile .zshrc .zshenv .zprofile .envrc pkgbuild apkbuild .xinitrc")
        .run_by("sh bash dash ash ksh zsh fish busybox bats"),
    language(
        "Perl",
        "pl pm t psgi",
        &[
            POD[0],
            POD[1],
            POD[2],
            POD[3],
            POD[4],
            Rule::End {
                word: "__END__",
                rules: &POD,
            },
            Rule::End {
                word: "__DATA__",
                rules: &POD,
            },
            skip("$#"),
            skip("$'"),
            skip("$\""),
            line_at("#", Place::WordStart),
            Rule::Heredoc("<<", Heredoc::Ruby),
            DOUBLE_LINES,
            SINGLE_LINES.at(Place::NotAfterWord),
            Rule::Regex,
            Rule::PerlQuote,
        ],
    )
    .named("cpanfile")
    .run_by("perl"),
    language(
        "HTML",
        "html htm xhtml vue svelte php phtml hbs handlebars mustache ejs",
        HTML,
    )
    .run_by("php"),
    language(
        "XML",
        "xml xsd xsl xslt svg plist csproj fsproj vbproj vcxproj props targets xaml wsdl pom rss nuspec resx storyboard xib iml config",
        &[block("<!--", "-->"), raw("<![CDATA[", "]]>")],
    ),
    language(
        "Lua",
        "lua luau rockspec",
        &[Rule::LuaLong { open: "--[", comment: true }, line("--"), Rule::LuaLong { open: "[", comment: false }, DOUBLE, SINGLE],
    )
    .run_by("lua luajit"),
    language(
        "SQL",
        "sql psql pgsql ddl dml hql",
        &[
            line("--"),
            C_BLOCK,
            line_at("#", Place::LineStart),
            string("E'", "'").escaped_by(&["\\", "''"]),
            string("e'", "'").escaped_by(&["\\", "''"]),
            SQL_SINGLE,
            SQL_DOUBLE,
            raw("`", "`").on_one_line(),
        ],
    ),
    language(
        "CQL and MySQL",
        "cql mysql",
        &[
            line("--"),
            line_at("//", Place::AfterSpace),
            line_at("#", Place::AfterSpace),
            C_BLOCK,
            SQL_SINGLE.escaped_by(&["\\", "''"]),
            SQL_DOUBLE.escaped_by(&["\\", "\"\""]),
            raw("`", "`").on_one_line(),
        ],
    ),
    language(
        "Haskell",
        "hs lhs hsc purs elm dhall",
        &[skip("-->"), skip("<--"), skip("|--"), line("--"), nested("{-", "-}"), DOUBLE, CHARACTER_NOT_PRIME],
    )
    .run_by("runhaskell runghc stack"),
    language(
        "OCaml",
        "ml mli mll mly",
        &[skip("(*)"), nested("(*", "*)"), raw("{|", "|}"), DOUBLE_LINES, CHARACTER_NOT_PRIME],
    )
    .run_by("ocaml"),
    language(
        "Elixir",
        "ex exs",
        &[
            skip("?#"),
            skip("?\""),
            skip("?'"),
            HASH,
            Rule::Sigil,
            TRIPLE_DOUBLE.with_hole("#{", '{', '}'),
            TRIPLE_SINGLE,
            DOUBLE_LINES.with_hole("#{", '{', '}'),
            SINGLE_LINES,
        ],
    )
    .run_by("elixir"),
    language(
        "Erlang",
        "erl hrl escript",
        &[skip("$%"), skip("$\""), skip("$'"), skip("$\\\""), line("%"), TRIPLE_DOUBLE, DOUBLE_LINES, SINGLE],
    )
    .named("rebar.config rebar.lock.config")
    .run_by("escript"),
    language("LaTeX", "tex sty cls bib", &[skip("\\%"), line("%")]),
    language(
        "Clojure and Lisp",
        "clj cljs cljc edn bb lisp lsp el scm ss rkt fnl hy",
        LISP,
    )
    .run_by("bb clojure racket sbcl guile"),
    language(
        "Nix",
        "nix",
        &[
            HASH,
            C_BLOCK,
            DOUBLE_LINES.with_hole("${", '{', '}'),
            raw("''", "''").escaped_by(&["'''", "''$", "''\\"]).with_hole("${", '{', '}'),
        ],
    ),
    language(
        "Terraform and HCL",
        "tf tfvars hcl tofu nomad pkr tfbackend tftest",
        &[
            HASH,
            SLASHES,
            C_BLOCK,
            DOUBLE.escaped_by(&["\\", "$${", "%%{"]).with_hole("${", '{', '}'),
            Rule::Heredoc("<<", Heredoc::Hcl),
        ],
    )
    .named(".terraformrc terraform.rc"),
    language("Sentinel", "sentinel", &[HASH, SLASHES, C_BLOCK, DOUBLE]),
    language("Bicep", "bicep bicepparam", &[SLASHES, C_BLOCK, raw("'''", "'''"), SINGLE.with_hole("${", '{', '}')]),
    language("YAML", "yaml yml eyaml sls raml cff", YAML).named(".clang-format .clang-tidy .yamllint .ansible-lint .gemrc kustomization"),
    language("TOML", "toml", &[HASH, TRIPLE_DOUBLE, raw("'''", "'''"), DOUBLE, raw("'", "'").on_one_line()])
        .named("pipfile"),
    language(
        "INI",
        "ini cfg cnf desktop gitconfig editorconfig npmrc service socket timer mount network netdev link container inf reg flake8",
        INI,
    )
    .named(".gitconfig .editorconfig .npmrc .flake8 .pylintrc .gitmodules .yarnrc hosts .curlrc"),
    language("Java properties", "properties", &[line_at("#", Place::LineStart), line_at("!", Place::LineStart)]),
    language("environment file", "env", &[line_at("#", Place::AfterSpace), DOUBLE_LINES, raw("'", "'")]).named(".env"),
    language(
        "Dockerfile",
        "dockerfile containerfile",
        &[line_at("#", Place::LineStart), Rule::Heredoc("<<", Heredoc::Docker)],
    )
    .named("dockerfile containerfile earthfile"),
    language(
        "Makefile",
        "mk mak make",
        &[skip("\\#"), line_at("#", Place::WordStart), word_quote("\""), word_quote("'")],
    )
    .named("makefile gnumakefile bsdmakefile")
    .run_by("make gmake"),
    language("Just", "just", &[line_at("#", Place::WordStart), word_quote("\""), word_quote("'")])
        .named("justfile .justfile")
        .run_by("just"),
    language(
        "CMake",
        "cmake",
        &[block("#[[", "]]"), block("#[=[", "]=]"), HASH, raw("[[", "]]"), raw("[=[", "]=]"), DOUBLE_LINES],
    )
    .named("cmakelists.txt"),
    language("Meson", "meson", &[HASH, raw("'''", "'''"), SINGLE]).named("meson.build meson_options.txt"),
    language(
        "configuration (nginx, NATS, HOCON, Apache)",
        "conf hocon nats nginx htaccess cnf.d rules sshd_config",
        CONFIGURATION,
    )
    .named(".htaccess nginx.conf sshd_config ssh_config haproxy.cfg squid.conf"),
    language("VCL", "vcl", &[SLASHES, HASH, C_BLOCK, raw("{\"", "\"}"), DOUBLE]),
    language("Caddyfile", "caddyfile caddy", &[line_at("#", Place::AfterSpace), DOUBLE_LINES, raw("`", "`")])
        .named("caddyfile corefile"),
    language(
        "Protocol Buffers",
        "proto",
        &[SLASHES, C_BLOCK, line_at("#", Place::LineStart), DOUBLE, SINGLE],
    ),
    language("text of Protocol Buffers", "textproto pbtxt prototxt", &[HASH, DOUBLE, SINGLE]),
    language("Thrift", "thrift", &[SLASHES, C_BLOCK, HASH, DOUBLE, SINGLE]),
    language("Cap'n Proto", "capnp", &[HASH, DOUBLE]),
    language("FlatBuffers and Avro IDL", "fbs avdl smithy", &[SLASHES, C_BLOCK, TRIPLE_DOUBLE, DOUBLE]),
    language("GraphQL", "graphql gql graphqls", &[HASH, TRIPLE_DOUBLE, DOUBLE]),
    language("Prisma", "prisma", &[SLASHES, C_BLOCK, DOUBLE]),
    language("CSS", "css pcss postcss", CSS),
    language("SCSS and Less", "scss sass less styl", SCSS),
    language(
        "Jsonnet",
        "jsonnet libsonnet",
        &[
            HASH,
            SLASHES,
            C_BLOCK,
            raw("|||", "|||"),
            raw("@\"", "\"").escaped_by(&["\"\""]),
            raw("@'", "'").escaped_by(&["''"]),
            DOUBLE_LINES,
            SINGLE_LINES,
        ],
    ),
    language("CUE", "cue", &[SLASHES, Rule::SwiftRawString, TRIPLE_DOUBLE, TRIPLE_SINGLE, DOUBLE, SINGLE]),
    language("Rego", "rego", &[HASH, DOUBLE, raw("`", "`")]),
    language("KCL and Pkl", "k pkl", &[HASH, SLASHES, C_BLOCK, TRIPLE_DOUBLE, DOUBLE]),
    language(
        "PowerShell",
        "ps1 psm1 psd1",
        &[
            block("<#", "#>"),
            line_at("#", Place::WordStart),
            skip("`\""),
            skip("`'"),
            raw("@\"", "\n\"@"),
            raw("@'", "\n'@"),
            raw("\"", "\"").escaped_by(&["``", "`\"", "\"\""]),
            raw("'", "'").escaped_by(&["''"]),
        ],
    )
    .run_by("pwsh powershell"),
    language(
        "batch",
        "bat cmd",
        &[
            line_at("::", Place::LineStart),
            line_at("@rem ", Place::LineStart).any_case(),
            line_at("rem ", Place::LineStart).any_case(),
            line("& rem ").any_case(),
            line("&rem ").any_case(),
        ],
    ),
    language("R", "r rprofile", &[HASH, Rule::CppRawString, DOUBLE_LINES, SINGLE_LINES, raw("`", "`").on_one_line()])
        .run_by("rscript"),
    language("Julia", "jl", &[nested("#=", "=#"), HASH, TRIPLE_DOUBLE, DOUBLE_LINES, CHARACTER_NOT_PRIME]).run_by("julia"),
    language("Zig", "zig zon", &[SLASHES, line("\\\\").as_string(), DOUBLE, CHARACTER]),
    language(
        "Dart",
        "dart",
        &[
            SLASHES,
            nested("/*", "*/"),
            raw("r\"\"\"", "\"\"\""),
            raw("r'''", "'''"),
            raw("r\"", "\"").on_one_line(),
            raw("r'", "'").on_one_line(),
            TRIPLE_DOUBLE.with_hole("${", '{', '}'),
            TRIPLE_SINGLE.with_hole("${", '{', '}'),
            DOUBLE.with_hole("${", '{', '}'),
            SINGLE.with_hole("${", '{', '}'),
        ],
    ),
    language(
        "Groovy",
        "groovy gradle gvy jenkinsfile nf",
        &[
            SLASHES,
            C_BLOCK,
            TRIPLE_DOUBLE.with_hole("${", '{', '}'),
            TRIPLE_SINGLE,
            DOUBLE.with_hole("${", '{', '}'),
            SINGLE,
            string("$/", "/$").escaped_by(&["$$", "$/"]).with_hole("${", '{', '}')
                .at(Place::NotAfterWord),
            Rule::Regex,
        ],
    )
    .named("jenkinsfile")
    .run_by("groovy"),
    language("Solidity and Move", "sol move cairo", &[SLASHES, C_BLOCK, DOUBLE, SINGLE]),
    language(
        "D",
        "d di",
        &[SLASHES, C_BLOCK, nested("/+", "+/"), raw("`", "`"), raw("r\"", "\""), DOUBLE_LINES, CHARACTER],
    ),
    language("V", "v vsh", &[SLASHES, C_BLOCK, DOUBLE_LINES, SINGLE_LINES]),
    language("Nim", "nim nims", &[nested("#[", "]#"), HASH, raw("\"\"\"", "\"\"\""), DOUBLE, CHARACTER]),
    language(
        "Ada and VHDL",
        "adb ads ada vhd vhdl",
        &[line("--"), raw("\"", "\"").on_one_line(), CHARACTER_NOT_PRIME],
    ),
    language("Verilog", "sv svh vh", &[SLASHES, C_BLOCK, DOUBLE]),
    language("Pascal", "pas dpr lpr", &[SLASHES, block("{", "}"), block("(*", "*)"), raw("'", "'").on_one_line()]),
    language("Fortran", "f90 f95 f03 f08", &[line("!"), raw("'", "'").on_one_line(), raw("\"", "\"").on_one_line()]),
    language(
        "Fortran of fixed form",
        "f for ftn f77",
        &[
            line("!"),
            line_at("c", Place::FirstColumn).any_case(),
            line_at("*", Place::FirstColumn),
            raw("'", "'").on_one_line(),
            raw("\"", "\"").on_one_line(),
        ],
    ),
    language("COBOL", "cob cbl", &[line("*>"), line_at("*", Place::LineStart), raw("'", "'").on_one_line(), raw("\"", "\"").on_one_line()]),
    language("assembly", "s asm", &[SLASHES, C_BLOCK, line(";"), line_at("#", Place::LineStart), DOUBLE]),
    language("AWK", "awk gawk", &[HASH, DOUBLE, Rule::Regex]).run_by("awk gawk mawk"),
    language("Tcl", "tcl exp", &[line_at("#", Place::WordStart), Rule::SkipEscape, DOUBLE_LINES])
        .run_by("tclsh expect wish"),
    language("Vim script", "vim vimrc", &[line_at("\"", Place::LineStart), line_at("#", Place::LineStart)])
        .named(".vimrc"),
    language("Puppet", "pp epp", &[HASH, DOUBLE_LINES.with_hole("${", '{', '}'), raw("'", "'")]),
    language("AppleScript", "applescript", &[line("--"), nested("(*", "*)"), DOUBLE]),
    language("Haml and Slim", "haml slim", &[line_at("-#", Place::LineStart), line_at("/", Place::LineStart)]),
    language("GDScript", "gd", PYTHON),
    language(
        "server pages",
        "jsp jspx jspf asp aspx ascx ftl gsp",
        &[
            block("<%--", "--%>"),
            block("<#--", "-->"),
            block("<!--", "-->"),
            Rule::Island {
                open: "<script",
                close: "</script",
                rules: JAVASCRIPT,
            },
            Rule::Island {
                open: "<%",
                close: "%>",
                rules: JAVA,
            },
        ],
    ),
    language("Cedar, OpenFGA and Polar", "cedar cedarschema fga polar", &[SLASHES, line_at("#", Place::WordStart), DOUBLE]),
    language("KDL", "kdl", &[SLASHES, nested("/*", "*/"), Rule::RustRawString, DOUBLE_LINES]),
    language("RON", "ron", &[SLASHES, nested("/*", "*/"), Rule::RustRawString, DOUBLE_LINES, CHARACTER]),
    language("Nushell", "nu", &[line_at("#", Place::WordStart), raw("'", "'"), DOUBLE_LINES]).run_by("nu"),
    language("device tree", "dts dtsi", C),
    language("build files of GN and Soong", "gn gni bp", &[HASH, SLASHES, C_BLOCK, DOUBLE]),
    language("HTTP requests", "http rest hurl", &[line_at("#", Place::LineStart), line_at("//", Place::LineStart)]),
    language("zone files", "zone", &[line(";"), DOUBLE]),
    language("package and job lists", "spec crontab", HASH_LINES).named("procfile crontab fstab .bazelrc .bazelignore"),
    language("Gettext and Robot", "po pot robot", HASH_LINES),
    language("ignore and owners files", "gitignore dockerignore gitattributes helmignore npmignore", HASH_LINES)
        .named(".gitignore .dockerignore .gitattributes .helmignore .npmignore .eslintignore .prettierignore codeowners requirements.txt constraints.txt robots.txt"),
    language(
        "JSON with comments",
        "jsonc json5 hjson code-workspace",
        &[SLASHES, C_BLOCK, line_at("#", Place::LineStart), Rule::JsonString, SINGLE],
    )
    .named("tsconfig.json jsconfig.json devcontainer.json .devcontainer.json .eslintrc .eslintrc.json .babelrc .swcrc .jshintrc deno.json launch.json tasks.json extensions.json"),
    language("JSON", "json geojson webmanifest avsc jsonl ndjson tfstate", &[Rule::JsonString]),
];

/// What a file of an unknown kind is taken for: openers count where prose would hardly have them.
pub(super) static UNKNOWN: Language = language(
    "unknown",
    "",
    &[
        line_at("#", Place::AfterSpace),
        line_at("//", Place::AfterSpace),
        line_at("--", Place::LineStart),
        line_at(";", Place::LineStart),
        line_at("%", Place::LineStart),
        block("/*", "*/").at(Place::AfterSpace),
        block("<!--", "-->"),
        word_quote("\""),
        word_quote("'"),
    ],
);

/// Endings of prose and of data without comments.
pub(super) const PROSE_EXTENSIONS: &str = "md markdown mdx mkd txt text rst adoc asciidoc asc org textile wiki mediawiki pod snap csv tsv lock lockfile lockb sum log diff patch eml rtf ambr golden map pem crt";

/// Whole names of prose and of generated files, in lower case.
pub(super) const PROSE_NAMES: &str = "readme license licence copying notice authors contributors changelog changes history news todo package-lock.json npm-shrinkwrap.json pnpm-lock.yaml pnpm-lock.yml packages.lock.json .terraform.lock.hcl gradle.lockfile";

/// Endings of templates: what stands before them says what is templated, and this what else is a comment.
pub(super) static TEMPLATE_EXTENSIONS: &[(&str, &[Rule])] = &[
    ("j2", JINJA),
    ("jinja", JINJA),
    ("jinja2", JINJA),
    ("twig", JINJA),
    ("tera", JINJA),
    ("njk", JINJA),
    ("liquid", LIQUID),
    // Markup and code side by side, told by no rule: what stands for a comment anywhere counts.
    ("astro", &[]),
    ("cshtml", RAZOR),
    ("razor", RAZOR),
    ("tpl", GO_TEMPLATE),
    ("tmpl", GO_TEMPLATE),
    ("gotmpl", GO_TEMPLATE),
    ("ctmpl", GO_TEMPLATE),
    ("tftpl", &[]),
    ("erb", &[block("<%#", "%>")]),
    ("template", &[]),
    ("in", &[]),
    ("example", &[]),
    ("sample", &[]),
    ("dist", &[]),
    ("default", &[]),
    ("bak", &[]),
    ("orig", &[]),
    ("old", &[]),
    ("disabled", &[]),
];
