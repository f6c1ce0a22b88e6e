//! GitHub and GitHub Enterprise: a comment on a pull request is one on its issue.
//!
//! <https://docs.github.com/en/rest/issues/comments>.

use serde_json::{Value, json};

use super::{
    Comment, CommentId, Host, Listed, Method, Request, Text, number_at, segments, text_at,
};

const HEADERS: &[(&str, &str)] = &[
    ("Accept", "application/vnd.github+json"),
    ("X-GitHub-Api-Version", "2022-11-28"),
];

/// Stands for every app. The token of a job is one, and may not ask which; no account can have this name.
const A_PROGRAM: &str = "(a program)";

/// The most that one page may hold.
pub(super) const PAGE: usize = 100;

pub(super) struct GitHub {
    api_url: String,
    repository: String,
    pull_request: u64,
}

impl GitHub {
    pub(super) fn new(api_url: &str, repository: &str, pull_request: u64) -> Self {
        Self {
            api_url: api_url.to_owned(),
            repository: segments(repository),
            pull_request,
        }
    }

    fn request(&self, method: Method, path: &str, body: Option<Value>) -> Request {
        Request {
            method,
            url: format!("{}{path}", self.api_url),
            headers: HEADERS,
            body,
        }
    }

    fn of_issue(&self) -> String {
        format!(
            "/repos/{}/issues/{}/comments",
            self.repository, self.pull_request
        )
    }

    fn of_comment(&self, comment: &CommentId) -> String {
        format!(
            "/repos/{}/issues/comments/{}",
            self.repository, comment.comment
        )
    }

    fn page(&self, number: usize) -> Request {
        let path = format!("{}?per_page={PAGE}&page={number}", self.of_issue());
        self.request(Method::Get, &path, None)
    }
}

impl Host for GitHub {
    fn who_am_i(&self) -> Request {
        self.request(Method::Get, "/user", None)
    }

    fn read_me(&self, answer: &Value) -> Option<String> {
        text_at(answer, "/login")
    }

    fn untold_me(&self) -> Option<String> {
        Some(A_PROGRAM.to_owned())
    }

    fn list(&self) -> Request {
        self.page(1)
    }

    fn read_list(&self, asked: &Request, answer: &Value) -> Option<Listed> {
        let items = answer.as_array()?;
        let comments = items.iter().filter_map(|item| {
            Some(Comment {
                id: CommentId::plain(number_at(item, "/id")?),
                authors: authors(item),
                text: text_at(item, "/body")?,
            })
        });
        Some(Listed {
            comments: comments.collect(),
            next: (items.len() >= PAGE).then(|| self.page(page_after(asked))),
        })
    }

    fn create(&self, text: &Text) -> Request {
        let body = json!({ "body": text.text });
        self.request(Method::Post, &self.of_issue(), Some(body))
    }

    fn rewrite(&self, comment: &CommentId, text: &Text) -> Request {
        let body = json!({ "body": text.text });
        self.request(Method::Patch, &self.of_comment(comment), Some(body))
    }

    fn delete(&self, comment: &CommentId) -> Request {
        self.request(Method::Delete, &self.of_comment(comment), None)
    }
}

fn authors(item: &Value) -> Vec<String> {
    let is_program = text_at(item, "/user/type").is_some_and(|kind| kind == "Bot");
    let program = is_program.then(|| A_PROGRAM.to_owned());
    text_at(item, "/user/login")
        .into_iter()
        .chain(program)
        .collect()
}

/// The number of the page behind the one that was asked for.
pub(super) fn page_after(asked: &Request) -> usize {
    let number = asked
        .url
        .rsplit_once("page=")
        .and_then(|(_, number)| number.parse::<usize>().ok());
    number.unwrap_or(1).saturating_add(1)
}
