//! Requests arrive as the first-party platform's do, and their responses come back.

use anthropic::ErrorKind;
use anthropic::operation::OperationInfo;
use serde_json::{Value, json};

use super::bench::{Bench, json_response, same_request, summary};
use super::calls::{CALLS, Call, count, message, params};
use super::wire::Reply;
use crate::report::{Fault, Verdict, ensure, ensure_eq};

pub(super) async fn create(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    let (reference, wanted_wire) = Bench::reference()?;
    let reply = || Reply::Response(json_response(200, &message()));
    wire.reply(reply());
    wanted_wire.reply(reply());
    let response = client.messages().create(params()).with_response().await;
    wire.accepted()?;
    let response = response?;
    let wanted = reference.messages().create(params()).await?;
    let id = response.meta().request_id().map(ToOwned::to_owned);
    ensure_eq!(id.as_deref(), Some("req_contract"), "the request id");
    ensure!(
        response.into_inner() == wanted,
        "the message is another one than first-party"
    );
    let (seen, wanted) = (wire.exactly(1)?, wanted_wire.exactly(1)?);
    for (seen, wanted) in seen.iter().zip(&wanted) {
        same_request(&seen.canonical, &wanted.canonical)?;
    }
    Ok(())
}

fn operation(id: &str) -> Verdict<&'static OperationInfo> {
    let found = anthropic::operations().iter().find(|it| it.id() == id);
    let missing = || Fault::new(format!("the client has no operation `{id}`"));
    found.copied().ok_or_else(missing)
}

pub(super) async fn count_tokens(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    if client
        .supports(operation("messages.count_tokens")?)
        .is_err()
    {
        return Err(Fault::Skip("the platform does not count tokens".to_owned()));
    }
    wire.reply(Reply::Response(json_response(
        200,
        &json!({"input_tokens": 7}),
    )));
    let counted = client.messages().count_tokens(count()).await;
    wire.exactly(1)?;
    ensure_eq!(counted?.input_tokens, 7, "the tokens");
    Ok(())
}

pub(super) async fn operations(bench: &Bench) -> Verdict {
    for call in CALLS {
        let (client, wire) = bench.client(|client| client.max_retries(0))?;
        let id = call.id;
        if let Err(refusal) = client.supports(operation(id)?) {
            ensure_eq!(refusal.kind(), ErrorKind::Unsupported, format!("`{id}`"));
            let error = bench.error((call.send)(&client).await, "that it is unsupported")?;
            ensure_eq!(error.kind(), ErrorKind::Unsupported, format!("`{id}`"));
            wire.exactly(0)?;
            continue;
        }
        let Call { send, response, .. } = call;
        let (reference, wanted_wire) = Bench::reference()?;
        for wire in [&wire, &wanted_wire] {
            wire.reply(Reply::Response(json_response(200, &response())));
        }
        let sent = send(&client).await;
        let seen = wire.exactly(1)?;
        let wanted = send(&reference).await;
        ensure_eq!(
            sent.map_err(|error| summary(&error)),
            wanted.map_err(|error| summary(&error)),
            format!("the result of `{id}`")
        );
        for (seen, wanted) in seen.iter().zip(&wanted_wire.exactly(1)?) {
            same_request(&seen.canonical, &wanted.canonical).map_err(|fault| fault.within(id))?;
        }
    }
    Ok(())
}

pub(super) async fn undocumented(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    wire.reply(Reply::Response(json_response(200, &json!({"new": true}))));
    let body = json!({"model": "claude-contract-1", "name": "x"});
    let sent = client.post::<Value>("/v1/new-thing").json(&body).await;
    let seen = wire.exactly(1)?;
    ensure_eq!(sent?, json!({"new": true}), "the response");
    for request in seen.iter().map(|seen| &seen.canonical) {
        ensure_eq!(request.uri().path(), "/v1/new-thing", "the path");
        let found = serde_json::from_slice::<Value>(request.body()).ok();
        ensure_eq!(found.as_ref(), Some(&body), "the body");
    }
    Ok(())
}

pub(super) async fn headers(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.header("x-client", "one").max_retries(0))?;
    wire.reply(Reply::Response(json_response(200, &message())));
    let request = client.messages().create(params());
    let sent = request.header("x-request", "two, three").await;
    let seen = wire.exactly(1)?;
    sent?;
    for (name, value) in [("x-client", "one"), ("x-request", "two, three")] {
        for headers in seen.iter().map(|seen| seen.canonical.headers()) {
            let found = headers.get(name).and_then(|value| value.to_str().ok());
            ensure_eq!(found, Some(value), format!("header `{name}`"));
        }
    }
    Ok(())
}

pub(super) async fn betas(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.beta("one-2026-01-01").max_retries(0))?;
    wire.reply(Reply::Response(json_response(200, &message())));
    let request = client.messages().create(params());
    let sent = request.beta("two-2026-01-02").await;
    let seen = wire.exactly(1)?;
    sent?;
    for headers in seen.iter().map(|seen| seen.canonical.headers()) {
        let mut betas = Vec::new();
        for value in headers.get_all("anthropic-beta") {
            let value = value.to_str().unwrap_or_default();
            betas.extend(value.split(',').map(str::trim));
        }
        for beta in ["one-2026-01-01", "two-2026-01-02"] {
            ensure!(
                betas.contains(&beta),
                "`{beta}` is not among the betas that arrived: {betas:?}"
            );
        }
    }
    Ok(())
}
