//! What a row of the table can say: one comment or string form.

/// One form of comment or string, or a trap that looks like one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// A comment from `open` to the end of the line.
    Line(Line),
    /// A comment from `open` to `close`.
    Block(Block),
    /// A string literal.
    Quoted(Quoted),
    /// `'x'` and `'\n'`; any other apostrophe (a lifetime, a digit separator, a prime) opens nothing.
    Character(Place),
    /// `r"..."`, `r#"..."#`, also with `b` or `c` before.
    RustRawString,
    /// `R"tag(...)tag"`.
    CppRawString,
    /// `#"..."#`, with any number of hashes.
    SwiftRawString,
    /// `open`, then `[[...]]` with any number of equals signs in between: a Lua string or comment.
    LuaLong { open: &'static str, comment: bool },
    /// Lines of data from the next line on, up to one that is only the tag.
    Heredoc(&'static str, Heredoc),
    /// `/.../` where an operand is expected.
    Regex,
    /// Ruby's `%w[...]`.
    Percent,
    /// Elixir's `~s(...)`.
    Sigil,
    /// Perl's `q(...)`, `qq(...)`, `qw(...)`, `qr(...)`, `m(...)`.
    PerlQuote,
    /// YAML's `|` and `>`: the indented lines that follow are data, but for those that start with `#`.
    BlockScalar,
    /// A JSON string; the value of a key like `"@comment"` is a comment.
    JsonString,
    /// Another language from `open` to `close`.
    Island {
        open: &'static str,
        close: &'static str,
        rules: &'static [Rule],
    },
    /// A line that is only this word: what follows is data, in which these rules hold.
    End {
        word: &'static str,
        rules: &'static [Rule],
    },
    /// These characters are code, although they look like an opener.
    Skip(&'static str),
    /// A backslash takes the next character with it.
    SkipEscape,
}

/// A comment up to the end of the line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) open: &'static str,
    pub(super) place: Place,
    /// `rem` is `REM`.
    pub(super) any_case: bool,
    /// It runs to the end of the line, but is a string (Zig's `\\`).
    pub(super) string: bool,
}

/// A comment with an end of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) nested: bool,
    pub(super) place: Place,
}

/// A string literal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quoted {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// Sequences inside that do not close it or open a hole; a lone backslash takes the next character with it.
    pub(super) escapes: &'static [&'static str],
    pub(super) lines: Lines,
    pub(super) hole: Option<Hole>,
    pub(super) place: Place,
}

/// Code inside a string: from `open` to the matching `close`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hole {
    pub(super) open: &'static str,
    pub(super) nest: u8,
    pub(super) close: u8,
}

/// How far a string that does not close may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// To the end of its line.
    One,
    /// To its end, wherever that is.
    Many,
    /// Over lines that are indented deeper than the one that it opens on (YAML).
    Indented,
}

/// Where an opener counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Everywhere.
    Anywhere,
    /// In the first column.
    FirstColumn,
    /// With nothing but white space before it on its line.
    LineStart,
    /// At the line start or after white space.
    AfterSpace,
    /// At the line start, after white space or after one of `;&|()`.
    WordStart,
    /// Not directly after a letter, digit, underscore or closing bracket.
    NotAfterWord,
    /// Where YAML expects a value.
    YamlValue,
}

/// Whose here-documents: what tags look like, and what ends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heredoc {
    /// `<<EOF`, `<<-EOF`, `<< 'EOF'`.
    Shell,
    /// `<<EOT`, `<<-EOT`.
    Hcl,
    /// `<<~EOS`, `<<-EOS`, `<<EOS`, `<<"EOS"`: never with a space, which would be the operator.
    Ruby,
    /// PHP: code may follow the closing tag on its line.
    Word,
    /// Data for COPY and ADD; the script of RUN has comments.
    Docker,
}

/// A comment from `open` to the end of the line, wherever it stands.
pub(super) const fn line(open: &'static str) -> Rule {
    line_at(open, Place::Anywhere)
}

