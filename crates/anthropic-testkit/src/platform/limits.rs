//! Limits and cancellation: nothing outlasts them.

use std::future::Future;
use std::time::Duration;

use anthropic::{Clock as _, ErrorKind};

use super::bench::{Bench, event_stream};
use super::calls::params;
use super::clock::FastClock;
use super::wire::Reply;
use crate::report::{Fault, Verdict, ensure, ensure_eq};

pub(super) async fn timeout(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    wire.reply(Reply::Never);
    let clock = FastClock::new();
    let limit = Duration::from_secs(20);
    let sent = client.messages().create(params()).timeout(limit).await;
    let took = clock.now();
    wire.exactly(1)?;
    let error = bench.error(sent, "a timeout")?;
    ensure_eq!(error.kind(), ErrorKind::Timeout, "the kind");
    ensure!(took >= limit, "{took:?} passed of a limit of {limit:?}");
    ensure_eq!(wire.open(), 0, "requests under way after the timeout");
    Ok(())
}

/// Waits until something holds.
async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}

/// Runs a future until something holds.
async fn drive<F: Future + Unpin>(future: &mut F, holds: impl Fn() -> bool) -> Verdict {
    tokio::select! {
        biased;
        _ = future => Err(Fault::new("there is a result, and the server sent none")),
        () = until(holds) => Ok(()),
    }
}

pub(super) async fn dropped_request(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    wire.reply(Reply::Never);
    let mut sending = client.messages().create(params()).send();
    drive(&mut sending, || !wire.seen().is_empty()).await?;
    wire.exactly(1)?;
    drop(sending);
    until(|| wire.open() == 0).await;
    Ok(())
}

pub(super) async fn dropped_stream(bench: &Bench) -> Verdict {
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    let transcript = include_str!("../../transcripts/citations.sse");
    wire.reply(Reply::Stalls(event_stream(transcript), 2_000));
    let stream = client.messages().stream(params()).await?;
    wire.exactly(1)?;
    drop(stream);
    until(|| wire.open() == 0).await;
    Ok(())
}
