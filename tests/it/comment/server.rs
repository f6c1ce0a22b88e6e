//! A code host on this machine. It holds every request, and its own answers, to what the host publishes about its interface.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::common::{perimeter, project};

/// Whose interface it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    GitHub,
    GitLab,
    Forgejo,
    Bitbucket,
    AzureDevOps,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        Self::GitHub,
        Self::GitLab,
        Self::Forgejo,
        Self::Bitbucket,
        Self::AzureDevOps,
    ];

    fn description(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Forgejo => "forgejo",
            Self::Bitbucket => "bitbucket",
            Self::AzureDevOps => "azure-devops",
        }
    }

    /// The header that the token has to come in.
    fn authorization(self) -> (&'static str, &'static str) {
        match self {
            Self::GitHub | Self::Bitbucket | Self::AzureDevOps => {
                ("authorization", "Bearer s3cret")
            }
            Self::GitLab => ("private-token", "s3cret"),
            Self::Forgejo => ("authorization", "token s3cret"),
        }
    }

    /// The environment of a job there, for pull request 7.
    fn environment(self, url: &str) -> Vec<(&'static str, String)> {
        let url = url.to_owned();
        let pairs: &[(&'static str, &str)] = match self {
            Self::GitHub => &[
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_REPOSITORY", "acme/infra"),
                ("GITHUB_REF", "refs/pull/7/merge"),
                ("GITHUB_RUN_ID", "100"),
                ("GITHUB_RUN_ATTEMPT", "1"),
                ("GITHUB_TOKEN", "s3cret"),
            ],
            Self::GitLab => &[
                ("GITLAB_CI", "true"),
                ("CI_PROJECT_ID", "42"),
                ("CI_MERGE_REQUEST_PROJECT_ID", "42"),
                ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "42"),
                ("CI_MERGE_REQUEST_IID", "7"),
                ("CI_PIPELINE_ID", "100"),
                ("CI_JOB_ID", "1"),
                ("CI_JOB_TOKEN", "not this one"),
                ("GITLAB_TOKEN", "s3cret"),
            ],
            Self::Forgejo => &[
                ("GITHUB_ACTIONS", "true"),
                ("FORGEJO_ACTIONS", "true"),
                ("GITHUB_REPOSITORY", "acme/infra"),
                ("GITHUB_REF", "refs/pull/7/head"),
                ("GITHUB_RUN_ID", "100"),
                ("GITHUB_RUN_ATTEMPT", "1"),
                ("FORGEJO_TOKEN", "s3cret"),
            ],
            Self::Bitbucket => &[
                ("BITBUCKET_BUILD_NUMBER", "100"),
                ("BITBUCKET_REPO_FULL_NAME", "acme/infra"),
                ("BITBUCKET_PR_ID", "7"),
                ("BITBUCKET_TOKEN", "s3cret"),
            ],
            Self::AzureDevOps => &[
                ("TF_BUILD", "True"),
                ("BUILD_REPOSITORY_PROVIDER", "TfsGit"),
                ("SYSTEM_TEAMPROJECT", "Our Platform"),
                ("BUILD_REPOSITORY_NAME", "infra"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTID", "7"),
                ("BUILD_BUILDID", "100"),
                ("SYSTEM_JOBATTEMPT", "1"),
                ("SYSTEM_ACCESSTOKEN", "s3cret"),
            ],
        };
        let address = match self {
            Self::GitHub | Self::Forgejo => Some(("GITHUB_API_URL", url)),
            Self::GitLab => Some(("CI_API_V4_URL", url)),
            Self::Bitbucket => None,
            Self::AzureDevOps => Some(("SYSTEM_COLLECTIONURI", format!("{url}/"))),
        };
        let pairs = pairs
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        pairs.chain(address).collect()
    }

    /// What counts the runs.
    pub(crate) fn run_variable(self) -> &'static str {
        match self {
            Self::GitHub | Self::Forgejo => "GITHUB_RUN_ID",
            Self::GitLab => "CI_PIPELINE_ID",
            Self::Bitbucket => "BITBUCKET_BUILD_NUMBER",
            Self::AzureDevOps => "BUILD_BUILDID",
        }
    }

    fn me(self) -> Value {
        match self {
            Self::GitHub => {
                json!({ "login": ME, "id": 1, "node_id": "x", "avatar_url": "x", "gravatar_id": null, "url": "x",
                "html_url": "x", "followers_url": "x", "following_url": "x", "gists_url": "x", "starred_url": "x",
                "subscriptions_url": "x", "organizations_url": "x", "repos_url": "x", "events_url": "x",
                "received_events_url": "x", "type": "User", "site_admin": false, "name": null, "company": null, "blog": null,
                "location": null, "email": null, "hireable": null, "bio": null, "public_repos": 0, "public_gists": 0,
                "followers": 0, "following": 0, "created_at": "x", "updated_at": "x" })
            }
            Self::GitLab => person(1, ME),
            Self::Forgejo => json!({ "id": 1, "login": ME }),
            Self::Bitbucket => json!({ "type": "user", "uuid": ME, "display_name": "Perimeter" }),
            Self::AzureDevOps => json!({ "authenticatedUser": { "id": ME } }),
        }
    }

    fn shown(self, comment: &Stored) -> Value {
        let Stored {
            id, author, text, ..
        } = comment;
        match self {
            Self::GitHub => {
                let kind = if author.ends_with("[bot]") {
                    "Bot"
                } else {
                    "User"
                };
                json!({ "id": id, "node_id": "x", "url": "x", "html_url": "x", "issue_url": "x", "body": text, "created_at": "x",
                    "updated_at": "x", "author_association": "NONE",
                    "user": { "login": author, "id": 9, "node_id": "x", "avatar_url": "x", "gravatar_id": null, "url": "x",
                        "html_url": "x", "followers_url": "x", "following_url": "x", "gists_url": "x", "starred_url": "x",
                        "subscriptions_url": "x", "organizations_url": "x", "repos_url": "x", "events_url": "x",
                        "received_events_url": "x", "type": kind, "site_admin": false } })
            }
            Self::GitLab => {
                json!({ "id": id, "body": text, "attachment": null, "author": person(9, author), "created_at": "x",
                "updated_at": "x", "system": false, "noteable_id": 5, "noteable_type": "MergeRequest", "noteable_iid": 7,
                "project_id": 42, "resolvable": false })
            }
            Self::Forgejo => {
                json!({ "id": id, "body": text, "user": { "id": 9, "login": author } })
            }
            Self::Bitbucket => {
                json!({ "type": "pullrequest_comment", "id": id, "deleted": false, "content": { "raw": text },
                "user": { "type": "user", "uuid": author } })
            }
            Self::AzureDevOps => {
                json!({ "id": id, "status": if comment.is_open { "active" } else { "closed" },
                "isDeleted": false, "comments": [thread_comment(comment)] })
            }
        }
    }
}

