//! Roots of trust: certificates are public, and nobody reads them; each is known by a number that its bytes give.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;

use super::declare::{Boundary, Declarations, Statement};

/// How many bytes of a digest a number has: enough to tell the roots of one organisation apart.
const BYTES: usize = 6;

/// The numbers of the certificates in a text of PEM. Line breaks, order and remarks do not count; a text without a certificate
/// has the number of what it says.
pub(super) fn numbers(text: &str) -> BTreeSet<String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let mut bodies: Vec<&str> = text
        .split(BEGIN)
        .skip(1)
        .filter_map(|rest| rest.split(END).next())
        .collect();
    if bodies.is_empty() && !text.trim().is_empty() {
        bodies.push(text);
    }
    bodies.into_iter().map(number).collect()
}

fn number(body: &str) -> String {
    let letters: String = body.split_whitespace().collect();
    let digest = Sha256::digest(letters.as_bytes());
    let bytes = digest.iter().take(BYTES);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// State which roots a mesh trusts, each by its number.
pub(super) fn state(
    system: &str,
    of: &[Boundary],
    roots: BTreeMap<String, BTreeSet<OriginId>>,
    declarations: &mut Declarations<'_>,
) {
    for (number, origins) in roots {
        let about = format!("root {number} of {system}");
        declarations.state(
            of,
            Statement {
                topic: Topic::Mesh,
                matter: about.clone(),
                about,
                value: "trusted".to_owned(),
                openness: 1,
                words: format!("trusts the root certificate with the number {number}"),
                origins,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_has_one_number_however_it_is_wrapped_and_two_have_two() {
        let one = "-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n";
        let wrapped = "# root\n-----BEGIN CERTIFICATE-----\nAAAABBBB\n-----END CERTIFICATE-----";
        assert_eq!(numbers(one), numbers(wrapped));
        let two = format!("{one}{}", one.replace("BBBB", "CCCC"));
        assert_eq!(numbers(&two).len(), 2);
        assert_eq!(numbers("").len(), 0);
        assert_eq!(numbers("something else").len(), 1);
    }
}
