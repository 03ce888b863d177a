//! The least that a client with a pool of connections does: hyper-util's legacy client over plain
//! HTTP.
//!
//! `pooled URL CASE SIZE`. It decodes a message into owned structs written by hand, and splits
//! streams at blank lines without decoding what is between them. It checks no more than the status.

use std::error::Error;

use bench_streams::report;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use memchr::memmem;
use serde::Deserialize;
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Pool = Client<HttpConnector, Full<Bytes>>;

/// What the SDK sends for the same request.
const BODY: &str = r#"{"model":"claude-opus-5-5","max_tokens":1024,"messages":[{"role":"user","content":"Hello"}]}"#;

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding is what is measured")]
struct Message {
    id: String,
    r#type: String,
    role: String,
    model: String,
    content: Vec<Block>,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    usage: Usage,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding is what is measured")]
struct Block {
    r#type: String,
    text: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding is what is measured")]
struct Usage {
    input_tokens: u64,
    output_tokens: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let mut next = || args.next().ok_or("usage: pooled URL CASE SIZE");
    let (url, case, size) = (next()?, next()?, next()?);
    let count: usize = size.parse()?;
    let pool: Pool = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let mut base = 0;
    let check = match case.as_str() {
        "plain" => {
            let url = format!("{url}/plain/{size}/v1/messages");
            let mut length = 0;
            for _ in 0..count {
                length += plain(&pool, &url).await?;
            }
            length
        }
        "events" => {
            events(pool.clone(), format!("{url}/text/1/v1/messages")).await?;
            base = report::memory("VmRSS");
            let url = format!("{url}/together/{size}/v1/messages");
            let mut tasks = JoinSet::new();
            for _ in 0..count {
                tasks.spawn(events(pool.clone(), url.clone()));
            }
            let mut total = 0;
            while let Some(seen) = tasks.join_next().await {
                total += seen??;
            }
            total
        }
        _ => return Err("no such case".into()),
    };
    report::print(check, base);
    Ok(())
}

fn request(url: &str) -> Result<Request<Full<Bytes>>> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, "bench")
        .header(CONTENT_TYPE, "application/json")
        .header("anthropic-version", "2023-06-01")
        .header(AUTHORIZATION, "Bearer sk-bench");
    Ok(request.body(Full::new(Bytes::from(BODY)))?)
}

async fn plain(pool: &Pool, url: &str) -> Result<u64> {
    let response = pool.request(request(url)?).await?;
    if !response.status().is_success() {
        return Err("refused".into());
    }
    let body = response.into_body().collect().await?.to_bytes();
    let message: Message = serde_json::from_slice(&body)?;
    Ok(message
        .content
        .iter()
        .map(|block| block.text.len() as u64)
        .sum())
}

/// How many events a stream has.
async fn events(pool: Pool, url: String) -> Result<u64> {
    let response = pool.request(request(&url)?).await?;
    if !response.status().is_success() {
        return Err("refused".into());
    }
    let mut body = response.into_body();
    let (mut rest, mut seen) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        rest.extend_from_slice(&data);
        let mut at = 0;
        while let Some(end) = memmem::find(&rest[at..], b"\n\n") {
            seen += 1;
            at += end + 2;
        }
        rest.drain(..at);
    }
    Ok(seen)
}
