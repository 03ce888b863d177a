//! Whether a request is sent again is decided in one place: after an attempt, a stream's start, a
//! body that broke.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anthropic::platform::credentials_fn;
use anthropic::transport::Body;
use anthropic::types::Message;
use anthropic::{Client, ClientBuilder, ErrorKind, Request, Result};
use bytes::Bytes;
use serde_json::Value;
use tokio::time::Instant;

use crate::stream_support::{EVENT_STREAM, params, sse, start};
use crate::support::{Reply, Script, builder, client, get};

const SECOND: Duration = Duration::from_secs(1);

/// A body that breaks after its first chunk.
fn broken(first: impl Into<Bytes>) -> Body {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Body::stream(
        futures_util::stream::iter([Ok(first.into()), Err(broken)]),
        None,
    )
}

/// An attempt that fails, a stream that breaks before its first output, and a body that breaks.
#[derive(Debug, Clone, Copy)]
enum Place {
    Attempt,
    Stream,
    Body,
    /// The body of a response that was streamed or not, as the server chose.
    Chosen,
}

const PLACES: [Place; 4] = [Place::Attempt, Place::Stream, Place::Body, Place::Chosen];

impl Place {
    fn reply(self) -> Reply {
        let json = ("content-type", "application/json");
        match self {
            Self::Attempt => Reply::status(503),
            Self::Stream => Reply::new(200, &[EVENT_STREAM], broken(sse(&[start()]))),
            Self::Body | Self::Chosen => Reply::new(200, &[json], broken("{")),
        }
    }

    /// Sends a request with these options; the number of attempts and the time that they took.
    async fn fails(self, build: fn(ClientBuilder) -> ClientBuilder) -> (usize, Duration) {
        let script = Script::new((0..9).map(|_| self.reply()));
        let client = build(builder(&script)).build().unwrap();
        let began = Instant::now();
        let long = params().max_tokens(64_000_u64);
        let error = match self {
            Self::Attempt | Self::Body => get(&client).await.unwrap_err(),
            Self::Stream => {
                let stream = client.messages().stream(params()).await.unwrap();
                stream.final_message().await.unwrap_err()
            }
            Self::Chosen => {
                let request: Request<Message> = client.messages().create(long);
                request.await.unwrap_err()
            }
        };
        assert_eq!(error.attempts() as usize, script.sent().len(), "{self:?}");
        (script.sent().len(), began.elapsed())
    }
}

#[tokio::test(start_paused = true)]
async fn every_place_follows_the_same_policy() {
    for place in PLACES {
        assert_eq!(place.fails(|it| it).await.0, 3, "{place:?}");
        assert_eq!(place.fails(|it| it.max_retries(0)).await.0, 1, "{place:?}");
        assert_eq!(place.fails(|it| it.max_retries(4)).await.0, 5, "{place:?}");
        let (attempts, took) = place
            .fails(|it| it.max_retries(8).total_timeout(2 * SECOND))
            .await;
        assert!((3..=4).contains(&attempts), "{place:?}: {attempts}");
        assert!(
            took < 2 * SECOND,
            "{place:?}: no delay ends after the total limit"
        );
    }
}

/// A client whose credentials are numbered, and how many have been fetched.
fn renewing(script: &Script, count: &'static AtomicU32) -> Client {
    let fetch = || async {
        Ok(format!(
            "token-{}",
            count.fetch_add(1, Ordering::Relaxed) + 1
        ))
    };
    let builder = Client::builder().transport(script.clone()).max_retries(0);
    builder.credentials(credentials_fn(fetch)).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_refused_credential_is_renewed_once_beside_the_retries() {
    static FETCHED: AtomicU32 = AtomicU32::new(0);
    static AGAIN: AtomicU32 = AtomicU32::new(0);
    let script = Script::new([Reply::status(401), Reply::json("{}")]);
    let began = Instant::now();
    get(&renewing(&script, &FETCHED)).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    let sent: Vec<_> = script.sent();
    let tokens = sent
        .iter()
        .map(|sent| sent.header("authorization").unwrap());
    assert_eq!(
        tokens.collect::<Vec<_>>(),
        ["Bearer token-1", "Bearer token-2"]
    );

    // Once, however often it is refused.
    let script = Script::new((0..9).map(|_| Reply::status(401)));
    let error = get(&renewing(&script, &AGAIN)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Authentication, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_renewed_credential_takes_no_retry_away() {
    static FETCHED: AtomicU32 = AtomicU32::new(0);
    let replies = [401, 503, 503].map(Reply::status);
    let script = Script::new(replies.into_iter().chain([Reply::json("{}")]));
    let request = renewing(&script, &FETCHED).get::<Value>("/v1/thing");
    request.max_retries(2).await.unwrap();
    assert_eq!(script.sent().len(), 4);
}

#[tokio::test]
async fn a_static_key_and_a_body_that_is_gone_are_not_sent_twice() {
    static FETCHED: AtomicU32 = AtomicU32::new(0);
    let script = Script::new((0..9).map(|_| Reply::status(401)));
    assert_eq!(get(&client(&script)).await.unwrap_err().attempts(), 1);

    let once = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from("once"))]);
    let request: Request<Value> = renewing(&script, &FETCHED).post("/v1/thing");
    let sending: Result<Value> = request.body("text/plain", Body::stream(once, None)).await;
    assert_eq!(sending.unwrap_err().attempts(), 1);
}
