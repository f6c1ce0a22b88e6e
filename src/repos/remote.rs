//! Where a repository is published: its address without credentials, what makes it the same repository in two clones, and
//! links to lines of a commit.
//!
//! Nothing is asked of any host: all of this is made of the address and, for hosts whose name says nothing, of what the CI
//! system says of itself.

use std::fmt::Write as _;

/// The software of a code host, as far as its links differ from those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forge {
    /// GitHub, GitHub Enterprise.
    GitHub,
    /// GitLab.
    GitLab,
    /// Gitea, Forgejo.
    Gitea,
    /// Bitbucket Cloud.
    Bitbucket,
    /// Bitbucket Data Center.
    BitbucketServer,
    /// Azure DevOps.
    AzureDevOps,
}

impl Forge {
    /// Every kind of host.
    pub const ALL: [Self; 6] = [
        Self::GitHub,
        Self::GitLab,
        Self::Gitea,
        Self::Bitbucket,
        Self::BitbucketServer,
        Self::AzureDevOps,
    ];

    /// The word of inventories.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Gitea => "gitea",
            Self::Bitbucket => "bitbucket",
            Self::BitbucketServer => "bitbucket_server",
            Self::AzureDevOps => "azure_devops",
        }
    }

    /// What a host's name says, and else what CI says of the server that it works for.
    fn of(host: &str, environment: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let name = host.split(':').next().unwrap_or(host);
        if name == "dev.azure.com" || name.ends_with(".visualstudio.com") {
            return Some(Self::AzureDevOps);
        }
        if name == "bitbucket.org" {
            return Some(Self::Bitbucket);
        }
        if name == "codeberg.org" {
            return Some(Self::Gitea);
        }
        let by_label = name.split(['.', '-']).find_map(|label| match label {
            "github" => Some(Self::GitHub),
            "gitlab" => Some(Self::GitLab),
            "gitea" | "forgejo" => Some(Self::Gitea),
            "bitbucket" => Some(Self::BitbucketServer),
            _ => None,
        });
        let is_server = |variable: &str| {
            let server = environment(variable)?;
            let server = server.split_once("://").map_or(&*server, |(_, rest)| rest);
            Some(server.trim_end_matches('/') == host)
        };
        let is_set = |variable: &str| environment(variable).is_some_and(|value| !value.is_empty());
        by_label.or_else(|| {
            if is_server("CI_SERVER_URL") == Some(true) {
                return Some(Self::GitLab);
            }
            if is_server("GITHUB_SERVER_URL") != Some(true) {
                return None;
            }
            // Runners of Gitea and Forgejo call themselves GitHub's, too.
            let is_gitea = is_set("GITEA_ACTIONS") || is_set("FORGEJO_ACTIONS");
            Some(if is_gitea { Self::Gitea } else { Self::GitHub })
        })
    }
}

/// Where a repository is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Host and path, which two clones of one repository share: `github.com/acme/cart`.
    pub identity: String,
    /// The address for a browser, without credentials.
    pub address: String,
    /// What the host runs; `None` where nothing tells.
    pub forge: Option<Forge>,
}

