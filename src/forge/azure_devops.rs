//! Azure DevOps: a comment is the first of a thread, which stays active while someone must act and is closed afterwards.
//!
//! <https://learn.microsoft.com/en-us/rest/api/azure/devops/git/pull-request-threads>.

use serde_json::{Value, json};

use super::{Comment, CommentId, Host, Listed, Method, Request, Text, number_at, segment, text_at};

const VERSION: &str = "api-version=7.0";

/// What the interface calls the states of a thread: 1 and 4.
const ACTIVE: u8 = 1;
const CLOSED: u8 = 4;

pub(super) struct AzureDevOps {
    collection: String,
    threads: String,
}

impl AzureDevOps {
    /// `api_url` is the collection, or organisation; `repository` is `project/repository`.
    pub(super) fn new(api_url: &str, repository: &str, pull_request: u64) -> Self {
        let (project, name) = repository
            .split_once('/')
            .unwrap_or((repository, repository));
        let (project, name) = (segment(project), segment(name));
        Self {
            collection: api_url.to_owned(),
            threads: format!(
                "{api_url}/{project}/_apis/git/repositories/{name}/pullRequests/{pull_request}/threads"
            ),
        }
    }

    fn thread(&self, comment: &CommentId) -> String {
        format!("{}/{}", self.threads, comment.thread)
    }

    fn comment(&self, comment: &CommentId) -> String {
        format!("{}/comments/{}", self.thread(comment), comment.comment)
    }
}

fn request(method: Method, path: &str, body: Option<Value>) -> Request {
    Request {
        method,
        url: format!("{path}?{VERSION}"),
        headers: &[("Accept", "application/json")],
        body,
    }
}

fn status(text: &Text) -> u8 {
    if text.is_blocked { ACTIVE } else { CLOSED }
}

fn is_deleted(value: &Value) -> bool {
    value.get("isDeleted").and_then(Value::as_bool) == Some(true)
}

impl Host for AzureDevOps {
    fn who_am_i(&self) -> Request {
        Request {
            method: Method::Get,
            url: format!("{}/_apis/connectionData", self.collection),
            headers: &[("Accept", "application/json")],
            body: None,
        }
    }

    fn read_me(&self, answer: &Value) -> Option<String> {
        text_at(answer, "/authenticatedUser/id")
    }

    fn list(&self) -> Request {
        request(Method::Get, &self.threads, None)
    }

    fn read_list(&self, _: &Request, answer: &Value) -> Option<Listed> {
        let threads = answer.get("value")?.as_array()?.iter();
        let comments = threads
            .filter(|thread| !is_deleted(thread))
            .filter_map(|thread| {
                let first = thread.get("comments")?.as_array()?.first()?;
                let comment = Comment {
                    id: CommentId {
                        thread: number_at(thread, "/id")?,
                        comment: number_at(first, "/id")?,
                    },
                    authors: text_at(first, "/author/id").into_iter().collect(),
                    text: text_at(first, "/content")?,
                };
                (!is_deleted(first)).then_some(comment)
            });
        Some(Listed {
            comments: comments.collect(),
            next: None,
        })
    }

    fn create(&self, text: &Text) -> Request {
        // A comment of type 1 is one of text.
        let comment = json!({ "parentCommentId": 0, "content": text.text, "commentType": 1 });
        let body = json!({ "comments": [comment], "status": status(text) });
        request(Method::Post, &self.threads, Some(body))
    }

    fn rewrite(&self, comment: &CommentId, text: &Text) -> Request {
        let content = json!({ "content": text.text });
        request(Method::Patch, &self.comment(comment), Some(content))
    }

    fn mark(&self, comment: &CommentId, text: &Text) -> Option<Request> {
        let state = json!({ "status": status(text) });
        Some(request(Method::Patch, &self.thread(comment), Some(state)))
    }

    fn delete(&self, comment: &CommentId) -> Request {
        request(Method::Delete, &self.comment(comment), None)
    }
}
