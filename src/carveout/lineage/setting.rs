//! Whether two lines of code switch the same setting to the same, however each spells it: `tls: false`, `{"tls": no}`.

/// What people write for "off", and for "on". No list is complete; what is in neither is compared as code.
const SPELLINGS: [&[&str]; 2] = [
    &[
        "0", "disable", "disabled", "f", "false", "n", "never", "no", "none", "off",
    ],
    &[
        "1", "always", "enable", "enabled", "on", "t", "true", "y", "yes",
    ],
];

/// A setting that a line of code switches on or off.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting {
    /// Its name, in small letters.
    key: String,
    is_on: bool,
}

impl Setting {
    /// The first setting that a line switches, if it switches one.
    #[must_use]
    pub fn read(code: &str) -> Option<Self> {
        let folded = folded(code);
        switched(&folded).next()
    }

    /// Whether a line switches this setting so.
    #[must_use]
    pub fn is_in(&self, code: &str) -> bool {
        let folded = folded(code);
        switched(&folded).any(|one| one == *self)
    }
}

/// Small letters, without quotes.
fn folded(code: &str) -> String {
    let mut folded = code.to_lowercase();
    folded.retain(|letter| !matches!(letter, '"' | '\'' | '`'));
    folded
}

/// Every `key: value` and `key = value` of a line whose value is a spelling of on or off.
fn switched(folded: &str) -> impl Iterator<Item = Setting> {
    let signs = folded.match_indices([':', '=']);
    signs.filter_map(|(index, _)| {
        let before = folded[..index].trim_end_matches([':', ' ', '\t']);
        let key = before
            .rsplit(|letter: char| !is_of_name(letter))
            .next()
            .filter(|key| !key.is_empty())?;
        let behind = folded[index + 1..].trim_start_matches(['=', '>', ' ', '\t']);
        let value = behind.split(|letter: char| !is_of_name(letter)).next()?;
        let is_on = SPELLINGS.iter().position(|list| list.contains(&value))? == 1;
        Some(Setting {
            key: key.to_owned(),
            is_on,
        })
    })
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_setting_is_the_same_in_other_spellings_of_off_and_not_when_it_is_on_or_another() {
        let setting = Setting::read("  tls: false").unwrap();
        for same in [
            "tls: no",
            "{tls: off, port: 80}",
            "\"tls\": false,",
            "tls = 0",
            "TLS := False",
            "cart: { 'tls': \"disabled\" }",
            "tls => no",
        ] {
            assert!(setting.is_in(same), "{same}");
        }
        for other in [
            "tls: true",
            "mtls: no",
            "tls.verify: no",
            "tls: nothing",
            "# the tls is off",
            "tls",
        ] {
            assert!(!setting.is_in(other), "{other}");
        }
        assert_eq!(Setting::read("url: http://stock"), None);
        assert!(
            Setting::read("insecure = true")
                .unwrap()
                .is_in("insecure: yes")
        );
    }
}