impl Remote {
    /// Reads the address of a remote; `None` if it is a path of this machine, or nothing.
    #[must_use]
    pub fn parse(address: &str, environment: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let address = address.trim();
        let (scheme, authority, path) = match address.split_once("://") {
            Some(("file", _)) => return None,
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/')?;
                (scheme, authority, path)
            }
            // `user@host:path`; a drive letter is no host.
            None => {
                let (authority, path) = address.split_once(':')?;
                if authority.contains(['/', '\\']) || authority.len() < 2 {
                    return None;
                }
                ("ssh", authority, path)
            }
        };
        // What stands before the last `@` are names and tokens.
        let host = authority.rsplit('@').next().unwrap_or_default();
        let is_web = matches!(scheme, "http" | "https");
        // The port of a shell is none of the web server.
        let host = if is_web {
            let default = if scheme == "http" { ":80" } else { ":443" };
            host.strip_suffix(default).unwrap_or(host)
        } else {
            host.split(':').next().unwrap_or_default()
        };
        let host = host.to_ascii_lowercase();
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let is_host_letter =
            |letter: char| letter.is_ascii_alphanumeric() || ".-_:[]".contains(letter);
        if host.is_empty() || path.is_empty() || !host.chars().all(is_host_letter) {
            return None;
        }
        let (host, path) = azure(&host, path).unwrap_or((host, path.to_owned()));
        let path = path
            .strip_prefix("scm/")
            .map_or_else(|| path.clone(), str::to_owned);
        let forge = Forge::of(&host, environment);
        let scheme = if scheme == "http" { "http" } else { "https" };
        Some(Self {
            address: format!("{scheme}://{host}/{}", escaped(&path, "%@:+,")),
            identity: format!("{host}/{path}"),
            forge,
        })
    }

    /// A link to lines of a file in a commit; `None` for hosts of which nobody knows how their links are made.
    ///
    /// The forms are those that the pages of the hosts put into the address when somebody marks lines there. Bitbucket documents its
    /// own: <https://support.atlassian.com/bitbucket-cloud/docs/hyperlink-to-source-code-in-bitbucket/>, read 2026-11-22.
    #[must_use]
    pub fn permalink(&self, commit: &str, path: &str, lines: (usize, usize)) -> Option<String> {
        let (first, last) = lines;
        let base = &self.address;
        let path = escaped(path, "");
        // A single line is no range.
        let span = |prefix: &str, between: &str| {
            let mut span = format!("{prefix}{first}");
            if last > first {
                let _ = write!(span, "{between}{last}");
            }
            span
        };
        Some(match self.forge? {
            Forge::GitHub => format!("{base}/blob/{commit}/{path}{}", span("#L", "-L")),
            Forge::GitLab => format!("{base}/-/blob/{commit}/{path}{}", span("#L", "-")),
            Forge::Gitea => format!("{base}/src/commit/{commit}/{path}{}", span("#L", "-L")),
            Forge::Bitbucket => format!("{base}/src/{commit}/{path}{}", span("#lines-", ":")),
            Forge::BitbucketServer => {
                let (server, path_of_repository) = base
                    .split_once("://")
                    .and_then(|(scheme, rest)| Some((scheme, rest.split_once('/')?)))
                    .map(|(scheme, (host, rest))| (format!("{scheme}://{host}"), rest))?;
                let (project, name) = path_of_repository.split_once('/')?;
                let place = match project.strip_prefix('~') {
                    Some(user) => format!("users/{user}"),
                    None => format!("projects/{project}"),
                };
                format!(
                    "{server}/{place}/repos/{name}/browse/{path}?at={commit}{}",
                    span("#", "-")
                )
            }
            Forge::AzureDevOps => {
                // The last line counts to where the next one begins.
                let end = last.saturating_add(1);
                format!(
                    "{base}?path=/{path}&version=GC{commit}&line={first}&lineEnd={end}&lineStartColumn=1&lineEndColumn=1&lineStyle=plain&_a=contents"
                )
            }
        })
    }
}

/// Azure DevOps is reached by several names, of which one is that of its pages.
fn azure(host: &str, path: &str) -> Option<(String, String)> {
    if matches!(host, "ssh.dev.azure.com" | "vs-ssh.visualstudio.com") {
        let mut parts = path.strip_prefix("v3/")?.splitn(3, '/');
        let (organisation, project, name) = (parts.next()?, parts.next()?, parts.next()?);
        let path = format!("{organisation}/{project}/_git/{name}");
        return Some(("dev.azure.com".to_owned(), path));
    }
    None
}

