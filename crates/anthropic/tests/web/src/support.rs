//! What tests share: where the servers are, clients, checks.

use std::fmt::{self, Debug, Display};

use anthropic::types::{MessageCreateParams, Model};
use anthropic::{Client, ClientBuilder};
use js_sys::futures::JsFuture;
use js_sys::{Function, Promise, Reflect};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};

use crate::Outcome;

/// The key that must never go anywhere else.
pub const KEY: &str = "sk-ant-canary";

/// Where the servers are.
#[derive(Clone)]
pub struct Place {
    pub simulator: String,
    pub helper: String,
}

/// Why a test failed.
pub struct Failed(String);

impl Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub fn failed<T>(text: impl Display) -> Result<T, Failed> {
    Err(Failed(text.to_string()))
}

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut next = error.source();
        while let Some(source) = next {
            text = format!("{text}\n  {source}");
            next = source.source();
        }
        Self(text)
    }
}

impl Place {
    pub fn builder(&self) -> ClientBuilder {
        builder().base_url(&self.simulator)
    }

    pub fn client(&self) -> Result<Client, Failed> {
        Ok(self.builder().build()?)
    }

    /// A client of the helper's, whose path says what it does; `max_retries` is 0.
    pub fn helped(&self, path: &str) -> Result<Client, Failed> {
        let url = format!("{}/{path}", self.helper);
        Ok(builder().base_url(url).max_retries(0).build()?)
    }

    /// The same under a name that is another origin than that of the page, which comes from the
    /// helper.
    pub fn helped_elsewhere(&self, path: &str) -> Result<Client, Failed> {
        let url = format!("{}/{path}", self.helper.replace("127.0.0.1", "localhost"));
        Ok(builder().base_url(url).max_retries(0).build()?)
    }

    /// What the helper has seen of requests with this id.
    pub async fn seen(&self, id: &str) -> Result<Value, Failed> {
        fetch_json(&format!("{}/seen/{id}", self.helper)).await
    }

    /// Waits until the helper has seen that a request's connection was closed.
    pub async fn sees_the_close(&self, id: &str) -> Outcome {
        for _ in 0..50 {
            if self.seen(id).await?["closed"] == 1 {
                return Ok(());
            }
            sleep(50).await;
        }
        failed(format!(
            "the connection stays open: {}",
            self.seen(id).await?
        ))
    }
}

fn builder() -> ClientBuilder {
    Client::builder().api_key(KEY).dangerous_allow_browser()
}

pub fn hello() -> MessageCreateParams {
    MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name three rivers.")
}

/// An id of nothing else.
pub fn unique() -> String {
    format!("t{}", (js_sys::Math::random() * 1e15) as u64)
}

pub async fn sleep(millis: u32) {
    let promise = Promise::new(&mut |resolve: Function, _| {
        let set: Function = global("setTimeout").unchecked_into();
        set.call2(
            &JsValue::UNDEFINED,
            &resolve,
            &JsValue::from_f64(millis.into()),
        )
        .unwrap();
    });
    let _ = JsFuture::from(promise).await;
}

pub fn global(name: &str) -> JsValue {
    Reflect::get(&js_sys::global(), &JsValue::from_str(name)).unwrap_or_default()
}

/// What the place calls itself.
fn user_agent() -> String {
    let name = Reflect::get(&global("navigator"), &JsValue::from_str("userAgent"));
    name.ok().and_then(|it| it.as_string()).unwrap_or_default()
}

/// Whether this is a browser, which hides where redirects lead and why a connection failed.
pub fn is_browser() -> bool {
    user_agent().starts_with("Mozilla/")
}

/// Whether what came last is lost if the connection is closed at the same time: in browsers and in
/// Bun.
pub fn loses_what_it_has() -> bool {
    is_browser() || user_agent().starts_with("Bun/")
}

/// Whether the platform says why a connection could not be made: neither browsers nor Cloudflare's
/// runtime do.
pub fn names_causes() -> bool {
    !is_browser() && user_agent() != "Cloudflare-Workers"
}

/// Past the client.
pub async fn fetch_json(url: &str) -> Result<Value, Failed> {
    let thrown = |value: JsValue| Failed(format!("{value:?}"));
    let fetch: Function = global("fetch").unchecked_into();
    let promise: Promise = fetch
        .call1(&JsValue::UNDEFINED, &JsValue::from_str(url))
        .map_err(thrown)?
        .unchecked_into();
    let response = JsFuture::from(promise).await.map_err(thrown)?;
    let text: Function = Reflect::get(&response, &JsValue::from_str("text"))
        .map_err(thrown)?
        .unchecked_into();
    let promise: Promise = text.call0(&response).map_err(thrown)?.unchecked_into();
    let text = JsFuture::from(promise).await.map_err(thrown)?;
    Ok(serde_json::from_str(&text.as_string().unwrap_or_default())?)
}

pub fn same<T: PartialEq + Debug>(found: T, wanted: T) -> Outcome {
    if found == wanted {
        return Ok(());
    }
    failed(format!("found {found:?}, not {wanted:?}"))
}

pub fn holds(is_so: bool, what: impl Display) -> Outcome {
    if is_so { Ok(()) } else { failed(what) }
}

/// The error of what should fail.
pub fn error<T>(result: anthropic::Result<T>) -> Result<anthropic::Error, Failed> {
    match result {
        Ok(_) => failed("it should have failed"),
        Err(error) => {
            let text = format!("{error} {error:?}");
            holds(!text.contains(KEY), "the error has the key")?;
            Ok(error)
        }
    }
}
