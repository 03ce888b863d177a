//! Credentials: where they go, and what happens when they are refused.

use std::pin::Pin;
use std::task::{Context, Poll};

use anthropic::transport::Body;
use anthropic::{ErrorKind, Result};
use bytes::Bytes;
use futures_core::Stream;
use serde_json::Value;

use super::bench::{Bench, error_response, json_response};
use super::calls::{message, params};
use super::wire::{Reply, Seen};
use crate::report::{Verdict, ensure, ensure_eq};

fn success() -> Reply {
    Reply::Response(json_response(200, &message()))
}

fn unauthorized() -> Reply {
    Reply::Response(error_response(401, "authentication_error"))
}

pub(super) async fn refused(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    wire.reply(unauthorized()).reply(success());
    let sent = client.messages().create(params()).await;
    if !bench.renews {
        wire.exactly(1)?;
        let error = bench.error(sent, "an error: the credential is static")?;
        ensure_eq!(error.kind(), ErrorKind::Authentication, "the kind");
        return Ok(());
    }
    let seen = wire.exactly(2)?;
    sent?;
    if let [one, two] = &*seen {
        ensure!(
            one.sent.headers() != two.sent.headers() || one.sent.uri() != two.sent.uri(),
            "the credential that was refused was sent again"
        );
    }
    // Once, not as often as it is refused.
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    wire.reply(unauthorized())
        .reply(unauthorized())
        .reply(success());
    let sent = client.messages().create(params()).await;
    wire.exactly(2)?;
    let error = bench.error(sent, "an error: the credential was refused twice")?;
    ensure_eq!(error.kind(), ErrorKind::Authentication, "the kind");
    Ok(())
}

/// A body that can be read once.
struct Once(Option<Bytes>);

impl Stream for Once {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

pub(super) async fn one_shot(bench: &Bench) -> Verdict {
    let json = Bytes::from_static(b"{\"model\":\"claude-contract-1\",\"name\":\"x\"}");
    for reply in [
        unauthorized(),
        Reply::Response(error_response(529, "overloaded_error")),
    ] {
        let (client, wire) = bench.client(|client| client.max_retries(2))?;
        wire.reply(reply).reply(success()).reply(success());
        let body = Body::stream(Once(Some(json.clone())), None);
        let request = client.post::<Value>("/v1/new-thing");
        let sent = request.body("application/json", body).await;
        let seen = wire.exactly(1)?;
        bench.error(sent, "an error: the body is spent")?;
        for request in seen.iter().map(|seen| &seen.canonical) {
            let found = serde_json::from_slice::<Value>(request.body()).ok();
            ensure_eq!(found, serde_json::from_slice(&json).ok(), "the body");
        }
    }
    Ok(())
}

pub(super) async fn redirect(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    wire.reply(Reply::Redirect(307, None)).reply(success());
    let sent = client.messages().create(params()).await;
    let seen = wire.exactly(2)?;
    sent?;
    if let [one, two] = &*seen {
        ensure_eq!(
            two.sent.uri(),
            one.sent.uri(),
            "the place that was redirected to"
        );
        ensure_eq!(two.sent.body(), one.sent.body(), "the body");
    }
    Ok(())
}

pub(super) async fn elsewhere(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    let place = Some("https://elsewhere.invalid/v1/messages");
    wire.reply(Reply::Redirect(307, place)).reply(success());
    let sent = client.messages().create(params()).await;
    wire.exactly(1)?;
    let error = bench.error(sent, "an error: the place is another origin")?;
    ensure_eq!(error.kind(), ErrorKind::Redirect, "the kind");
    Ok(())
}

fn origin(seen: &Seen) -> String {
    let uri = seen.sent.uri();
    format!(
        "{}://{}",
        uri.scheme_str().unwrap_or_default(),
        uri.authority().map_or("", |authority| authority.as_str())
    )
}

pub(super) async fn one_origin(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    wire.reply(success()).reply(success());
    let sent = client.messages().create(params()).await;
    let absolute = client.post::<Value>("/v1/new-thing").json(&message()).await;
    let seen = wire.exactly(2)?;
    sent?;
    absolute?;
    let origins: Vec<_> = seen.iter().map(origin).collect();
    ensure!(
        origins.windows(2).all(|pair| pair.first() == pair.last()),
        "requests went to {origins:?}"
    );
    Ok(())
}
