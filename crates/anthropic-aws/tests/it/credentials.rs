//! What requests are signed with, and what a refusal changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use anthropic::transport::HttpRequest;
use anthropic::{CredentialKind, ErrorKind};
use anthropic_aws::{bedrock, bedrock_mantle, bedrock_messages, claude_platform};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Provided;

use crate::support::{Hanging, Role, Server, message, params};

fn refusing(name: &'static str, accepted: &'static str) -> Server {
    Server::new(move |request| {
        let given = request.headers()["authorization"].to_str().unwrap();
        if given.contains(accepted) {
            return message(request);
        }
        let response = http::Response::builder().status(403);
        let response = response.header("x-amzn-errortype", name);
        response.body(r#"{"message":"no"}"#.to_owned()).unwrap()
    })
}

#[tokio::test]
async fn expired_credentials_are_fetched_once_more() {
    let server = refusing("ExpiredTokenException", "AKID1");
    let client = server.client(bedrock().region("eu-west-1").credentials(Role::default()));
    client.messages().create(params("m")).await.unwrap();
    client.messages().create(params("m")).await.unwrap();
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn other_refusals_and_lasting_credentials_are_not_repeated() {
    let server = refusing("AccessDeniedException", "AKID1");
    let client = server.client(bedrock().region("eu-west-1").credentials(Role::default()));
    client.messages().create(params("m")).await.unwrap_err();
    assert_eq!(server.requests().len(), 1);
    let server = refusing("ExpiredTokenException", "none");
    let client = server.client(
        bedrock()
            .region("eu-west-1")
            .access_key("AKID", "secret", None),
    );
    client.messages().create(params("m")).await.unwrap_err();
    assert_eq!(server.requests().len(), 1);
}

/// A server whose clock is an hour ahead, and which accepts only what was signed by it.
fn ahead() -> Server {
    let ahead = SystemTime::now() + Duration::from_hours(1);
    let right = httpdate::fmt_http_date(ahead);
    Server::new(move |request| {
        let date = request.headers()["x-amz-date"].to_str().unwrap().to_owned();
        let hour = httpdate::fmt_http_date(ahead);
        let hour = hour
            .split_whitespace()
            .nth(4)
            .unwrap()
            .split(':')
            .next()
            .unwrap();
        if date.get(9..11) == Some(hour) {
            return message(request);
        }
        let response = http::Response::builder().status(403).header("date", &right);
        let response = response.header("x-amzn-errortype", "InvalidSignatureException");
        response
            .body(r#"{"message":"Signature expired"}"#.to_owned())
            .unwrap()
    })
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_once() {
    let server = ahead();
    let client = server.client(
        bedrock()
            .region("eu-west-1")
            .access_key("AKID", "secret", None),
    );
    client.messages().create(params("m")).await.unwrap();
    client.messages().create(params("m")).await.unwrap();
    assert_eq!(server.requests().len(), 3, "the correction is kept");
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_for_all_requests_of_the_same_time() {
    let server = ahead();
    let bedrock = bedrock().region("eu-west-1");
    let client = server.client(bedrock.access_key("AKID", "secret", None));
    let create = || async { client.messages().create(params("m")).await };
    let (one, two) = tokio::join!(create(), create());
    one.unwrap();
    two.unwrap();
    assert_eq!(server.requests().len(), 4);
}

/// Credentials without an expiry, others from the second time on if they change.
#[derive(Debug, Clone)]
struct Endless(Arc<AtomicU32>, bool);

impl ProvideCredentials for Endless {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        let number = if self.1 { number.min(1) } else { 0 };
        let id = format!("AKID{number}");
        Provided::ready(Ok(Credentials::new(id, "secret", None, None, "test")))
    }
}

#[tokio::test]
async fn credentials_without_an_expiry_are_fetched_anew_once_they_are_refused() {
    let endless = Endless(Arc::default(), true);
    let server = refusing("ExpiredTokenException", "AKID1");
    let client = server.client(bedrock().region("eu-west-1").credentials(endless.clone()));
    client.messages().create(params("m")).await.unwrap();
    client.messages().create(params("m")).await.unwrap();
    assert_eq!(server.requests().len(), 3);
    assert_eq!(endless.0.load(Ordering::SeqCst), 2);

    // Those that stay the same are sent once more, and not again for each request.
    let endless = Endless(Arc::default(), false);
    let client = server.client(bedrock().region("eu-west-1").credentials(endless.clone()));
    for sent in [2, 1, 1] {
        client.messages().create(params("m")).await.unwrap_err();
        assert_eq!(server.requests().len(), sent);
    }
    // They are asked for each time: they may have changed.
    assert_eq!(endless.0.load(Ordering::SeqCst), 4);
}

/// Services whose refusals have the API's form, with AWS's name in a header or without.
#[tokio::test]
async fn a_refusal_in_the_apis_form_renews_credentials() {
    for name in [Some("ExpiredTokenException"), None] {
        for builder in [
            bedrock_mantle(),
            bedrock_messages(),
            claude_platform().workspace_id("w"),
        ] {
            let server = Server::new(move |request| {
                let given = request.headers()["authorization"].to_str().unwrap();
                if given.contains("AKID1") {
                    return message(request);
                }
                let mut response = http::Response::builder().status(401);
                if let Some(name) = name {
                    response = response.header("x-amzn-errortype", name);
                }
                let body =
                    r#"{"type":"error","error":{"type":"authentication_error","message":"no"}}"#;
                response.body(body.to_owned()).unwrap()
            });
            let client = server.client(builder.region("eu-west-1").credentials(Role::default()));
            client.messages().create(params("m")).await.unwrap();
            assert_eq!(server.requests().len(), 2);
        }
    }
}

/// Is away, and takes a moment to be so.
#[derive(Debug, Clone, Default)]
struct Away(Arc<AtomicU32>);

impl ProvideCredentials for Away {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        Provided::new(async {
            self.0.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(1)).await;
            Err(CredentialsError::not_loaded("there are none"))
        })
    }
}

#[tokio::test]
async fn requests_at_the_same_time_share_a_failure_to_fetch() {
    let server = Server::new(message);
    let away = Away::default();
    let client = server.client(bedrock().region("eu-west-1").credentials(away.clone()));
    let create = || async { client.messages().create(params("m")).await.unwrap_err() };
    let (one, two, three) = tokio::join!(create(), create(), create());
    for error in [one, two, three] {
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(text.contains("no AWS credentials were found"), "{text}");
    }
    assert_eq!(away.0.load(Ordering::SeqCst), 1);
    // The next one asks again.
    create().await;
    assert_eq!(away.0.load(Ordering::SeqCst), 2);
}

/// A server whose clock shows something else, and which refuses everything as `name`.
fn elsewhen(name: &'static str) -> Server {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_hours(1));
    Server::new(move |_| {
        let response = http::Response::builder().status(403).header("date", &date);
        let response = response.header("x-amzn-errortype", name);
        response.body(r#"{"message":"no"}"#.to_owned()).unwrap()
    })
}

#[tokio::test]
async fn a_clock_is_corrected_only_where_the_signature_is_refused() {
    for (name, requests) in [
        ("AccessDeniedException", 1),
        ("UnrecognizedClientException", 1),
        ("InvalidSignatureException", 2),
        ("SignatureDoesNotMatch", 2),
        ("RequestTimeTooSkewed", 2),
        ("RequestExpired", 2),
        ("RequestInTheFuture", 2),
    ] {
        let server = elsewhen(name);
        let bedrock = bedrock().region("eu-west-1");
        let client = server.client(bedrock.access_key("AKID", "secret", None));
        client.messages().create(params("m")).await.unwrap_err();
        let sent = server.requests();
        assert_eq!(sent.len(), requests, "{name}");
        let hour =
            |request: &HttpRequest| request.headers()["x-amz-date"].as_bytes()[..11].to_vec();
        if let [first, second] = &sent[..] {
            assert_ne!(hour(first), hour(second), "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_never_arrive_end_with_the_attempts_time() {
    let server = Server::new(message);
    let client = server.client(bedrock().region("eu-west-1").credentials(Hanging));
    let started = tokio::time::Instant::now();
    let create = || async {
        let request = client.messages().create(params("m"));
        request.timeout(Duration::from_secs(7)).await.unwrap_err()
    };
    // The second waits for the first one's.
    let (one, two) = tokio::join!(create(), create());
    for error in [one, two] {
        assert_eq!(error.kind(), ErrorKind::Timeout);
        let text = error.to_string();
        assert!(
            text.contains("AWS credentials were not fetched within 7s"),
            "{text}"
        );
    }
    assert_eq!(started.elapsed(), Duration::from_secs(7));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn requests_at_the_same_time_fetch_credentials_once() {
    let server = Server::new(message);
    let role = Role::default();
    let client = server.client(bedrock().region("eu-west-1").credentials(role.clone()));
    let create = || async { client.messages().create(params("m")).await };
    let (one, two, three) = tokio::join!(create(), create(), create());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(role.fetched(), 1);
}

/// Issues credentials that are good for so many seconds, once; then it is down, if it is.
#[derive(Debug, Clone)]
struct Down(Arc<AtomicU32>, u64, bool);

impl ProvideCredentials for Down {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        let provided = if self.0.fetch_add(1, Ordering::SeqCst) == 0 || !self.2 {
            let expiry = SystemTime::now() + Duration::from_secs(self.1);
            Ok(Credentials::new(
                "AKID",
                "secret",
                None,
                Some(expiry),
                "test",
            ))
        } else {
            Err(CredentialsError::provider_error("the service is down"))
        };
        Provided::ready(provided)
    }
}

#[tokio::test]
async fn credentials_that_can_not_be_renewed_are_used_while_they_are_good() {
    // Good for a while still, and for too short a time.
    for (seconds, is_good) in [(121, true), (20, false)] {
        let server = Server::new(message);
        let down = Down(Arc::default(), seconds, true);
        let client = server.client(bedrock().region("eu-west-1").credentials(down.clone()));
        client.messages().create(params("m")).await.unwrap();
        // Two minutes before they expire, others are fetched.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        for _ in 0..3 {
            let sent = client.messages().create(params("m")).await;
            assert_eq!(sent.is_ok(), is_good, "{sent:?}");
        }
        // The service is left alone for a moment.
        let asked = down.0.load(Ordering::SeqCst);
        assert!(if is_good { asked == 2 } else { asked >= 4 }, "{asked}");
    }
}

#[tokio::test]
async fn credentials_with_a_short_life_are_not_fetched_for_each_request() {
    for (seconds, fetched) in [(3600, 1), (90, 1), (20, 4)] {
        let server = Server::new(message);
        let role = Down(Arc::default(), seconds, false);
        let client = server.client(bedrock().region("eu-west-1").credentials(role.clone()));
        for _ in 0..4 {
            client.messages().create(params("m")).await.unwrap();
        }
        assert_eq!(role.0.load(Ordering::SeqCst), fetched, "{seconds} seconds");
    }
}

#[tokio::test]
async fn where_the_credential_comes_from_is_known_and_until_when() {
    let server = Server::new(message);
    let region = || bedrock().region("eu-west-1");
    for (builder, kind) in [
        (region().api_key("key"), CredentialKind::PlatformKey),
        (region().anonymous(), CredentialKind::Anonymous),
    ] {
        assert_eq!(server.client(builder).credential_source(), kind.into());
    }
    let client = server.client(region().credentials(Role::default()));
    let source = client.credential_source();
    assert_eq!(source, CredentialKind::PlatformSignature.into());
    client.messages().create(params("m")).await.unwrap();
    let expiry = client.credential_source().expires_at.unwrap();
    let left = expiry.duration_since(SystemTime::now()).unwrap();
    assert!(left > Duration::from_mins(59), "{left:?}");
    assert!(left <= Duration::from_hours(1), "{left:?}");
    // Those that don't expire.
    let client = server.client(region().access_key("AKID", "secret", None));
    client.messages().create(params("m")).await.unwrap();
    assert_eq!(client.credential_source(), source);
}
