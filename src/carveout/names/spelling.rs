//! How a text falls into words, and words into the pieces in which two spellings of one name agree.

/// Most pieces that a name may have to be met in another spelling.
pub(super) const MOST_PIECES: usize = 8;

/// The words of a text, twice: as names are compared, and as they were written.
#[derive(Debug, Default)]
pub struct Words {
    /// Lower-cased.
    pub folded: Vec<String>,
    /// As written, without the punctuation around them.
    pub written: Vec<String>,
    /// Whether a comma, colon, bracket, dash or the end of a sentence stands before each.
    pub breaks: Vec<bool>,
}

impl Words {
    /// The words of a text; how its white space is wrapped makes no difference.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut words = Self::default();
        let mut is_break = false;
        let ends_clause = |c: char| matches!(c, ',' | ';' | '(' | ')' | '\u{2013}' | '\u{2014}');
        for run in text.split_inclusive(|c: char| c.is_whitespace() || ends_clause(c)) {
            let part = run.trim_end_matches(|c: char| c.is_whitespace() || ends_clause(c));
            let word = trim_word(part);
            if !word.is_empty() {
                words.breaks.push(is_break);
                words.folded.push(word.to_lowercase());
                words.written.push(word.to_owned());
                is_break = matches!(part, "-" | "--");
            }
            is_break |= run.ends_with(ends_clause) || part.ends_with([':', '.', '!', '?']);
        }
        words
    }
}

fn trim_word(word: &str) -> &str {
    let around = |c: char| {
        matches!(
            c,
            '.' | ':'
                | '!'
                | '?'
                | '\''
                | '"'
                | '`'
                | '<'
                | '>'
                | '*'
                | '$'
                | '{'
                | '}'
                | '\u{2018}'..='\u{201f}'
        )
    };
    if is_arrow(word) {
        return word;
    }
    let word = word.trim_matches(around);
    let word = word
        .strip_suffix("'s")
        .or_else(|| word.strip_suffix("\u{2019}s"))
        .unwrap_or(word);
    // Brackets belong to addresses (`this["a"]`); a trailing quote before a closing bracket must stay.
    let word = word.trim_matches(around);
    let word = word
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .map_or(word, |inner| inner.trim_matches(around));
    // What is referred to, not which attribute of it: `aws_vpc.prod.id`.
    let referred = word
        .strip_suffix(".id")
        .or_else(|| word.strip_suffix(".arn"));
    referred
        .filter(|address| address.contains('.'))
        .unwrap_or(word)
}

/// Whether a word is a sign that leads from one place to the next.
pub(super) fn is_arrow(word: &str) -> bool {
    matches!(
        word,
        "->" | "-->" | "=>" | "<->" | "\u{2192}" | "\u{2194}" | "/" | "+" | "&" | "|"
    )
}

/// A name as names are compared.
pub(super) fn fold(text: &str) -> String {
    Words::of(text).folded.join(" ")
}

/// What is left of a word or name when its spelling is taken away: `prod-us-east`, `prod_us_east` and `ProdUsEast` have the
/// same pieces. Digits are no seam: `prod2` is not `prod-2`.
pub(super) fn pieces(written: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::new();
    let mut previous = ' ';
    for letter in written.chars() {
        let is_seam = matches!(letter, '-' | '_' | '.') || letter.is_whitespace();
        let is_hump = previous.is_lowercase() && letter.is_uppercase();
        if (is_seam || is_hump) && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
        }
        if !is_seam {
            piece.extend(letter.to_lowercase());
        }
        previous = letter;
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// Pieces as one text to compare. What is called "on-prem" is called "on-premises" and "on premise" too.
pub(super) fn joined(pieces: &[String]) -> String {
    let mut joined = String::new();
    let mut rest = pieces;
    while let [first, others @ ..] = rest {
        let is_site = first == "on"
            && matches!(
                others.first().map(String::as_str),
                Some("prem" | "premise" | "premises")
            );
        let (piece, taken) = match first.as_str() {
            "on" if is_site => ("on premises", 2),
            "onprem" | "onpremise" | "onpremises" => ("on premises", 1),
            other => (other, 1),
        };
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(piece);
        rest = &rest[taken..];
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        joined(&pieces(one)) == joined(&pieces(other))
    }

    #[test]
    fn separators_and_humps_make_no_difference_and_digits_and_order_do() {
        for spelling in ["prod_us_east", "prod us-east", "ProdUsEast", "prod.us.east"] {
            assert!(same("prod-us-east", spelling), "{spelling}");
        }
        for other in ["us-east-prod", "prod-us-east-2", "prod-us", "produseast"] {
            assert!(!same("prod-us-east", other), "{other}");
        }
        assert!(!same("prod2", "prod-2"));
    }

    #[test]
    fn the_own_premises_have_many_spellings() {
        for spelling in ["on-prem", "on premises", "on-premise", "OnPrem", "onprem"] {
            assert!(same("on-premises", spelling), "{spelling}");
        }
        assert!(!same("on-premises", "premises"));
    }
}
