//! Requests that are sent again: each is authorized anew.

use std::time::Duration;

use http::HeaderValue;

use super::bench::{Bench, error_response, json_response, same_request};
use super::calls::{message, params};
use super::wire::Reply;
use crate::report::{Verdict, ensure, ensure_eq};

fn success() -> Reply {
    Reply::Response(json_response(200, &message()))
}

fn overload() -> Reply {
    Reply::Response(error_response(529, "overloaded_error"))
}

pub(super) async fn overloaded(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(2))?;
    let internal = Reply::Response(error_response(500, "api_error"));
    wire.reply(overload()).reply(internal).reply(success());
    let response = client.messages().create(params()).with_response().await;
    let seen = wire.exactly(3)?;
    ensure_eq!(response?.meta().attempts(), 3, "the attempts");
    for pair in seen.windows(2) {
        if let [one, two] = pair {
            same_request(&two.canonical, &one.canonical)?;
        }
    }
    Ok(())
}

pub(super) async fn connection(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(1))?;
    wire.reply(Reply::Refused).reply(success());
    let sent = client.messages().create(params()).await;
    wire.exactly(2)?;
    sent?;
    Ok(())
}

pub(super) async fn retry_after(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(1))?;
    let mut response = error_response(429, "rate_limit_error");
    let seconds = HeaderValue::from_static("7");
    response.headers_mut().insert("retry-after", seconds);
    wire.reply(Reply::Response(response)).reply(success());
    let sent = client.messages().create(params()).await;
    let seen = wire.exactly(2)?;
    sent?;
    if let [one, two] = &*seen {
        let waited = two.at.saturating_sub(one.at);
        ensure!(
            waited >= Duration::from_secs(7),
            "the server asked for 7 s, and {waited:?} passed"
        );
    }
    Ok(())
}

pub(super) async fn none(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    wire.reply(overload()).reply(success());
    let sent = client.messages().create(params()).await;
    wire.exactly(1)?;
    let error = bench.error(sent, "an error")?;
    ensure_eq!(error.attempts(), 1, "the attempts");
    Ok(())
}