fn person(id: u64, name: &str) -> Value {
    json!({ "id": id, "name": name, "username": name, "state": "active", "avatar_url": "x", "web_url": "x" })
}

fn thread_comment(comment: &Stored) -> Value {
    json!({ "id": 1, "content": comment.text, "author": { "id": comment.author }, "commentType": "text",
        "isDeleted": comment.is_deleted })
}

/// The account that the token is of.
pub(crate) const ME: &str = "perimeter-bot";

/// One comment there.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) id: u64,
    pub(crate) author: String,
    pub(crate) text: String,
    /// Whether its thread is active, where there are threads.
    pub(crate) is_open: bool,
    is_deleted: bool,
}

/// Something that goes wrong, once.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) method: &'static str,
    /// What the path ends with.
    pub(crate) path: &'static str,
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: &'static str,
    /// Whether the request takes effect all the same.
    pub(crate) has_effect: bool,
}

impl Fault {
    pub(crate) fn of(method: &'static str, status: u16) -> Self {
        Self {
            method,
            path: "",
            status,
            retry_after: Some(0),
            body: "",
            has_effect: false,
        }
    }
}

struct State {
    kind: Kind,
    url: String,
    description: Value,
    comments: Vec<Stored>,
    next_id: u64,
    page: usize,
    faults: VecDeque<Fault>,
    /// `POST /repos/…`, in the order in which they came.
    requests: Vec<String>,
    wrong: Vec<String>,
}

