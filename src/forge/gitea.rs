//! Gitea and Forgejo: a comment on a pull request is one on its issue, and all of them come at once.
//!
//! <https://docs.gitea.com/api/>, <https://codeberg.org/api/swagger>.

use serde_json::{Value, json};

use super::{
    Comment, CommentId, Host, Listed, Method, Request, Text, number_at, segments, text_at,
};

pub(super) struct Gitea {
    api_url: String,
    repository: String,
    pull_request: u64,
}

impl Gitea {
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
            headers: &[("Accept", "application/json")],
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
}

impl Host for Gitea {
    fn who_am_i(&self) -> Request {
        self.request(Method::Get, "/user", None)
    }

    fn read_me(&self, answer: &Value) -> Option<String> {
        text_at(answer, "/login")
    }

    fn list(&self) -> Request {
        self.request(Method::Get, &self.of_issue(), None)
    }

    fn read_list(&self, _: &Request, answer: &Value) -> Option<Listed> {
        let comments = answer.as_array()?.iter().filter_map(|item| {
            Some(Comment {
                id: CommentId::plain(number_at(item, "/id")?),
                authors: text_at(item, "/user/login").into_iter().collect(),
                text: text_at(item, "/body")?,
            })
        });
        Some(Listed {
            comments: comments.collect(),
            next: None,
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
