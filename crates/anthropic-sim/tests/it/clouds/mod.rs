//! The clouds: their paths, bodies, errors, and where credentials come from.

mod bedrock;
mod credentials;
mod others;

use anthropic_sim::{Builder, Platform, Simulator};
use serde_json::{Value, json};

use crate::client::{Answer, send};

fn cloud(platform: Platform) -> Builder {
    Simulator::builder().platform(platform)
}

async fn started(platform: Platform) -> Simulator {
    cloud(platform).start().await.unwrap()
}

const VERSION: &str = "2026-10-21";

/// A request for a message, without what is elsewhere.
fn hello() -> Value {
    json!({"max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]})
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "callers write the fields in place"
)]
fn hello_with(fields: Value) -> Value {
    let mut body = hello();
    let given = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(given);
    body
}

/// Posts JSON with these headers and no others of the API's.
async fn post(simulator: &Simulator, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut all = vec![("content-type", "application/json")];
    for name in ["x-api-key", "anthropic-version"] {
        if !headers.iter().any(|(given, _)| *given == name) {
            all.push((name, ""));
        }
    }
    all.extend_from_slice(headers);
    send(
        simulator.url(),
        "POST",
        path,
        &all,
        body.to_string().as_bytes(),
    )
    .await
}

const BEARER: (&str, &str) = ("authorization", "Bearer some-key");