/// The host, until the test ends.
pub(crate) struct Server {
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(crate) fn new(kind: Kind) -> Self {
        let file = format!("tests/fixtures/forges/{}.json", kind.description());
        let text = std::fs::read_to_string(project().join(file)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let state = Arc::new(Mutex::new(State {
            kind,
            url: format!("http://{}/api", listener.local_addr().unwrap()),
            description: serde_json::from_str(&text).unwrap(),
            comments: Vec::new(),
            next_id: 1,
            page: 100,
            faults: VecDeque::new(),
            requests: Vec::new(),
            wrong: Vec::new(),
        }));
        let served = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &served);
            }
        });
        Self { state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// `perimeter comment`, in a job of the host.
    pub(crate) fn comment(&self) -> Command {
        let state = self.state();
        let mut command = perimeter();
        command.arg("comment");
        command.envs(state.kind.environment(&state.url));
        if state.kind == Kind::Bitbucket {
            command.args(["--api-url", &state.url]);
        }
        command
    }

    /// The environment of a job of the host.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let state = self.state();
        state.kind.environment(&state.url)
    }

    /// The address of its interface.
    pub(crate) fn url(&self) -> String {
        self.state().url.clone()
    }

    /// Somebody writes a comment.
    pub(crate) fn write(&self, author: &str, text: &str) {
        let mut state = self.state();
        let id = state.next_id;
        state.next_id += 1;
        state.comments.push(Stored {
            id,
            author: author.to_owned(),
            text: text.to_owned(),
            is_open: true,
            is_deleted: false,
        });
    }

    /// Somebody changes one.
    pub(crate) fn rewrite(&self, index: usize, change: impl Fn(&str) -> String) {
        let mut state = self.state();
        let text = change(&state.comments[index].text);
        state.comments[index].text = text;
    }

    pub(crate) fn fails(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    pub(crate) fn comments(&self) -> Vec<Stored> {
        let state = self.state();
        let comments = state.comments.iter().filter(|one| !one.is_deleted);
        comments.cloned().collect()
    }

    /// What came in since the last time; what changes something only.
    pub(crate) fn changes(&self) -> Vec<String> {
        let requests = std::mem::take(&mut self.state().requests);
        let changes = requests.into_iter().filter(|one| !one.starts_with("GET"));
        changes
            .map(|one| one.split(' ').next().unwrap().to_owned())
            .collect()
    }

    /// How many requests came in since the last time.
    pub(crate) fn count(&self) -> usize {
        std::mem::take(&mut self.state().requests).len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let state = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if !std::thread::panicking() {
            assert!(
                state.wrong.is_empty(),
                "{:?}: {:#?}",
                state.kind,
                state.wrong
            );
            assert!(
                state.faults.is_empty(),
                "not everything went wrong: {:?}",
                state.faults
            );
        }
    }
}

struct Asked {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    body: String,
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (
        words.next().unwrap().to_owned(),
        words.next().unwrap().to_owned(),
    );
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let header = |name: &str| {
        let mut named = headers.iter().filter(|(one, _)| one == name);
        named.next().map(|(_, value)| value.as_str())
    };
    let length = header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();

