//! Which pull request, where, with whose token: what the environment of a CI system tells, and the command line overrules.

use serde_json::Value;

use super::marker::Run;
use super::{Forge, segment};

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The code host.
    pub forge: Option<Forge>,
    /// The pull request.
    pub pull_request: Option<u64>,
    /// Its repository.
    pub repository: Option<String>,
    /// The address of the interface.
    pub api_url: Option<String>,
}

/// Where the comment goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The code host.
    pub forge: Forge,
    /// The address of its interface, without a slash at the end.
    pub api_url: String,
    /// `owner/name`; in Azure DevOps `project/repository`.
    pub repository: String,
    /// The number of the pull request.
    pub pull_request: u64,
    /// This run among others of the CI system.
    pub run: Option<Run>,
    /// Whether the change comes from a copy of the repository, whose jobs get no token, or one that may not write.
    pub is_from_fork: bool,
}

/// What nothing tells.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untold {
    /// Not the code host.
    #[error(
        "nothing tells the code host: pass --forge github, gitlab, gitea, forgejo, bitbucket or azure-devops"
    )]
    Forge,
    /// Not the pull request.
    #[error("nothing tells the pull request: pass --pull-request N{0}")]
    PullRequest(&'static str),
    /// Not the repository.
    #[error("nothing tells the repository: pass --repository {0}")]
    Repository(&'static str),
    /// Not the address.
    #[error("nothing tells the address of the interface: pass --api-url, such as {0}")]
    ApiUrl(&'static str),
    /// A repository of another form.
    #[error("`{given}` does not name a repository: pass --repository {form}")]
    NoRepository {
        /// What was given.
        given: String,
        /// What is wanted.
        form: &'static str,
    },
    /// An address that would send the token in the clear, or no address.
    #[error(
        "`{0}` is no address to send a token to: it has to begin with https:// (http:// only for this machine) and hold neither \
         user, query nor fragment"
    )]
    Unsafe(String),
    /// No token.
    #[error("there is no token: {0}")]
    Token(&'static str),
    /// A token that no header can hold.
    #[error("the token in {0} is not one line of visible characters: was it copied whole?")]
    OddToken(&'static str),
}

/// The environment, by name. An empty variable is one that is not set.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A token, with the header that it goes into. It does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The name of the header.
    pub header: &'static str,
    /// Its value.
    pub value: String,
    /// The variable that it comes from.
    pub variable: &'static str,
    /// The secret in the value.
    secret: String,
}

impl Token {
    /// A text of somebody else's without the secret, should it say it: as it is, as the header has it, escaped for an address,
    /// or as base64 makes it, alone or inside of something longer.
    #[must_use]
    pub fn conceal(&self, text: String) -> String {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE};
        let value = self.value.rsplit(' ').next().unwrap_or_default();
        let mut spellings = vec![self.secret.clone(), value.to_owned(), segment(&self.secret)];
        for engine in [STANDARD, URL_SAFE] {
            // What stands before it decides how its bytes fall into groups of three; those at the borders are shared.
            for before in 0..3_usize {
                let mut bytes = vec![0; before];
                bytes.extend(self.secret.bytes());
                let whole = (bytes.len() / 3) * 4;
                let first = if before == 0 { 0 } else { 4 };
                let encoded = engine.encode(&bytes);
                spellings.extend(encoded.get(first..whole).map(str::to_owned));
            }
        }
        // A handful of letters would be found in any text.
        spellings.retain(|one| one.len() >= LEAST_CONCEALED);
        spellings.sort_by_key(|one| std::cmp::Reverse(one.len()));
        let found = spellings.iter().filter(|one| text.contains(one.as_str()));
        let found: Vec<&String> = found.collect();
        found.into_iter().fold(text.clone(), |text, one| {
            text.replace(one.as_str(), "(token)")
        })
    }
}

/// No token is shorter.
const LEAST_CONCEALED: usize = 6;

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the token in {}", self.variable)
    }
}

