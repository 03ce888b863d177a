//! The contract that every platform and every credential has to keep, checked by
//! `anthropic-testkit`.

use std::sync::atomic::{AtomicU32, Ordering};

use anthropic_testkit::{Received, Request, Service};
use http::Uri;
use outside::{Gateway, Tokens};

const TOKEN: &str = "canary";

fn tokens() -> Tokens {
    Tokens::new(Uri::from_static("https://login.example/token"))
}

/// The gateway's servers and the login service.
#[derive(Debug)]
struct Servers {
    issued: AtomicU32,
    wants_team: bool,
}

impl Servers {
    fn new(wants_team: bool) -> Self {
        Self {
            issued: AtomicU32::new(0),
            wants_team,
        }
    }
}

impl Service for Servers {
    fn receive(&self, request: Request) -> Received {
        if request.uri().host() == Some("login.example") {
            let number = self.issued.fetch_add(1, Ordering::Relaxed);
            return Received::Own(http::Response::new(format!("{TOKEN}-{number}").into()));
        }
        let header = |name: &str| request.headers().get(name).and_then(|it| it.to_str().ok());
        let token = header("authorization").and_then(|it| it.strip_prefix("Bearer canary-"));
        let issued = self.issued.load(Ordering::Relaxed);
        let is_valid = token
            .and_then(|it| it.parse::<u32>().ok())
            .is_some_and(|it| it < issued);
        if !is_valid {
            return Received::Refused("no token of ours".to_owned());
        }
        if self.wants_team && header("x-team") != Some("maps") {
            return Received::Refused("no team".to_owned());
        }
        Received::Api(request)
    }
}

#[tokio::test]
async fn the_gateway_is_a_platform() {
    let gateway = || {
        Gateway::new(
            Uri::from_static("https://gateway.example"),
            "maps",
            tokens(),
        )
    };
    let suite = anthropic_testkit::platform(move |client| client.platform(gateway()));
    let suite = suite.service(Servers::new(true)).secret(TOKEN).renews();
    suite.run().await.assert();
}

#[tokio::test]
async fn the_tokens_are_credentials() {
    let suite = anthropic_testkit::platform(|client| client.credentials(tokens()));
    let suite = suite.service(Servers::new(false)).secret(TOKEN).renews();
    suite.run().await.assert();
}