    let mut state = state.lock().unwrap();
    if header("transfer-encoding").is_some() {
        state
            .wrong
            .push(format!("{method}: the body comes in chunks"));
    }
    let (name, value) = state.kind.authorization();
    if header(name) != Some(value) {
        state
            .wrong
            .push(format!("{method} {target}: no {name}: {value}"));
    }
    if header("user-agent").is_none_or(|agent| !agent.starts_with("perimeter/")) {
        state
            .wrong
            .push(format!("{method} {target}: no user agent"));
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let asked = Asked {
        method,
        path: path.strip_prefix("/api").unwrap_or(path).to_owned(),
        query: query
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: String::from_utf8(body).unwrap(),
    };
    state
        .requests
        .push(format!("{} {}", asked.method, asked.path));
    let (status, extra, body) = state.answer(&asked);
    drop(state);
    let mut stream = stream;
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\n{extra}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

impl State {
    fn answer(&mut self, asked: &Asked) -> (u16, String, String) {
        let operation = self.operation(asked);
        let fault = self
            .faults
            .front()
            .filter(|fault| fault.method == asked.method && asked.path.ends_with(fault.path));
        let fault = fault.cloned();
        if fault.is_some() {
            self.faults.pop_front();
        }
        let told = if fault.as_ref().is_none_or(|fault| fault.has_effect) {
            self.effect(asked)
        } else {
            None
        };
        if let Some(fault) = fault {
            let wait = fault
                .retry_after
                .map_or(String::new(), |wait| format!("Retry-After: {wait}\r\n"));
            return (fault.status, wait, fault.body.to_owned());
        }
        let (Some(operation), Some(told)) = (operation, told) else {
            return (
                404,
                String::new(),
                json!({ "message": "Not Found" }).to_string(),
            );
        };
        let answers = operation["answers"].as_object().unwrap();
        let (status, schema) = answers.iter().next().unwrap();
        if !schema.is_null() {
            self.hold("the answer to", asked, schema, &told);
        }
        let body = if schema.is_null() {
            String::new()
        } else {
            told.to_string()
        };
        (status.parse().unwrap(), String::new(), body)
    }

    /// The operation that a request is one of; everything about it that is not as published is noted.
    fn operation(&mut self, asked: &Asked) -> Option<Value> {
        let operations = self.description["operations"].as_array().unwrap().clone();
        let is_it = |operation: &&Value| {
            let template: Vec<&str> = operation["path"].as_str().unwrap().split('/').collect();
            let parts: Vec<&str> = asked.path.split('/').collect();
            operation["method"] == asked.method.as_str()
                && template.len() == parts.len()
                && template
                    .iter()
                    .zip(parts)
                    .all(|(one, part)| one.starts_with('{') && !part.is_empty() || *one == part)
        };
        let Some(operation) = operations.iter().find(is_it).cloned() else {
            self.wrong.push(format!(
                "{} {}: no such operation",
                asked.method, asked.path
            ));
            return None;
        };
        for (name, value) in &asked.query {
            let value = value
                .parse::<u64>()
                .map_or(json!(value), |number| json!(number));
            match operation["query"].get(name) {
                Some(schema) => self.hold(name, asked, schema, &value),
                None => self
                    .wrong
                    .push(format!("{}: no `{name}` is published", asked.path)),
            }
        }
        match (&operation["body"], asked.body.as_str()) {
            (Value::Null, "") => {}
            (Value::Null, _) => self
                .wrong
                .push(format!("{}: no body is published", asked.path)),
            (schema, body) => {
                let body: Value = serde_json::from_str(body).unwrap_or_default();
                self.hold("the body of", asked, schema, &body);
            }
        }
        Some(operation)
    }

    fn hold(&mut self, what: &str, asked: &Asked, schema: &Value, value: &Value) {
        let mut schema = schema.clone();
        schema["$defs"] = self.description["$defs"].clone();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        for error in validator.iter_errors(value) {
            let place = error.instance_path().to_string();
            self.wrong.push(format!(
                "{what} {} {}: {error} at {place}",
                asked.method, asked.path
            ));
        }
    }

    /// Do what is asked, and what to answer; `None` for what is not there.
    fn effect(&mut self, asked: &Asked) -> Option<Value> {
        let kind = self.kind;
        if !asked.path.contains("/7/")
            && !asked.path.contains("/comments")
            && !asked.path.ends_with("/7/notes")
        {
            return Some(kind.me());
        }
        let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let text = ["/body", "/content/raw", "/comments/0/content", "/content"]
            .iter()
            .find_map(|place| body.pointer(place)?.as_str());
        let is_open = body["status"].as_u64().map(|status| status == 1);
        match asked.method.as_str() {
            "GET" => Some(self.list(asked)),
            "POST" => {
                let id = self.next_id;
                self.next_id += 1;
                let stored = Stored {
                    id,
                    author: ME.to_owned(),
                    text: text.unwrap().to_owned(),
                    is_open: is_open.unwrap_or(true),
                    is_deleted: false,
                };
                self.comments.push(stored.clone());
                Some(kind.shown(&stored))
            }
            method => {
                let parts: Vec<&str> = asked.path.split('/').collect();
                let is_comment = kind == Kind::AzureDevOps && parts[parts.len() - 2] == "comments";
                let at = if is_comment {
                    parts.len() - 3
                } else {
                    parts.len() - 1
                };
                let id: u64 = parts[at].parse().unwrap();
                let stored = self.comments.iter_mut();
                let mut stored = stored.filter(|one| !one.is_deleted && one.id == id);
                let stored = stored.next()?;
                if method == "DELETE" {
                    stored.is_deleted = true;
                } else {
                    if let Some(text) = text {
                        stored.text = text.to_owned();
                    }
                    stored.is_open = is_open.unwrap_or(stored.is_open);
                }
                Some(if is_comment {
                    thread_comment(stored)
                } else {
                    kind.shown(stored)
                })
            }
        }
    }

    fn list(&self, asked: &Asked) -> Value {
        let number = |wanted: &str| {
            let mut named = asked.query.iter().filter(|(name, _)| name == wanted);
            named
                .next()
                .and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let kept = self
            .comments
            .iter()
            .filter(|one| !one.is_deleted || self.kind == Kind::AzureDevOps);
        let all: Vec<Value> = kept.map(|one| self.kind.shown(one)).collect();
        let page = number("page").unwrap_or(1);
        let long = self.page;
        let from = ((page - 1) * long).min(all.len());
        let part = all[from..all.len().min(from + long)].to_vec();
        match self.kind {
            Kind::GitHub | Kind::GitLab => {
                assert_eq!(number("per_page"), Some(long));
                Value::Array(part)
            }
            Kind::Forgejo => Value::Array(all),
            Kind::Bitbucket => {
                let mut listed = json!({ "values": part, "page": page, "pagelen": long });
                if from + long < all.len() {
                    let next = format!(
                        "{}{}?pagelen={long}&page={}",
                        self.url,
                        asked.path,
                        page + 1
                    );
                    listed["next"] = json!(next);
                }
                listed
            }
            Kind::AzureDevOps => json!({ "count": all.len(), "value": all }),
        }
    }
}
