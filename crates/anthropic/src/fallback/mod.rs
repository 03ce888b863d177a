//! Fallbacks to other models where one declines.
//!
//! [`RefusalFallback`] is a middleware that asks the next model of a list where a message ends in a
//! refusal, streamed or not. The caller sees one message, with a `fallback` block at each place
//! where one model took over from another, as the API's own parameter `fallbacks` makes it. It
//! is for models that the parameter does not serve, and for lists of the program's own.
//!
//! ```
//! use anthropic::Client;
//! use anthropic::fallback::RefusalFallback;
//! use anthropic::types::Model;
//!
//! let fallback = RefusalFallback::new([Model::CLAUDE_OPUS_4_8]);
//! let client = Client::builder().api_key("key").middleware(fallback).build()?;
//! # Ok::<(), anthropic::Error>(())
//! ```

mod asking;
mod blocks;
mod body;
mod chain;
mod failure;
mod frames;
mod reader;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anthropic_types::{Beta, Fallback};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use self::asking::Asking;
use self::body::{Object, Original};
use self::failure::is_busy;
use crate::request::headers::ANTHROPIC_BETA;
use crate::transport::{HttpRequest, HttpResponse};
use crate::{Attempt, BoxFuture, Error, ErrorKind, Middleware, Next, Result};

/// The route of messages.
const MESSAGES: &str = "/v1/messages";

/// A middleware that asks other models where one declines. See the [module](self).
///
/// - Each entry, a model or a [`Fallback`], changes the request as the caller sent it: what it sets
///   is in place of the request's, `output_config` key by key.
/// - A refusal's credit token goes with the next request, so that its cache is billed as if it had
///   been warm; a token that can't be redeemed fails nothing. It sends the beta
///   `fallback-credit-2026-07-01` for that.
/// - In a stream the next model continues what the one before has written, where the refusal allows
///   that, and begins anew otherwise. A refusal before any output leaves no trace but the
///   `fallback` block. One in mid-stream is the caller's unless it has a credit token.
/// - A model that can't be asked is passed over, and so is one that fails before it has any output:
///   with an error in place of a message, or a response that ends. None of these requests is
///   retried by itself. Where no model is left, the caller gets the refusal, with
///   `recommended_model` where the last one was too busy.
/// - A request with `speed: "fast"` whose entry leaves the speed open is sent once more without,
///   where the model is too busy.
/// - `fallback` blocks of earlier messages are taken out of the requests. A request with the
///   parameter `fallbacks` fails.
///
/// `usage` of a streamed message has a step in `iterations` for each model; that of another message
/// is the last model's. Calls of tools before a `fallback` block are not to run; a
/// [run](mod@crate::tools) does not, and starts none early.
#[derive(Clone)]
#[must_use = "a middleware does nothing until a client or a request has it"]
pub struct RefusalFallback {
    entries: Arc<[Entry]>,
    accepted: Option<Arc<AtomicUsize>>,
}

/// A model of the list, and what it changes.
pub(crate) struct Entry {
    model: String,
    patch: Object,
}

impl RefusalFallback {
    /// Asks these models, in order. Of none it does nothing.
    pub fn new(models: impl IntoIterator<Item = impl Into<Fallback>>) -> Self {
        let entries = models.into_iter().map(|fallback| {
            let fallback = fallback.into();
            let model = fallback.model.as_str().to_owned();
            let patch = match serde_json::to_value(&fallback) {
                Ok(Value::Object(patch)) => patch,
                _ => Object::new(),
            };
            Entry { model, patch }
        });
        Self {
            entries: entries.collect(),
            accepted: None,
        }
    }

    /// Begins later requests at the model that took over last, rather than at one that has
    /// declined.
    ///
    /// It holds for this value and its clones: make one for each conversation, and give it to its
    /// requests by [`RequestOptions::middleware`](crate::RequestOptions::middleware).
    pub fn sticky(mut self) -> Self {
        self.accepted = Some(Arc::default());
        self
    }

    /// The model that took over last, where it is [sticky](Self::sticky).
    pub fn accepted(&self) -> Option<&str> {
        let entry = self.entries.get(self.first().checked_sub(1)?)?;
        Some(&entry.model)
    }

