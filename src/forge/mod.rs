//! 9. One comment on a pull request: what to ask of a code host, and what to make of its answers.
//!
//! Values in, values out: a [`Host`] says which requests do a thing there, [`conversation`] leads the exchange over a
//! [`Wire`], and only the wire that `commands` brings along knows a network. No request holds the token; the wire adds it. It
//! does not judge, and does not write the text.
//!
//! What comes back was written by strangers: everybody may comment on a pull request, with our marker too.

mod azure_devops;
mod bitbucket;
pub mod conversation;
mod gitea;
mod github;
mod gitlab;
pub mod marker;
pub mod place;

use std::time::Duration;

use serde_json::Value;

use crate::report::markdown::{LIMIT, Style};

/// A code host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forge {
    /// GitHub, GitHub Enterprise.
    GitHub,
    /// GitLab.
    GitLab,
    /// Gitea.
    Gitea,
    /// Forgejo.
    Forgejo,
    /// Bitbucket Cloud.
    Bitbucket,
    /// Azure DevOps Services and Server.
    AzureDevOps,
}

impl Forge {
    /// Its name, for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::GitLab => "GitLab",
            Self::Gitea => "Gitea",
            Self::Forgejo => "Forgejo",
            Self::Bitbucket => "Bitbucket",
            Self::AzureDevOps => "Azure DevOps",
        }
    }

    /// What it does with Markdown, and how much of it a comment takes.
    ///
    /// GitLab takes 1,000,000 characters and Azure DevOps 150,000. Bitbucket Cloud documents no limit; 32,768 is that of its Data
    /// Center edition. Gitea and Forgejo document none either, and get what GitHub takes; a drawing of Mermaid with more than
    /// `MERMAID_MAX_SOURCE_CHARACTERS`, 5,000 in many of their versions, they show as an error
    /// (<https://github.com/go-gitea/gitea/issues/16513>, read 2026-11-22).
    #[must_use]
    pub fn style(self) -> Style<'static> {
        let style = Style::default();
        match self {
            Self::GitHub => Style {
                limit: LIMIT,
                ..style
            },
            Self::Gitea | Self::Forgejo => Style {
                limit: LIMIT,
                longest_drawing: 5_000,
                ..style
            },
            Self::GitLab => Style {
                limit: 1_000_000,
                ..style
            },
            Self::Bitbucket => Style {
                limit: 32_768,
                has_tags: false,
                longest_drawing: 0,
                ..style
            },
            Self::AzureDevOps => Style {
                limit: 150_000,
                longest_drawing: 0,
                ..style
            },
        }
    }

    /// The address of the interface, where there is one for all.
    fn public_api(self) -> Option<&'static str> {
        match self {
            Self::GitHub => Some("https://api.github.com"),
            Self::GitLab => Some("https://gitlab.com/api/v4"),
            Self::Bitbucket => Some("https://api.bitbucket.org/2.0"),
            Self::Gitea | Self::Forgejo | Self::AzureDevOps => None,
        }
    }

    /// The host with one pull request.
    #[must_use]
    pub fn host(self, api_url: &str, repository: &str, pull_request: u64) -> Box<dyn Host> {
        match self {
            Self::GitHub => Box::new(github::GitHub::new(api_url, repository, pull_request)),
            Self::GitLab => Box::new(gitlab::GitLab::new(api_url, repository, pull_request)),
            Self::Gitea | Self::Forgejo => {
                Box::new(gitea::Gitea::new(api_url, repository, pull_request))
            }
            Self::Bitbucket => {
                Box::new(bitbucket::Bitbucket::new(api_url, repository, pull_request))
            }
            Self::AzureDevOps => Box::new(azure_devops::AzureDevOps::new(
                api_url,
                repository,
                pull_request,
            )),
        }
    }
}

