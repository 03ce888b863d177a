//! One token for all requests of a client: kept as long as it is good, renewed once for all that
//! need it.
//!
//! A renewal runs in a task of its own and not in the request that began it: a refresh token can be
//! used once, so the token that came for it must be stored even if that request is dropped.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use anthropic_types::Secret;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tracing::Instrument;

use super::exchange::Exchange;
use super::failure::Failure;
use super::token::{ADVISORY, MANDATORY, Token};
use crate::pipeline::platform::MaybeReady;
use crate::{BoxFuture, Error, Result};

/// After a renewal that failed, or that brought a token good for a short while only, the next one
/// waits for so long where there is a token that is good.
const REST: Duration = Duration::from_secs(5);

/// More renewals than this that come to nothing are no accident.
const MOST_WAITS: u32 = 4;

/// Where a cache gets its tokens from.
pub(super) trait Fetch: Send + Sync + 'static {
    /// A token that isn't the one that was refused, if that can be had.
    fn fetch(
        self: Arc<Self>,
        exchange: Exchange,
        refused: Option<Secret>,
    ) -> BoxFuture<'static, Result<Token, Failure>>;
}

/// The cache. Its clones are the same one.
#[derive(Clone)]
pub(super) struct Cache(Arc<Inner>);

struct Inner {
    fetch: Arc<dyn Fetch>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The token that the server refused, until there is another one.
    refused: Option<Held>,
    running: Option<Renewal>,
    /// How many renewals there were.
    number: u64,
    /// When the next one may be begun, by the clock, while the token is good.
    rests_until: Duration,
}

#[derive(Clone)]
struct Held {
    token: Token,
    header: HeaderValue,
}

/// A renewal on its way.
#[derive(Clone)]
struct Renewal {
    number: u64,
    /// Whether it knows of the refused token.
    forced: bool,
    outcome: watch::Receiver<Option<Outcome>>,
}

type Outcome = Result<HeaderValue, Failure>;

enum Step {
    Use(HeaderValue),
    Wait(Renewal),
}

impl Cache {
    pub(super) fn new(fetch: Arc<dyn Fetch>) -> Self {
        Self(Arc::new(Inner {
            fetch,
            state: Mutex::default(),
        }))
    }

    /// The header with the token.
    pub(super) fn header(&self, exchange: Exchange) -> MaybeReady<'static, Result<HeaderValue>> {
        match self.step(&exchange) {
            Ok(Step::Use(header)) => MaybeReady::ready(Ok(header)),
            Ok(Step::Wait(renewal)) => {
                let cache = self.clone();
                MaybeReady::pending(async move { cache.wait(renewal, exchange).await })
            }
            Err(error) => MaybeReady::ready(Err(error)),
        }
    }

    /// Drops the token, if it is the one that the server refused.
    pub(super) fn refuse(&self, used: &HeaderMap) {
        let mut state = self.state();
        let used = used.get(AUTHORIZATION);
        if state.held.as_ref().map(|held| &held.header) == used {
            state.refused = state.held.take();
        }
    }

    /// When the token that is held expires.
    pub(super) fn expires_at(&self) -> Option<SystemTime> {
        self.state().held.as_ref()?.token.expiry()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a request does: it uses the token, or waits for the renewal, which it may begin.
    fn step(&self, exchange: &Exchange) -> Result<Step> {
        let now = exchange.wall();
        let mut state = self.state();
        if let Some(held) = &state.held {
            let rests = || exchange.clock().now() < state.rests_until;
            let is_good = held.token.outlasts(ADVISORY, now)
                || (held.token.outlasts(MANDATORY, now) && (state.running.is_some() || rests()));
            if is_good {
                return Ok(Step::Use(held.header.clone()));
            }
        }
        if let Some(renewal) = &state.running {
            return Ok(Step::Wait(renewal.clone()));
        }
        let runtime = Handle::try_current().map_err(|error| {
            Error::config("profiles and federation need a tokio runtime, and none is running")
                .caused_by(error)
        })?;
        let (sender, outcome) = watch::channel(None);
        state.number += 1;
        let refused = state.refused.as_ref();
        let refused = refused.map(|held| held.token.secret().clone());
        let renewal = Renewal {
            number: state.number,
            forced: refused.is_some(),
            outcome,
        };
        state.running = Some(renewal.clone());
        let task = Task {
            cache: self.clone(),
            number: renewal.number,
            outcome: sender,
        };
        // A runtime that is shutting down drops the task at once, which then ends the renewal.
        drop(state);
        runtime.spawn(task.run(exchange.clone(), refused).in_current_span());
        Ok(Step::Wait(renewal))
    }

    async fn wait(self, mut renewal: Renewal, exchange: Exchange) -> Result<HeaderValue> {
        for _ in 0..MOST_WAITS {
            let outcome = renewal.outcome.wait_for(Option::is_some).await;
            let outcome = outcome.ok().and_then(|outcome| outcome.clone());
            match outcome {
                Some(Ok(header)) if renewal.forced || !self.is_refused(&header) => {
                    return Ok(header);
                }
                Some(Err(failure)) => return Err(failure.error()),
                // It was refused meanwhile, or the renewal ended with the runtime that it ran on.
                Some(Ok(_)) | None => match self.step(&exchange)? {
                    Step::Use(header) => return Ok(header),
                    Step::Wait(next) => renewal = next,
                },
            }
        }
        Err(Error::config(
            "the access token's renewal ends before it returns one",
        ))
    }

    fn is_refused(&self, header: &HeaderValue) -> bool {
        let state = self.state();
        state.refused.as_ref().map(|held| &held.header) == Some(header)
    }
}