    /// The first entry to fall back to.
    fn first(&self) -> usize {
        let accepted = self.accepted.as_ref();
        let first = accepted.map_or(0, |accepted| accepted.load(Ordering::Relaxed));
        first.min(self.entries.len())
    }

    async fn run(&self, mut request: HttpRequest, next: Next<'_>) -> Result<HttpResponse> {
        let first = self.first();
        let bytes = request.body().as_bytes().cloned();
        let Some(bytes) = bytes.filter(|_| is_message(&request) && !self.entries.is_empty()) else {
            return next.run(request).await;
        };
        add_beta(request.headers_mut(), &Beta::FALLBACK_CREDIT_2026_07_01)?;
        // A long prompt is not read unless there is something to change.
        let pinned = first.checked_sub(1).and_then(|at| self.entries.get(at));
        let mentions = memchr::memmem::find(&bytes, b"fallback").is_some();
        let mut original = None;
        if mentions || pinned.is_some() {
            let Some(read) = Original::read(&bytes)? else {
                return next.run(request).await;
            };
            *request.body_mut() = match pinned {
                Some(entry) => read.patched(&entry.patch, None, &[]),
                None => read.bytes(),
            }
            .into();
            original = Some(read);
        }
        let (parts, body) = request.into_parts();
        let again = parts.clone();
        let mut response = next.run(HttpRequest::from_parts(parts, body)).await?;
        if let (Some(entry), Some(original)) = (pinned, &original) {
            if is_busy(response.status()) && original.inherits_fast(&entry.patch) {
                // Fast output has limits of its own.
                let body = original.without_speed(&entry.patch, None, &[]).into();
                response = next
                    .run(HttpRequest::from_parts(again.clone(), body))
                    .await?;
            }
        }
        if first == self.entries.len() || !response.status().is_success() {
            return Ok(response);
        }
        let original = match original {
            Some(original) => original,
            None => match Original::read(&bytes)? {
                Some(original) => original,
                None => return Ok(response),
            },
        };
        let asking = Asking {
            entries: Arc::clone(&self.entries),
            first,
            accepted: self.accepted.clone(),
            model: pinned.map_or_else(|| original.model(), |entry| entry.model.clone()),
            original,
            parts: again,
            next: next.owned(),
        };
        let content_type = response.headers().get(CONTENT_TYPE);
        let streamed =
            content_type.is_some_and(|it| it.as_bytes().starts_with(b"text/event-stream"));
        if streamed {
            Ok(asking.spliced(response))
        } else {
            asking.whole(response).await
        }
    }
}

impl Middleware for RefusalFallback {
    // Compiled where there is such a middleware.
    #[inline]
    fn handle<'a>(
        &'a self,
        request: HttpRequest,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<HttpResponse>> {
        Box::pin(self.run(request, next))
    }
}

/// Only the models' names: what the entries change may be secret.
impl fmt::Debug for RefusalFallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let models: Vec<&str> = self.entries.iter().map(|it| it.model.as_str()).collect();
        f.debug_struct("RefusalFallback")
            .field("models", &models)
            .field("accepted", &self.accepted())
            .finish()
    }
}

fn is_message(request: &HttpRequest) -> bool {
    let attempt = request.extensions().get::<Attempt>();
    request.method() == Method::POST && attempt.is_some_and(|attempt| attempt.route == MESSAGES)
}

/// Adds a beta to those that are sent.
fn add_beta(headers: &mut HeaderMap, beta: &Beta) -> Result<()> {
    let sent = headers.get(ANTHROPIC_BETA).and_then(|it| it.to_str().ok());
    let sent = sent.unwrap_or_default();
    if sent.split(',').any(|it| it.trim() == beta.as_str()) {
        return Ok(());
    }
    let all = match sent {
        "" => beta.as_str().to_owned(),
        sent => format!("{sent},{}", beta.as_str()),
    };
    let value = HeaderValue::from_str(&all)
        .map_err(|_| Error::new(ErrorKind::Middleware, "a beta's name is no header value"))?;
    headers.insert(ANTHROPIC_BETA, value);
    Ok(())
}
