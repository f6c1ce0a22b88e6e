//! Bitbucket Cloud: comments on a pull request.
//!
//! <https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pullrequests/>. The Data Center edition has
//! another interface, and is not known here.

use serde_json::{Value, json};

use super::{
    Comment, CommentId, Host, Listed, Method, Request, Text, number_at, segments, text_at,
};

pub(super) struct Bitbucket {
    api_url: String,
    comments: String,
}

impl Bitbucket {
    pub(super) fn new(api_url: &str, repository: &str, pull_request: u64) -> Self {
        let repository = segments(repository);
        Self {
            api_url: api_url.to_owned(),
            comments: format!(
                "{api_url}/repositories/{repository}/pullrequests/{pull_request}/comments"
            ),
        }
    }

    fn comment(&self, comment: &CommentId) -> String {
        format!("{}/{}", self.comments, comment.comment)
    }
}

fn request(method: Method, url: String, body: Option<Value>) -> Request {
    Request {
        method,
        url,
        headers: &[("Accept", "application/json")],
        body,
    }
}

fn content(text: &Text) -> Value {
    json!({ "content": { "raw": text.text } })
}

impl Host for Bitbucket {
    fn who_am_i(&self) -> Request {
        request(Method::Get, format!("{}/user", self.api_url), None)
    }

    fn read_me(&self, answer: &Value) -> Option<String> {
        text_at(answer, "/uuid")
    }

    fn list(&self) -> Request {
        request(Method::Get, format!("{}?pagelen=100", self.comments), None)
    }

    fn read_list(&self, _: &Request, answer: &Value) -> Option<Listed> {
        let comments = answer.get("values")?.as_array()?.iter().filter_map(|item| {
            let is_gone = item.get("deleted").and_then(Value::as_bool) == Some(true);
            let is_at_line = item.get("inline").is_some_and(|place| !place.is_null());
            let comment = Comment {
                id: CommentId::plain(number_at(item, "/id")?),
                authors: text_at(item, "/user/uuid").into_iter().collect(),
                text: text_at(item, "/content/raw")?,
            };
            (!is_gone && !is_at_line).then_some(comment)
        });
        let comments = comments.collect();
        let next = match text_at(answer, "/next") {
            // The token goes along, so it goes nowhere else.
            Some(next) if next.starts_with(&format!("{}?", self.comments)) => {
                Some(request(Method::Get, next, None))
            }
            Some(_) => return None,
            None => None,
        };
        Some(Listed { comments, next })
    }

    fn create(&self, text: &Text) -> Request {
        request(Method::Post, self.comments.clone(), Some(content(text)))
    }

    fn rewrite(&self, comment: &CommentId, text: &Text) -> Request {
        request(Method::Put, self.comment(comment), Some(content(text)))
    }

    fn delete(&self, comment: &CommentId) -> Request {
        request(Method::Delete, self.comment(comment), None)
    }
}
