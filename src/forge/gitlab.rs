//! GitLab: notes on a merge request.
//!
//! <https://docs.gitlab.com/api/notes/>.

use serde_json::{Value, json};

use super::github::{PAGE, page_after};
use super::{Comment, CommentId, Host, Listed, Method, Request, Text, number_at, segment, text_at};

pub(super) struct GitLab {
    api_url: String,
    notes: String,
}

impl GitLab {
    pub(super) fn new(api_url: &str, repository: &str, pull_request: u64) -> Self {
        let project = segment(repository);
        Self {
            api_url: api_url.to_owned(),
            notes: format!("{api_url}/projects/{project}/merge_requests/{pull_request}/notes"),
        }
    }

    fn note(&self, comment: &CommentId) -> String {
        format!("{}/{}", self.notes, comment.comment)
    }

    fn page(&self, number: usize) -> Request {
        let order = "order_by=created_at&sort=asc";
        let url = format!("{}?{order}&per_page={PAGE}&page={number}", self.notes);
        request(Method::Get, url, None)
    }
}

fn request(method: Method, url: String, body: Option<Value>) -> Request {
    Request {
        method,
        url,
        headers: &[],
        body,
    }
}

impl Host for GitLab {
    fn who_am_i(&self) -> Request {
        request(Method::Get, format!("{}/user", self.api_url), None)
    }

    fn read_me(&self, answer: &Value) -> Option<String> {
        text_at(answer, "/username")
    }

    fn list(&self) -> Request {
        self.page(1)
    }

    fn read_list(&self, asked: &Request, answer: &Value) -> Option<Listed> {
        let items = answer.as_array()?;
        let comments = items.iter().filter_map(|item| {
            // What GitLab itself notes down: commits added, labels changed.
            let is_of_system = item.get("system").and_then(Value::as_bool) == Some(true);
            let comment = Comment {
                id: CommentId::plain(number_at(item, "/id")?),
                authors: text_at(item, "/author/username").into_iter().collect(),
                text: text_at(item, "/body")?,
            };
            (!is_of_system).then_some(comment)
        });
        Some(Listed {
            comments: comments.collect(),
            next: (items.len() >= PAGE).then(|| self.page(page_after(asked))),
        })
    }

    fn create(&self, text: &Text) -> Request {
        let body = json!({ "body": text.text });
        request(Method::Post, self.notes.clone(), Some(body))
    }

    fn rewrite(&self, comment: &CommentId, text: &Text) -> Request {
        let body = json!({ "body": text.text });
        request(Method::Put, self.note(comment), Some(body))
    }

    fn delete(&self, comment: &CommentId) -> Request {
        request(Method::Delete, self.note(comment), None)
    }
}
