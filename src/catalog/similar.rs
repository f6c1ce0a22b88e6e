//! Names that somebody may have meant.

/// The known names that somebody who wrote `given` most likely meant: at most three, best first. Those that are spelled much
/// alike come before those that hold it whole.
#[must_use]
pub fn similar<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| {
            let holds_it = given.len() >= 4 && name.contains(given);
            let alike = strsim::jaro_winkler(given, name);
            (if holds_it { alike.max(0.85) } else { alike }, name)
        })
        .filter(|&(score, _)| score > 0.8)
        .collect();
    scored.sort_by(|(first, a), (second, b)| second.total_cmp(first).then_with(|| a.cmp(b)));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_come_best_first_and_others_not_at_all() {
        let known = ["toy_network", "toy_net", "toy_networks", "lamp"];
        assert_eq!(similar("toy_netwrk", known)[0], "toy_network");
        assert!(!similar("toy_netwrk", known).contains(&"lamp"));
        assert!(similar("xyz", known).is_empty());
        assert_eq!(
            similar("macsec", ["line-with-macsec", "line"]),
            ["line-with-macsec"]
        );
    }
}
