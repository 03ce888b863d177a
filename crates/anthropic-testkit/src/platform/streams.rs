//! Streams, whatever the platform's framing.

use anthropic::{Client, ErrorKind};
use bytes::Bytes;

use super::bench::{Bench, error_response, event_stream, summary};
use super::calls::params;
use super::wire::{Reply, Wire};
use crate::report::{Fault, Verdict, ensure, ensure_eq};

const TRANSCRIPTS: [(&str, &str); 7] = [
    ("citations", include_str!("../../transcripts/citations.sse")),
    (
        "compaction",
        include_str!("../../transcripts/compaction.sse"),
    ),
    (
        "fallback_unknown",
        include_str!("../../transcripts/fallback_unknown.sse"),
    ),
    (
        "interleaved",
        include_str!("../../transcripts/interleaved.sse"),
    ),
    ("refusal", include_str!("../../transcripts/refusal.sse")),
    (
        "thinking_tool_use",
        include_str!("../../transcripts/thinking_tool_use.sse"),
    ),
    (
        "web_search",
        include_str!("../../transcripts/web_search.sse"),
    ),
];

pub(super) const ERROR: &str = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\
    \"message\":\"Overloaded\"},\"request_id\":\"req_contract\"}\n\n";

pub(super) fn one() -> &'static str {
    TRANSCRIPTS.first().map_or("", |(_, text)| text)
}

/// The first events of a transcript.
pub(super) fn events(text: &str, count: usize) -> String {
    text.split_inclusive("\n\n").take(count).collect()
}

pub(super) async fn transcripts(bench: &Bench) -> Verdict {
    for (name, text) in TRANSCRIPTS {
        let (reference, wire) = Bench::reference()?;
        wire.reply(Reply::Response(event_stream(text)));
        let stream = reference.messages().stream(params()).await?;
        let wanted = stream.final_message().await?;
        for chunk in [1, 7, 100, usize::MAX] {
            let shape = |wire: Wire| wire.in_chunks(chunk);
            let (client, wire) = bench.client_over(|client| client.max_retries(0), shape)?;
            wire.reply(Reply::Response(event_stream(text)));
            let stream = client.messages().stream(params()).await;
            wire.exactly(1)?;
            let found = async { stream?.final_message().await };
            let found = found.await.map_err(|error| {
                Fault::new(format!("{name} in pieces of {chunk} bytes: {error}"))
            })?;
            ensure!(
                found == wanted,
                "{name} in pieces of {chunk} bytes is another message than first-party"
            );
        }
    }
    Ok(())
}

pub(super) async fn as_they_arrive(bench: &Bench) -> Verdict {
    let (client, wire) =
        bench.client_over(|client| client.max_retries(0), |wire| wire.in_chunks(16))?;
    wire.reply(Reply::Stalls(event_stream(one()), 2_000));
    let mut stream = client.messages().stream(params()).await?;
    wire.exactly(1)?;
    // The rest never comes; a platform that waits for it runs into the limit.
    ensure!(
        stream.try_next().await?.is_some(),
        "the stream has no event"
    );
    Ok(())
}

/// How a stream fails, with whether it did so before its first event.
async fn failure(client: &Client) -> Result<anthropic::types::Message, anthropic::Error> {
    client
        .messages()
        .stream(params())
        .await?
        .final_message()
        .await
}

async fn like_first_party(bench: &Bench, text: &str) -> Verdict<anthropic::Error> {
    let (reference, wire) = Bench::reference()?;
    wire.reply(Reply::Response(event_stream(text.to_owned())));
    let wanted = bench.error(failure(&reference).await, "an error of the suite's")?;
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    wire.reply(Reply::Response(event_stream(text.to_owned())));
    let found = failure(&client).await;
    wire.exactly(1)?;
    let found = bench.error(found, "an error")?;
    ensure_eq!(summary(&found), summary(&wanted), "the error");
    Ok(found)
}

pub(super) async fn errors(bench: &Bench) -> Verdict {
    for before in [0, 1, 3, 8] {
        let text = events(one(), before) + ERROR;
        let error = like_first_party(bench, &text).await?;
        ensure!(
            error.is_in_stream(),
            "the error is not marked as one of a stream"
        );
    }
    Ok(())
}

pub(super) async fn ended_early(bench: &Bench) -> Verdict {
    for before in [1, 3, 8] {
        let error = like_first_party(bench, &events(one(), before)).await?;
        ensure_eq!(error.kind(), ErrorKind::StreamTruncated, "the kind");
    }
    Ok(())
}

pub(super) async fn broken(bench: &Bench) -> Verdict {
    for at in [0, 1, 10, 100, 400] {
        let (client, wire) = bench.client(|client| client.max_retries(0))?;
        wire.reply(Reply::Cut(event_stream(one()), at));
        let found = failure(&client).await;
        wire.exactly(1)?;
        bench.error(found, &format!("an error after {at} bytes"))?;
    }
    Ok(())
}

pub(super) async fn refused(bench: &Bench) -> Verdict {
    let response = || Reply::Response(error_response(429, "rate_limit_error"));
    let (reference, wire) = Bench::reference()?;
    wire.reply(response());
    let wanted = bench.error(failure(&reference).await, "an error of the suite's")?;
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    wire.reply(response());
    let found = failure(&client).await;
    wire.exactly(1)?;
    let found = bench.error(found, "an error")?;
    ensure_eq!(summary(&found), summary(&wanted), "the error");
    // Nothing but an event stream is one.
    let (client, wire) = bench.client(|client| client.max_retries(0))?;
    let page = super::bench::typed(200, "text/html", Bytes::from_static(b"<html>Log in</html>"));
    wire.reply(Reply::Response(page));
    bench.error(failure(&client).await, "an error about a page")?;
    Ok(())
}