/// A comment from `open` to the end of the line, where `open` stands in such a place.
pub(super) const fn line_at(open: &'static str, place: Place) -> Rule {
    Rule::Line(Line {
        open,
        place,
        any_case: false,
        string: false,
    })
}

/// A comment from `open` to the first `close`.
pub(super) const fn block(open: &'static str, close: &'static str) -> Rule {
    Rule::Block(Block {
        open,
        close,
        nested: false,
        place: Place::Anywhere,
    })
}

/// A comment from `open` to its own `close`: comments nest.
pub(super) const fn nested(open: &'static str, close: &'static str) -> Rule {
    Rule::Block(Block {
        open,
        close,
        nested: true,
        place: Place::Anywhere,
    })
}

/// A string with backslash escapes that may run over lines.
pub(super) const fn string(open: &'static str, close: &'static str) -> Rule {
    Rule::Quoted(Quoted {
        open,
        close,
        escapes: &["\\"],
        lines: Lines::Many,
        hole: None,
        place: Place::Anywhere,
    })
}

/// A string with backslash escapes that ends with its line at the latest.
pub(super) const fn one_line(open: &'static str, close: &'static str) -> Rule {
    string(open, close).on_one_line()
}

/// A string without escapes that may run over lines.
pub(super) const fn raw(open: &'static str, close: &'static str) -> Rule {
    string(open, close).escaped_by(&[])
}

/// A one-line string whose quote opens nothing inside a word (`don't`).
pub(super) const fn word_quote(quote: &'static str) -> Rule {
    one_line(quote, quote).at(Place::NotAfterWord)
}

/// Characters that open nothing.
pub(super) const fn skip(characters: &'static str) -> Rule {
    Rule::Skip(characters)
}

/// Variations of a rule; each leaves a rule that it does not fit as it is.
impl Rule {
    /// Only in this place.
    pub(super) const fn at(self, place: Place) -> Self {
        match self {
            Self::Line(line) => Self::Line(Line { place, ..line }),
            Self::Block(block) => Self::Block(Block { place, ..block }),
            Self::Quoted(quoted) => Self::Quoted(Quoted { place, ..quoted }),
            other => other,
        }
    }

    const fn reaching(self, lines: Lines) -> Self {
        match self {
            Self::Quoted(quoted) => Self::Quoted(Quoted { lines, ..quoted }),
            other => other,
        }
    }

    /// Ends with its line at the latest.
    pub(super) const fn on_one_line(self) -> Self {
        self.reaching(Lines::One)
    }

    /// May run over lines.
    pub(super) const fn over_lines(self) -> Self {
        self.reaching(Lines::Many)
    }

    /// A YAML scalar: may run over deeper lines, and opens only where a value may stand.
    pub(super) const fn indented(self) -> Self {
        self.reaching(Lines::Indented).at(Place::YamlValue)
    }

    /// These sequences are taken whole.
    pub(super) const fn escaped_by(self, escapes: &'static [&'static str]) -> Self {
        match self {
            Self::Quoted(quoted) => Self::Quoted(Quoted { escapes, ..quoted }),
            other => other,
        }
    }

    /// From `open` to the matching `close`, a string holds code.
    pub(super) const fn with_hole(self, open: &'static str, nest: char, close: char) -> Self {
        match self {
            Self::Quoted(quoted) => {
                let hole = Some(Hole {
                    open,
                    nest: nest as u8,
                    close: close as u8,
                });
                Self::Quoted(Quoted { hole, ..quoted })
            }
            other => other,
        }
    }

    /// Capitals make no difference.
    pub(super) const fn any_case(self) -> Self {
        match self {
            Self::Line(line) => Self::Line(Line {
                any_case: true,
                ..line
            }),
            other => other,
        }
    }

    /// To the end of the line, but a string.
    pub(super) const fn as_string(self) -> Self {
        match self {
            Self::Line(line) => Self::Line(Line {
                string: true,
                ..line
            }),
            other => other,
        }
    }
}
