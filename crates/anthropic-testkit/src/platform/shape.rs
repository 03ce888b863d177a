//! What a middleware sees is canonical, whatever the platform makes of it.

use std::sync::{Arc, Mutex, PoisonError};

use anthropic::operation::OperationInfo;
use anthropic::transport::{HttpRequest, HttpResponse};
use anthropic::{Client, Middleware, Next, Result, middleware_fn};
use http::HeaderMap;
use serde_json::{Value, json};

use super::bench::{Bench, error_response, event_stream, json_response};
use super::calls::{count, message, params};
use super::service::Response;
use super::streams::{ERROR, events, one};
use super::wire::{Reply, Wire};
use crate::report::{Verdict, ensure_eq};

const BETA: &str = "one-2026-01-01";

/// A request and its response, as they passed a middleware.
#[derive(Debug, PartialEq)]
struct Passed {
    method: String,
    /// The path and the query behind the base URL's path.
    target: String,
    version: Option<String>,
    betas: Vec<String>,
    body: Option<Value>,
    status: u16,
    media_type: Option<String>,
    request_id: Option<String>,
    /// The JSON of the response, or that of its events.
    response: Vec<Value>,
}

#[derive(Debug, Clone, Default)]
struct Passages(Arc<Mutex<Vec<(Passed, String)>>>);

impl Passages {
    fn middleware(&self) -> impl Middleware {
        let passages = self.clone();
        middleware_fn(move |request, next| {
            let passages = passages.clone();
            Box::pin(async move { passages.pass(request, next).await })
        })
    }

    async fn pass(&self, request: HttpRequest, next: Next<'_>) -> Result<HttpResponse> {
        let (parts, body) = request.into_parts();
        let sent = body.bytes().await?;
        let target = parts.uri.path_and_query().map(ToString::to_string);
        let betas = parts.headers.get_all("anthropic-beta").iter();
        let betas = betas.flat_map(|value| value.to_str().unwrap_or_default().split(','));
        // The suite's client may have others of its own.
        let betas = betas.map(|beta| beta.trim().to_owned());
        let betas = betas.filter(|beta| beta == BETA);
        let (method, betas) = (parts.method.to_string(), betas.collect());
        let version = header(&parts.headers, "anthropic-version");
        let debug = format!("{parts:?}");
        let request = HttpRequest::from_parts(parts, sent.clone().into());

        let (parts, body) = next.run(request).await?.into_parts();
        let received = body.bytes().await?;
        let media_type = header(&parts.headers, "content-type");
        let media_type = media_type.and_then(|it| Some(it.split(';').next()?.trim().to_owned()));
        let passed = Passed {
            method,
            target: target.unwrap_or_default(),
            version,
            betas,
            body: serde_json::from_slice(&sent).ok(),
            status: parts.status.as_u16(),
            request_id: header(&parts.headers, "request-id"),
            response: read(&received, media_type.as_deref()),
            media_type,
        };
        let passages = self.0.lock();
        let debug = format!("{debug} {passed:?} {parts:?}");
        let mut passages = passages.unwrap_or_else(PoisonError::into_inner);
        passages.push((passed, debug));
        Ok(HttpResponse::from_parts(parts, received.into()))
    }

    fn take(&self) -> Vec<(Passed, String)> {
        let passages = self.0.lock();
        std::mem::take(&mut *passages.unwrap_or_else(PoisonError::into_inner))
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn read(body: &[u8], media_type: Option<&str>) -> Vec<Value> {
    let text = String::from_utf8_lossy(body);
    // What is no JSON is kept as text, so that it differs.
    let value =
        |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!({"no JSON": text}));
    if media_type != Some("text/event-stream") {
        return vec![value(&text)];
    }
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.map(|data| value(data.trim_start())).collect()
}

/// A call, and what the server responds.
struct Exchange {
    id: &'static str,
    call: for<'a> fn(&'a Client) -> anthropic::BoxFuture<'a, Result<()>>,
    response: fn() -> Response,
}

const EXCHANGES: [Exchange; 5] = [
    Exchange {
        id: "messages.create",
        call: |client| Box::pin(async { client.messages().create(params()).await.map(drop) }),
        response: || json_response(200, &message()),
    },
    Exchange {
        id: "messages.create",
        call: |client| Box::pin(async { client.messages().create(params()).await.map(drop) }),
        response: || error_response(429, "rate_limit_error"),
    },
    Exchange {
        id: "messages.count_tokens",
        call: |client| Box::pin(async { client.messages().count_tokens(count()).await.map(drop) }),
        response: || json_response(200, &json!({"input_tokens": 7})),
    },
    Exchange {
        id: "messages.stream",
        call: stream,
        response: || event_stream(one()),
    },
    Exchange {
        id: "messages.stream",
        call: stream,
        response: || event_stream(events(one(), 3) + ERROR),
    },
];

fn stream(client: &Client) -> anthropic::BoxFuture<'_, Result<()>> {
    Box::pin(async {
        let stream = client.messages().stream(params()).await?;
        stream.final_message().await.map(drop)
    })
}

/// Whether the platform serves an operation; one that the client does not list is served.
fn is_served(client: &Client, id: &str) -> bool {
    let info: Option<&OperationInfo> = anthropic::operations()
        .iter()
        .find(|it| it.id() == id)
        .copied();
    info.is_none_or(|info| client.supports(info).is_ok())
}

pub(super) async fn canonical(bench: &Bench) -> Verdict {
    for (number, exchange) in EXCHANGES.iter().enumerate() {
        let passages = Passages::default();
        let middleware = passages.middleware();
        let (client, wire) = bench.client(|client| {
            let client = client.max_retries(0).beta(BETA);
            client.middleware(middleware)
        })?;
        if !is_served(&client, exchange.id) {
            continue;
        }
        let found = passed(&client, &wire, exchange, &passages).await?;
        for (_, debug) in &found {
            bench.note(debug);
        }

        let passages = Passages::default();
        let middleware = passages.middleware();
        let (reference, wire) =
            Bench::reference_with(|client| client.beta(BETA).middleware(middleware))?;
        let wanted = passed(&reference, &wire, exchange, &passages).await?;
        let only = |passed: Vec<(Passed, String)>| -> Vec<_> {
            passed.into_iter().map(|(passed, _)| passed).collect()
        };
        let place = format!("what passed a middleware, {} ({number})", exchange.id);
        ensure_eq!(only(found), only(wanted), place);
    }
    Ok(())
}

async fn passed(
    client: &Client,
    wire: &Wire,
    exchange: &Exchange,
    passages: &Passages,
) -> Verdict<Vec<(Passed, String)>> {
    wire.reply(Reply::Response((exchange.response)()));
    // Whether it succeeds is for other checks; here it is what was seen on the way.
    drop((exchange.call)(client).await);
    wire.exactly(1)?;
    let base: http::Uri = client.base_url().parse().unwrap_or_default();
    let mut passed = passages.take();
    for (passed, _) in &mut passed {
        let below = passed
            .target
            .strip_prefix(base.path().trim_end_matches('/'));
        passed.target = below.unwrap_or_default().to_owned();
    }
    Ok(passed)
}