/// A renewal, as it runs. However it ends, it is no longer the running one.
struct Task {
    cache: Cache,
    number: u64,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Task {
    async fn run(self, exchange: Exchange, refused: Option<Secret>) {
        let fetch = || {
            self.cache
                .0
                .fetch
                .clone()
                .fetch(exchange.clone(), refused.clone())
        };
        let mut fetched = fetch().await;
        let status = fetched.as_ref().err().and_then(Failure::status);
        if status == Some(StatusCode::UNAUTHORIZED) {
            tracing::debug!("the token endpoint refused (401), and is asked once more");
            fetched = fetch().await;
        }
        let outcome = self.finish(fetched, &exchange);
        self.outcome.send_replace(Some(outcome));
    }

    /// Keeps the token, or the old one as long as it is good.
    fn finish(&self, fetched: Result<Token, Failure>, exchange: &Exchange) -> Outcome {
        let held = |token: Token| {
            let header = token.header()?;
            Ok(Held { token, header })
        };
        let mut state = self.cache.state();
        state.end(self.number);
        let mut failure: Failure = match fetched.and_then(held) {
            // A token that was refused while it was fetched is used by those who waited for it.
            Ok(held) if state.refuses(&held) => return Ok(held.header),
            Ok(held) => {
                let header = held.header.clone();
                if !held.token.outlasts(ADVISORY, exchange.wall()) {
                    // Else each request would renew it, for all of its life.
                    state.rests_until = exchange.clock().now().saturating_add(REST);
                }
                state.refused = None;
                state.held = Some(held);
                return Ok(header);
            }
            Err(failure) => failure,
        };
        let fallback = failure.take_fallback().and_then(|token| held(token).ok());
        let old = state.held.clone().or(fallback);
        let now = exchange.wall();
        let old = old.filter(|old| old.token.outlasts(MANDATORY, now) && !state.refuses(old));
        let Some(old) = old else {
            return Err(failure);
        };
        state.rests_until = exchange.clock().now().saturating_add(REST);
        state.held = Some(old.clone());
        drop(state);
        tracing::warn!(
            error = %failure.error(),
            "the access token could not be renewed; the old one is used until it expires"
        );
        Ok(old.header)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.cache.state().end(self.number);
    }
}

impl State {
    fn end(&mut self, number: u64) {
        if self.running.as_ref().is_some_and(|it| it.number == number) {
            self.running = None;
        }
    }

    fn refuses(&self, held: &Held) -> bool {
        let refused = self.refused.as_ref();
        refused.is_some_and(|refused| refused.header == held.header)
    }
}

/// A cache for each base URL: a token of one deployment is none of another's.
#[derive(Default)]
pub(super) struct Caches(Mutex<Vec<(Arc<str>, Cache)>>);

/// More base URLs than this no program has at a time; the one that was used first is dropped.
const MOST: usize = 16;

impl Caches {
    /// The cache of a base URL, made if there is none; `make` learns whether it is the first one.
    pub(super) fn of(
        &self,
        base_url: &Arc<str>,
        make: impl FnOnce(bool) -> Arc<dyn Fetch>,
    ) -> Cache {
        let mut caches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, cache)) = caches.iter().find(|(known, _)| known == base_url) {
            return cache.clone();
        }
        let cache = Cache::new(make(caches.is_empty()));
        if caches.len() == MOST {
            caches.remove(1);
        }
        caches.push((base_url.clone(), cache.clone()));
        cache
    }

    pub(super) fn refuse(&self, used: &HeaderMap) {
        let caches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, cache) in &*caches {
            cache.refuse(used);
        }
    }

    /// When the token of the first base URL expires.
    pub(super) fn expires_at(&self) -> Option<SystemTime> {
        let caches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        caches.first()?.1.expires_at()
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caches")
    }
}