/// Which code host the environment is of.
#[must_use]
pub fn forge_of(environment: Environment<'_>) -> Option<Forge> {
    let is_set = |name| environment(name).is_some();
    // These two call themselves GitHub, too.
    if is_set("FORGEJO_ACTIONS") {
        return Some(Forge::Forgejo);
    }
    if is_set("GITEA_ACTIONS") {
        return Some(Forge::Gitea);
    }
    if is_set("GITHUB_ACTIONS") {
        return Some(Forge::GitHub);
    }
    if is_set("GITLAB_CI") {
        return Some(Forge::GitLab);
    }
    if is_set("BITBUCKET_BUILD_NUMBER") {
        return Some(Forge::Bitbucket);
    }
    match environment("BUILD_REPOSITORY_PROVIDER")?.as_str() {
        "TfsGit" => Some(Forge::AzureDevOps),
        "GitHub" | "GitHubEnterprise" => Some(Forge::GitHub),
        "Bitbucket" => Some(Forge::Bitbucket),
        _ => None,
    }
}

/// Where the comment goes. `event` is what GitHub's kind of CI tells about the event that it runs for.
///
/// # Errors
///
/// If something is told by neither, or makes no sense.
pub fn place(
    told: &Told,
    environment: Environment<'_>,
    event: Option<&Value>,
) -> Result<Place, Untold> {
    let environment = &|name: &str| environment(name).filter(|value| !value.is_empty());
    let here = forge_of(environment);
    let forge = told.forge.or(here).ok_or(Untold::Forge)?;
    // What the CI of one host says of its pull request is nothing to another host.
    let is_native = here == Some(forge);
    let event = event.filter(|_| is_native);
    let repository = told
        .repository
        .clone()
        .or_else(|| repository(forge, is_native, environment))
        .ok_or(Untold::Repository(form(forge)))?;
    let pull_request = told
        .pull_request
        .or_else(|| pull_request(forge, is_native, environment, event))
        .ok_or(Untold::PullRequest(on_pull_requests(here)))?;
    Ok(Place {
        forge,
        api_url: api_url(told, forge, is_native, environment)?,
        repository: checked(forge, repository)?,
        pull_request,
        run: run(environment),
        is_from_fork: is_native && is_from_fork(forge, environment, event),
    })
}

/// What to write behind `--repository`.
fn form(forge: Forge) -> &'static str {
    match forge {
        Forge::AzureDevOps => "PROJECT/NAME",
        Forge::GitLab => "GROUP/NAME, or the number of the project",
        Forge::Bitbucket => "WORKSPACE/NAME",
        _ => "OWNER/NAME",
    }
}

fn on_pull_requests(here: Option<Forge>) -> &'static str {
    match here {
        Some(Forge::GitHub | Forge::Gitea | Forge::Forgejo) => {
            ", or run on the event `pull_request`"
        }
        Some(Forge::GitLab) => ", or run in pipelines of merge requests",
        Some(_) => ", or run for pull requests",
        None => "",
    }
}

fn checked(forge: Forge, repository: String) -> Result<String, Untold> {
    let parts: Vec<&str> = repository.split('/').collect();
    let is_named = parts.iter().all(|part| {
        !part.is_empty() && *part != "." && *part != ".." && !part.chars().any(char::is_control)
    });
    let is_counted = match forge {
        Forge::GitLab => !parts.is_empty(),
        _ => parts.len() == 2,
    };
    if is_named && is_counted {
        return Ok(repository);
    }
    Err(Untold::NoRepository {
        given: repository,
        form: form(forge),
    })
}

fn repository(forge: Forge, is_native: bool, environment: Environment<'_>) -> Option<String> {
    let native = match forge {
        _ if !is_native => None,
        Forge::GitHub | Forge::Gitea | Forge::Forgejo => {
            environment("GITHUB_REPOSITORY").or_else(|| environment("BUILD_REPOSITORY_NAME"))
        }
        Forge::GitLab => {
            // A pipeline for a fork may run in the fork.
            environment("CI_MERGE_REQUEST_PROJECT_ID").or_else(|| environment("CI_PROJECT_ID"))
        }
        Forge::Bitbucket => {
            environment("BITBUCKET_REPO_FULL_NAME").or_else(|| environment("BUILD_REPOSITORY_NAME"))
        }
        Forge::AzureDevOps => {
            let project = environment("SYSTEM_TEAMPROJECT")?;
            let name = environment("BUILD_REPOSITORY_NAME")?;
            Some(format!("{project}/{name}"))
        }
    };
    native.or_else(|| environment("DRONE_REPO")).or_else(|| {
        // Atlantis.
        let owner = environment("BASE_REPO_OWNER")?;
        let name = environment("BASE_REPO_NAME")?;
        Some(format!("{owner}/{name}"))
    })
}

