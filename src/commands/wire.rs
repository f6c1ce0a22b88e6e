//! The only place that talks to a network: requests of `perimeter comment`, to the code host that the command line or the
//! environment names, and to nobody else.
//!
//! Certificates are held against the store of the system, so that a company's own authority is known; proxies are those of
//! the usual variables. No redirect is followed, because the token would go along.

use std::error::Error as _;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::forge::place::Token;
use crate::forge::{Request, Response, Wire};

/// How long one request may take, and how long connecting.
const LONGEST_REQUEST: Duration = Duration::from_secs(60);
const LONGEST_CONNECTING: Duration = Duration::from_secs(10);
/// Bytes of one answer. A page holds a hundred comments of up to a million characters at most, and usually far fewer.
const LONGEST_ANSWER: u64 = 256 * 1024 * 1024;

/// A connection to one code host.
pub(super) struct Connection {
    agent: Agent,
    token: Token,
    made: Instant,
}

impl Connection {
    pub(super) fn new(token: Token) -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(LONGEST_REQUEST))
            .timeout_connect(Some(LONGEST_CONNECTING))
            .user_agent(concat!("perimeter/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self {
            agent,
            token,
            made: Instant::now(),
        }
    }

    fn exchange(&self, request: &Request) -> Result<ureq::http::Response<Body>, ureq::Error> {
        let mut builder = ureq::http::Request::builder()
            .method(request.method.word())
            .uri(&request.url)
            .header(self.token.header, &self.token.value);
        for (name, value) in request.headers {
            builder = builder.header(*name, *value);
        }
        match &request.body {
            Some(body) => {
                let builder = builder.header("Content-Type", "application/json; charset=utf-8");
                self.agent.run(builder.body(body.to_string())?)
            }
            None => self.agent.run(builder.body(())?),
        }
    }
}

impl Wire for Connection {
    fn send(&self, request: &Request) -> Result<Response, String> {
        // Hosts, and what stands before them, echo what they are told.
        let told = |error: ureq::Error| self.token.conceal(told(&error));
        let mut answer = self.exchange(request).map_err(told)?;
        let header = |name: &str| {
            let value = answer.headers().get(name)?.to_str().ok()?;
            Some(value.trim().to_owned())
        };
        let retry_after = header("retry-after").and_then(|value| value.parse().ok());
        let is_exhausted = header("x-ratelimit-remaining").is_some_and(|left| left == "0");
        let status = answer.status().as_u16();
        let body = answer
            .body_mut()
            .with_config()
            .limit(LONGEST_ANSWER)
            .lossy_utf8(true)
            .read_to_string()
            .map_err(told)?;
        let body = self.token.conceal(body);
        Ok(Response {
            status,
            retry_after: retry_after.map(Duration::from_secs),
            is_exhausted,
            body,
        })
    }

    fn wait(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn now(&self) -> Duration {
        self.made.elapsed()
    }

    fn chance(&self) -> f64 {
        // Every state of this kind has keys of its own, drawn at random.
        let drawn = RandomState::new().hash_one(0u8) >> 32;
        u32::try_from(drawn).map_or(0.5, |drawn| f64::from(drawn) / f64::from(u32::MAX))
    }
}

/// An error with what caused it, and what to do where that is known. None of these holds a header.
fn told(error: &ureq::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(&format!(": {cause_text}"));
        }
        source = cause.source();
    }
    if text.contains("invalid peer certificate: UnknownIssuer") {
        text.push_str(
            "; add its authority to the system's store, or name a file with it in SSL_CERT_FILE",
        );
    } else if text.contains("No CA certificates") {
        text.push_str("; install them (ca-certificates), or name a file of them in SSL_CERT_FILE");
    }
    text
}
