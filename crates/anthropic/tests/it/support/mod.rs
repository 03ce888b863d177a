//! What the tests share: a scripted transport and a server that speaks just enough HTTP.

mod script;
pub(crate) mod server;
#[cfg(feature = "hyper")]
pub(crate) mod tls;
pub(crate) mod traces;

use anthropic::{Client, ClientBuilder};
use serde_json::Value;

pub(crate) use script::{Reply, Script, Sent};

/// A builder with a key, whose requests go to the script.
pub(crate) fn builder(script: &Script) -> ClientBuilder {
    traces::watch();
    Client::builder()
        .api_key("canary-key-7f3a")
        .transport(script.clone())
}

pub(crate) fn client(script: &Script) -> Client {
    builder(script).build().unwrap()
}

/// A request to nowhere in particular.
pub(crate) async fn get(client: &Client) -> anthropic::Result<Value> {
    client.get("/v1/thing").await
}