/// How one code host is asked, about one pull request.
pub trait Host {
    /// Asks who the token is.
    fn who_am_i(&self) -> Request;
    /// The answer to that, as comments name their authors; `None` if it does not say.
    fn read_me(&self, answer: &Value) -> Option<String>;
    /// What a token is that the host does not tell who it is; `None` if that leaves everybody.
    fn untold_me(&self) -> Option<String> {
        None
    }
    /// Asks for the first comments.
    fn list(&self) -> Request;
    /// The comments of one answer, and how to ask for more; `None` if it is not of the form that is documented.
    fn read_list(&self, asked: &Request, answer: &Value) -> Option<Listed>;
    /// Writes a comment.
    fn create(&self, text: &Text) -> Request;
    /// Writes another text into a comment.
    fn rewrite(&self, comment: &CommentId, text: &Text) -> Request;
    /// Marks a comment as one that asks for something or does not, where a host tells these apart.
    fn mark(&self, _comment: &CommentId, _text: &Text) -> Option<Request> {
        None
    }
    /// Removes a comment.
    fn delete(&self, comment: &CommentId) -> Request;
}

/// What to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The whole comment, marker and all.
    pub text: String,
    /// Whether someone must act; hosts with threads keep them open then.
    pub is_blocked: bool,
}

/// One page of comments.
#[derive(Debug, Default)]
pub struct Listed {
    /// What was written about the pull request as a whole.
    pub comments: Vec<Comment>,
    /// How to ask for the next page, if there may be one.
    pub next: Option<Request>,
}

/// A comment that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// What it is called.
    pub id: CommentId,
    /// Who wrote it: all the words that [`Host::read_me`] and [`Host::untold_me`] may have for that.
    pub authors: Vec<String>,
    /// What it says.
    pub text: String,
}

/// What a host calls a comment: its thread, where it has those, and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommentId {
    /// The thread; 0 where there are none.
    pub thread: u64,
    /// The comment.
    pub comment: u64,
}

impl CommentId {
    fn plain(comment: u64) -> Self {
        Self { thread: 0, comment }
    }
}

/// What is asked, but for the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where.
    pub url: String,
    /// Headers beside those for the token and the content.
    pub headers: &'static [(&'static str, &'static str)],
    /// JSON to send.
    pub body: Option<Value>,
}

/// How something is asked.
#[allow(missing_docs)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As it stands in a request.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// How long it asks to wait, if it does.
    pub retry_after: Option<Duration>,
    /// Whether it says that no request is left for now.
    pub is_exhausted: bool,
    /// What it says.
    pub body: String,
}

/// What carries requests, and knows time and chance.
pub trait Wire {
    /// Send a request, with the token.
    ///
    /// # Errors
    ///
    /// If no answer comes back; in words, without the token.
    fn send(&self, request: &Request) -> Result<Response, String>;
    /// Wait.
    fn wait(&self, duration: Duration);
    /// How long ago some moment was, always the same one.
    fn now(&self) -> Duration;
    /// A number from 0 to 1.
    fn chance(&self) -> f64;
}

/// A part of a path, with everything escaped that would end it.
fn segment(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            safe.push(char::from(byte));
        } else {
            safe.push_str(&format!("%{byte:02X}"));
        }
    }
    safe
}

/// Each part of a path like `owner/name`, escaped.
fn segments(path: &str) -> String {
    let parts: Vec<String> = path.split('/').map(segment).collect();
    parts.join("/")
}

fn text_at(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

fn number_at(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer)?.as_u64()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_name_stays_within_its_part_of_a_path() {
        assert_eq!(segment("a b/../c?d#e%"), "a%20b%2F..%2Fc%3Fd%23e%25");
        assert_eq!(
            segments("group/sub group/name.x"),
            "group/sub%20group/name.x"
        );
    }

    #[test]
    fn a_place_without_tags_or_drawings_gets_none() {
        assert!(!Forge::Bitbucket.style().has_tags);
        assert_eq!(Forge::AzureDevOps.style().longest_drawing, 0);
        assert!(Forge::GitHub.style().has_tags && Forge::GitLab.style().longest_drawing > 5_000);
        assert_eq!(Forge::Forgejo.style().longest_drawing, 5_000);
    }
}