fn pull_request(
    forge: Forge,
    is_native: bool,
    environment: Environment<'_>,
    event: Option<&Value>,
) -> Option<u64> {
    let number = |name: &str| environment(name)?.trim().parse::<u64>().ok();
    let native = match forge {
        _ if !is_native => None,
        Forge::GitHub | Forge::Gitea | Forge::Forgejo => {
            let of_event = event.and_then(|event| event.pointer("/pull_request/number")?.as_u64());
            let of_reference = || {
                let reference = environment("GITHUB_REF")?;
                let rest = reference.strip_prefix("refs/pull/")?;
                rest.split('/').next()?.parse().ok()
            };
            of_event
                .or_else(of_reference)
                .or_else(|| number("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER"))
        }
        Forge::GitLab => number("CI_MERGE_REQUEST_IID"),
        Forge::Bitbucket => number("BITBUCKET_PR_ID"),
        Forge::AzureDevOps => number("SYSTEM_PULLREQUEST_PULLREQUESTID"),
    };
    // Jenkins, Atlantis, Drone, Woodpecker, Buildkite.
    let others = [
        "CHANGE_ID",
        "PULL_NUM",
        "DRONE_PULL_REQUEST",
        "CI_COMMIT_PULL_REQUEST",
        "BUILDKITE_PULL_REQUEST",
    ];
    native.or_else(|| others.into_iter().find_map(number))
}

fn api_url(
    told: &Told,
    forge: Forge,
    is_native: bool,
    environment: Environment<'_>,
) -> Result<String, Untold> {
    let native = match forge {
        _ if !is_native => None,
        Forge::GitHub => environment("GITHUB_API_URL"),
        Forge::Gitea | Forge::Forgejo => environment("GITHUB_API_URL").or_else(|| {
            let server = environment("GITHUB_SERVER_URL")?;
            Some(format!("{}/api/v1", server.trim_end_matches('/')))
        }),
        Forge::GitLab => environment("CI_API_V4_URL"),
        Forge::Bitbucket => None,
        Forge::AzureDevOps => environment("SYSTEM_COLLECTIONURI"),
    };
    let url = told
        .api_url
        .clone()
        .or(native)
        .or_else(|| forge.public_api().map(str::to_owned));
    let example = match forge {
        Forge::AzureDevOps => "https://dev.azure.com/ORGANISATION",
        _ => "https://HOST/api/v1",
    };
    let url = url.ok_or(Untold::ApiUrl(example))?;
    if !is_safe(&url) {
        return Err(Untold::Unsafe(url));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// Whether a token may be sent there.
fn is_safe(url: &str) -> bool {
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic());
    if !plain || url.contains(['@', '?', '#', '\\']) {
        return false;
    }
    let host = |rest: &str| rest.split('/').next().unwrap_or_default().to_owned();
    if let Some(rest) = url.strip_prefix("https://") {
        return !host(rest).is_empty();
    }
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let host = host(rest);
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => host,
    };
    matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]")
}