/// A path in an address: everything but letters, digits and what acts nowhere is given by its bytes, but for what is to be
/// kept.
fn escaped(path: &str, kept: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric()
            || b"/-_.~".contains(&byte)
            || kept.as_bytes().contains(&byte)
        {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn remote(address: &str) -> Option<Remote> {
        Remote::parse(address, &|_| None)
    }

    fn link(address: &str) -> Option<String> {
        remote(address)?.permalink("c0ffee", "services/cart/a b#1.go", (12, 14))
    }

    #[test]
    fn one_repository_is_the_same_by_every_address_and_others_are_not() {
        for same in [
            "https://github.com/acme/cart",
            "https://github.com/acme/cart.git",
            "https://GitHub.com/acme/cart.git/",
            "https://x-access-token:ghs_secret@github.com/acme/cart.git",
            "https://github.com:443/acme/cart",
            "git@github.com:acme/cart.git",
            "ssh://git@github.com:22/acme/cart.git",
            "git://github.com/acme/cart",
        ] {
            let remote = remote(same).unwrap();
            assert_eq!(remote.identity, "github.com/acme/cart", "{same}");
            assert_eq!(remote.address, "https://github.com/acme/cart", "{same}");
        }
        for other in [
            "https://github.com/beta/cart",
            "https://gitlab.com/acme/cart",
        ] {
            assert_ne!(remote(other).unwrap().identity, "github.com/acme/cart");
        }
        for none in [
            "",
            "/srv/git/cart.git",
            "../cart",
            "C:/git/cart",
            "file:///srv/cart",
            "https://github.com/",
        ] {
            assert_eq!(remote(none), None, "{none}");
        }
    }

    #[test]
    fn links_are_made_as_each_host_makes_them_and_for_unknown_hosts_none_is() {
        let path = "services/cart/a%20b%231.go";
        for (address, expected) in [
            (
                "git@github.com:acme/cart.git",
                format!("https://github.com/acme/cart/blob/c0ffee/{path}#L12-L14"),
            ),
            (
                "https://github.acme.example/acme/cart",
                format!("https://github.acme.example/acme/cart/blob/c0ffee/{path}#L12-L14"),
            ),
            (
                "https://gitlab.com/acme/shop/cart.git",
                format!("https://gitlab.com/acme/shop/cart/-/blob/c0ffee/{path}#L12-14"),
            ),
            (
                "ssh://git@gitlab.acme.example:2222/shop/cart.git",
                format!("https://gitlab.acme.example/shop/cart/-/blob/c0ffee/{path}#L12-14"),
            ),
            (
                "https://codeberg.org/acme/cart",
                format!("https://codeberg.org/acme/cart/src/commit/c0ffee/{path}#L12-L14"),
            ),
            (
                "https://bitbucket.org/acme/cart",
                format!("https://bitbucket.org/acme/cart/src/c0ffee/{path}#lines-12:14"),
            ),
            (
                "https://bitbucket.acme.example/scm/SHOP/cart.git",
                format!(
                    "https://bitbucket.acme.example/projects/SHOP/repos/cart/browse/{path}?at=c0ffee#12-14"
                ),
            ),
            (
                "git@ssh.dev.azure.com:v3/acme/shop/cart",
                format!(
                    "https://dev.azure.com/acme/shop/_git/cart?path=/{path}&version=GCc0ffee&line=12&lineEnd=15&lineStartColumn=1&lineEndColumn=1&lineStyle=plain&_a=contents"
                ),
            ),
            (
                "https://acme@dev.azure.com/acme/shop/_git/cart",
                format!(
                    "https://dev.azure.com/acme/shop/_git/cart?path=/{path}&version=GCc0ffee&line=12&lineEnd=15&lineStartColumn=1&lineEndColumn=1&lineStyle=plain&_a=contents"
                ),
            ),
        ] {
            assert_eq!(link(address), Some(expected), "{address}");
        }
        assert_eq!(link("https://git.acme.example/shop/cart"), None);
        assert_eq!(link("https://nogithub.example/shop/cart"), None);
        let one_line = remote("https://github.com/acme/cart").unwrap();
        let link = one_line.permalink("c0ffee", "a.go", (7, 7)).unwrap();
        assert!(link.ends_with("/a.go#L7"), "{link}");
    }

    #[test]
    fn nothing_in_an_address_acts_in_a_page_or_a_comment() {
        let hostile = remote("https://github.com/acme/a)\"<b>\u{1b} c").unwrap();
        assert_eq!(
            hostile.address,
            "https://github.com/acme/a%29%22%3Cb%3E%1B%20c"
        );
        assert_eq!(remote("https://a\"b/acme/cart"), None);
        assert_eq!(
            remote("javascript:alert(1)").unwrap().address,
            "https://javascript/alert%281%29"
        );
        let spaced = remote("https://dev.azure.com/acme/My%20Shop/_git/cart").unwrap();
        assert_eq!(
            spaced.address,
            "https://dev.azure.com/acme/My%20Shop/_git/cart"
        );
    }

    #[test]
    fn a_host_without_a_telling_name_is_what_its_own_ci_says_and_not_what_that_of_another_says() {
        let of = |variables: &[(&str, &str)]| {
            let environment = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            Remote::parse("https://code.acme.example/shop/cart", &environment)
                .unwrap()
                .forge
        };
        let own = "https://code.acme.example";
        assert_eq!(of(&[("CI_SERVER_URL", own)]), Some(Forge::GitLab));
        assert_eq!(of(&[("GITHUB_SERVER_URL", own)]), Some(Forge::GitHub));
        assert_eq!(
            of(&[("GITHUB_SERVER_URL", own), ("GITEA_ACTIONS", "true")]),
            Some(Forge::Gitea)
        );
        assert_eq!(of(&[("CI_SERVER_URL", "https://gitlab.com")]), None);
        assert_eq!(of(&[]), None);
    }
}
