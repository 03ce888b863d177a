//! Errors: what a program sees is the same wherever the API is served.

use bytes::Bytes;

use super::bench::{Bench, error_response, summary, typed};
use super::calls::params;
use super::service::Response;
use super::wire::Reply;
use crate::report::{Verdict, ensure_eq};

/// The API's errors.
const ERRORS: [(u16, &str); 9] = [
    (400, "invalid_request_error"),
    (401, "authentication_error"),
    (403, "permission_error"),
    (404, "not_found_error"),
    (413, "request_too_large"),
    (429, "rate_limit_error"),
    (500, "api_error"),
    (504, "timeout_error"),
    (529, "overloaded_error"),
];

async fn like_first_party(bench: &Bench, response: impl Fn() -> Response) -> Verdict {
    let (reference, wire) = Bench::reference()?;
    wire.reply(Reply::Response(response()));
    let wanted = reference.messages().create(params()).await;
    let wanted = bench.error(wanted, "an error of the suite's")?;
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    // A refused credential may be renewed.
    wire.reply(Reply::Response(response()));
    wire.reply(Reply::Response(response()));
    let found = client.messages().create(params()).await;
    wire.accepted()?;
    let found = bench.error(found, "an error")?;
    ensure_eq!(summary(&found), summary(&wanted), "the error");
    Ok(())
}

pub(super) async fn shapes(bench: &Bench) -> Verdict {
    for (status, api_type) in ERRORS {
        like_first_party(bench, || error_response(status, api_type))
            .await
            .map_err(|fault| fault.within(api_type))?;
    }
    Ok(())
}

pub(super) async fn no_json(bench: &Bench) -> Verdict {
    for (status, body) in [
        (502, "<html>Bad Gateway</html>"),
        (503, ""),
        (418, "{\"a\""),
    ] {
        let response = || typed(status, "text/html", Bytes::from_static(body.as_bytes()));
        let (client, wire) = bench.client(|client| client.max_retries(0))?;
        wire.reply(Reply::Response(response()));
        let found = client.messages().create(params()).await;
        wire.exactly(1)?;
        let found = bench.error(found, "an error")?;
        let found = found.status().map(|status| status.as_u16());
        ensure_eq!(found, Some(status), "the status");
    }
    Ok(())
}