/// This run. Numbers that only grow: an older run that ends late, or is started again, keeps its number.
fn run(environment: Environment<'_>) -> Option<Run> {
    let systems = [
        ("github", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"),
        ("gitlab", "CI_PIPELINE_ID", "CI_JOB_ID"),
        (
            "bitbucket",
            "BITBUCKET_BUILD_NUMBER",
            "BITBUCKET_STEP_RUN_NUMBER",
        ),
        ("azure", "BUILD_BUILDID", "SYSTEM_JOBATTEMPT"),
        ("drone", "DRONE_BUILD_NUMBER", ""),
        ("woodpecker", "CI_PIPELINE_NUMBER", ""),
        (
            "buildkite",
            "BUILDKITE_BUILD_NUMBER",
            "BUILDKITE_RETRY_COUNT",
        ),
        ("jenkins", "BUILD_NUMBER", ""),
    ];
    let number = |name: &str| environment(name)?.trim().parse::<u64>().ok();
    systems.into_iter().find_map(|(system, run, attempt)| {
        Some(Run {
            system: system.to_owned(),
            number: number(run)?,
            attempt: number(attempt).unwrap_or(0),
        })
    })
}

fn is_from_fork(forge: Forge, environment: Environment<'_>, event: Option<&Value>) -> bool {
    match forge {
        Forge::GitHub | Forge::Gitea | Forge::Forgejo => {
            let name = |side: &str| {
                let name = event?.pointer(&format!("/pull_request/{side}/repo/full_name"))?;
                name.as_str().map(str::to_owned)
            };
            match (name("head"), name("base")) {
                (head, Some(base)) => head.as_ref() != Some(&base),
                _ => environment("SYSTEM_PULLREQUEST_ISFORK").is_some_and(|is| is == "True"),
            }
        }
        Forge::GitLab => {
            let source = environment("CI_MERGE_REQUEST_SOURCE_PROJECT_ID");
            source.is_some() && source != environment("CI_MERGE_REQUEST_PROJECT_ID")
        }
        Forge::AzureDevOps => {
            environment("SYSTEM_PULLREQUEST_ISFORK").is_some_and(|is| is == "True")
        }
        Forge::Bitbucket => false,
    }
}

/// The token for a host.
///
/// # Errors
///
/// If no variable holds one, or none that can be sent.
pub fn token(forge: Forge, environment: Environment<'_>) -> Result<Token, Untold> {
    let found = |variables: &[&'static str]| {
        variables.iter().find_map(|&variable| {
            let value = environment(variable)?.trim().to_owned();
            (!value.is_empty()).then_some((variable, value))
        })
    };
    let is_visible = |value: &str| value.bytes().all(|byte| byte.is_ascii_graphic());
    let of = |variables: &[&'static str], header, before: &str, help| {
        let (variable, value) = found(variables).ok_or(Untold::Token(help))?;
        if !is_visible(&value) {
            return Err(Untold::OddToken(variable));
        }
        Ok(Token {
            header,
            value: format!("{before}{value}"),
            variable,
            secret: value,
        })
    };
    match forge {
        Forge::GitHub => of(
            &["GITHUB_TOKEN", "GH_TOKEN"],
            "Authorization",
            "Bearer ",
            "set GITHUB_TOKEN, in Actions `env: { GITHUB_TOKEN: \"${{ github.token }}\" }` with `permissions: { pull-requests: write }`",
        ),
        Forge::GitLab => of(
            &["GITLAB_TOKEN"],
            "PRIVATE-TOKEN",
            "",
            "set GITLAB_TOKEN to a project access token with the scope `api`; GitLab lets CI_JOB_TOKEN write no comments",
        ),
        Forge::Gitea | Forge::Forgejo => of(
            &["GITEA_TOKEN", "FORGEJO_TOKEN", "GITHUB_TOKEN"],
            "Authorization",
            "token ",
            "set GITEA_TOKEN or FORGEJO_TOKEN, in Actions to `${{ github.token }}`",
        ),
        Forge::Bitbucket => {
            let help = "set BITBUCKET_TOKEN to an access token of the repository that may write pull requests";
            let bearer = of(&["BITBUCKET_TOKEN"], "Authorization", "Bearer ", help)?;
            // A token of a person goes with their address.
            Ok(
                match environment("BITBUCKET_EMAIL").filter(|email| !email.is_empty()) {
                    Some(email) => {
                        let secret = bearer.value.strip_prefix("Bearer ").unwrap_or_default();
                        basic(&email, secret, bearer.variable)
                    }
                    None => bearer,
                },
            )
        }
        Forge::AzureDevOps => {
            let help = "set SYSTEM_ACCESSTOKEN, in a pipeline `env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }`, or \
                        AZURE_DEVOPS_TOKEN to a personal one";
            let personal = of(&["AZURE_DEVOPS_TOKEN"], "Authorization", "", help);
            match personal {
                Ok(personal) => Ok(basic("", &personal.value, personal.variable)),
                Err(Untold::Token(_)) => {
                    of(&["SYSTEM_ACCESSTOKEN"], "Authorization", "Bearer ", help)
                }
                Err(odd) => Err(odd),
            }
        }
    }
}

fn basic(user: &str, secret: &str, variable: &'static str) -> Token {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{secret}"));
    Token {
        header: "Authorization",
        value: format!("Basic {pair}"),
        variable,
        secret: secret.to_owned(),
    }
}

/// What to do about a refusal, where that is known.
#[must_use]
pub fn help(forge: Forge, status: u16, token: &Token) -> Option<String> {
    let variable = token.variable;
    let permission = match forge {
        Forge::GitHub => {
            "in Actions `permissions: { contents: read, pull-requests: write }`, else the same of the token"
        }
        Forge::GitLab => "the scope `api`, and the role Reporter or more in the project",
        Forge::Gitea | Forge::Forgejo => {
            "`write:issue` and `read:user`, and access to the repository"
        }
        Forge::Bitbucket => "the scope to write pull requests (`pullrequest:write`)",
        Forge::AzureDevOps => {
            "the permission `Contribute to pull requests` on the repository, in a pipeline for its build service"
        }
    };
    match status {
        401 => Some(format!("the token in {variable} is not valid here, or no longer: make a new one")),
        403 => Some(format!("the token in {variable} may not do that; it needs {permission}")),
        404 => Some(format!(
            "either there is no such repository or pull request (--repository, --pull-request, --api-url), or the token in \
             {variable} may not see it; it needs {permission}"
        )),
        301 | 302 | 307 | 308 => Some(
            "the repository, or the host, has another name now: give that with --repository or --api-url".to_owned(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::json;

    use super::*;

    fn in_job(
        variables: &[(&str, &str)],
        told: &Told,
        event: Option<&Value>,
    ) -> Result<Place, Untold> {
        let environment = |name: &str| {
            let mut named = variables.iter().filter(|(one, _)| *one == name);
            named.next().map(|(_, value)| (*value).to_owned())
        };
        place(told, &environment, event)
    }

    fn on(forge: Forge) -> Told {
        Told {
            forge: Some(forge),
            ..Told::default()
        }
    }

    fn shown(place: Result<Place, Untold>) -> String {
        let place = place.unwrap();
        let run = place.run.map_or("no run".to_owned(), |run| run.to_string());
        format!(
            "{} {} {} {} ({run})",
            place.forge.name(),
            place.api_url,
            place.repository,
            place.pull_request
        )
    }

    #[test]
    fn each_kind_of_job_tells_where_it_runs() {
        let none = Told::default();
        let github = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_API_URL", "https://ghe.example.org/api/v3"),
            ("GITHUB_REPOSITORY", "acme/infra"),
            ("GITHUB_REF", "refs/pull/12/merge"),
            ("GITHUB_RUN_ID", "9"),
            ("GITHUB_RUN_ATTEMPT", "2"),
        ];
        assert_eq!(
            shown(in_job(&github, &none, None)),
            "GitHub https://ghe.example.org/api/v3 acme/infra 12 (github 9.2)"
        );
        let gitea = [
            ("GITHUB_ACTIONS", "true"),
            ("GITEA_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://git.example.org/"),
            ("GITHUB_REPOSITORY", "acme/infra"),
            ("GITHUB_REF", "refs/pull/12/head"),
        ];
        assert_eq!(
            shown(in_job(&gitea, &none, None)),
            "Gitea https://git.example.org/api/v1 acme/infra 12 (no run)"
        );
        let pipelines_for_github = [
            ("BUILD_REPOSITORY_PROVIDER", "GitHub"),
            ("BUILD_REPOSITORY_NAME", "acme/infra"),
            ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "12"),
            ("SYSTEM_PULLREQUEST_PULLREQUESTID", "99999"),
            ("BUILD_BUILDID", "5"),
        ];
        assert_eq!(
            shown(in_job(&pipelines_for_github, &none, None)),
            "GitHub https://api.github.com acme/infra 12 (azure 5.0)"
        );
        let atlantis = [
            ("BASE_REPO_OWNER", "acme"),
            ("BASE_REPO_NAME", "infra"),
            ("PULL_NUM", "12"),
        ];
        assert_eq!(
            shown(in_job(&atlantis, &on(Forge::GitHub), None)),
            "GitHub https://api.github.com acme/infra 12 (no run)"
        );
        let jenkins = [("CHANGE_ID", "12"), ("BUILD_NUMBER", "4")];
        let told = Told {
            repository: Some("group/sub/infra".into()),
            ..on(Forge::GitLab)
        };
        assert_eq!(
            shown(in_job(&jenkins, &told, None)),
            "GitLab https://gitlab.com/api/v4 group/sub/infra 12 (jenkins 4.0)"
        );
    }

    #[test]
    fn the_event_tells_the_pull_request_where_the_reference_does_not() {
        let job = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "acme/infra"),
            ("GITHUB_REF", "refs/heads/main"),
        ];
        let event = |head: Value| {
            json!({ "pull_request": { "number": 3, "head": { "repo": head },
                "base": { "repo": { "full_name": "acme/infra" } } } })
        };
        let place = |head| in_job(&job, &Told::default(), Some(&event(head))).unwrap();
        let own = place(json!({ "full_name": "acme/infra" }));
        assert_eq!((own.pull_request, own.is_from_fork), (3, false));
        assert!(place(json!({ "full_name": "mallory/infra" })).is_from_fork);
        // The copy was removed meanwhile.
        assert!(place(json!(null)).is_from_fork);
        let push = in_job(
            &job,
            &Told::default(),
            Some(&json!({ "ref": "refs/heads/main" })),
        );
        assert!(
            push.unwrap_err()
                .to_string()
                .contains("event `pull_request`")
        );
    }

    #[test]
    fn what_one_host_tells_of_its_job_is_not_believed_of_another() {
        let job = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_API_URL", "https://api.github.com"),
            ("GITHUB_REPOSITORY", "acme/infra"),
            ("GITHUB_REF", "refs/pull/12/merge"),
        ];
        let told = on(Forge::Gitea);
        assert_eq!(
            in_job(&job, &told, None),
            Err(Untold::Repository("OWNER/NAME"))
        );
        let told = Told {
            repository: Some("a/b".into()),
            pull_request: Some(1),
            ..told
        };
        assert!(matches!(in_job(&job, &told, None), Err(Untold::ApiUrl(_))));
    }

    #[test]
    fn a_token_does_not_show_itself_and_a_broken_one_is_not_sent() {
        let of = |forge, variables: &[(&str, &str)]| {
            let environment = |name: &str| {
                let mut named = variables.iter().filter(|(one, _)| *one == name);
                named.next().map(|(_, value)| (*value).to_owned())
            };
            token(forge, &environment)
        };
        let found = of(
            Forge::GitHub,
            &[("GITHUB_TOKEN", ""), ("GH_TOKEN", "s3cret\n")],
        )
        .unwrap();
        assert_eq!(found.value, "Bearer s3cret");
        assert_eq!(format!("{found:?}"), "the token in GH_TOKEN");
        assert_eq!(
            of(Forge::GitHub, &[("GITHUB_TOKEN", "s3 cret")]),
            Err(Untold::OddToken("GITHUB_TOKEN"))
        );
        assert!(matches!(
            of(Forge::GitLab, &[("CI_JOB_TOKEN", "x")]),
            Err(Untold::Token(_))
        ));
        // user:pass and :pass in base64.
        let bitbucket = [("BITBUCKET_TOKEN", "pass"), ("BITBUCKET_EMAIL", "user")];
        assert_eq!(
            of(Forge::Bitbucket, &bitbucket).unwrap().value,
            "Basic dXNlcjpwYXNz"
        );
        let azure = [("AZURE_DEVOPS_TOKEN", "pass"), ("SYSTEM_ACCESSTOKEN", "x")];
        assert_eq!(
            of(Forge::AzureDevOps, &azure).unwrap().value,
            "Basic OnBhc3M="
        );
    }

    #[test]
    fn a_token_is_concealed_in_whatever_way_somebody_says_it_and_nothing_else_is() {
        use base64::Engine as _;
        let secret = "s3cr3t-TOKEN+xyz";
        let environment = |name: &str| match name {
            "BITBUCKET_TOKEN" => Some(secret.to_owned()),
            "BITBUCKET_EMAIL" => Some("user@example.org".to_owned()),
            _ => None,
        };
        let token = token(Forge::Bitbucket, &environment).unwrap();
        let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let pair = base64(&format!("user@example.org:{secret}"));
        let longer = [
            base64(&format!("Authorization: Bearer {secret}\r\nAccept: x")),
            base64(&format!("{secret}, no")),
            base64(&format!("x{secret}, no")),
        ];
        let said = format!("no {secret}, no s3cr3t-TOKEN%2Bxyz, no Basic {pair}, {longer:?}");
        let concealed = token.conceal(said);
        for part in [secret, "TOKEN", &pair, "czNjcjN0", "MzY3IzdC1UT0tFTi"] {
            assert!(!concealed.contains(part), "{part}: {concealed}");
        }
        for text in longer {
            assert!(!concealed.contains(&text), "{concealed}");
        }
        assert_eq!(token.conceal("not found".to_owned()), "not found");
    }
}
