//! How an operation's response becomes a stream, or a message that was streamed.

use std::pin::pin;

use anthropic_types::{Decode, Message};
use http::header::CONTENT_TYPE;

use super::lines::JsonLines;
use super::message_stream::MessageStream;
use super::reader::EVENT_STREAM;
use crate::clock::within;
use crate::incoming::Incoming;
use crate::transport::Body;
use crate::{BoxFuture, Error, Result};

/// Opens a message as a stream.
pub(crate) fn open_message_stream(incoming: Incoming) -> BoxFuture<'static, Result<MessageStream>> {
    Box::pin(MessageStream::open(incoming))
}

/// Opens a message that comes whole or as a stream, whichever the server chose.
pub(crate) fn open_message(incoming: Incoming) -> BoxFuture<'static, Result<Message>> {
    Box::pin(async move {
        if is_media(&incoming, EVENT_STREAM) {
            return MessageStream::open(incoming).await?.final_message().await;
        }
        whole(incoming).await?.json()
    })
}

/// Opens rows of JSON, each on its line.
pub(crate) fn open_json_lines<T: Decode + Send + 'static>(
    incoming: Incoming,
) -> BoxFuture<'static, Result<JsonLines<T>>> {
    Box::pin(async move {
        // The API sends rows under more than one media type; a web page it never sends.
        if is_media(&incoming, "text/html") {
            return Err(match incoming.expect_media("application/x-jsonl").await {
                Ok(incoming) => return Ok(JsonLines::open(incoming)),
                Err(error) => error,
            });
        }
        Ok(JsonLines::open(incoming))
    })
}

fn is_media(incoming: &Incoming, media: &str) -> bool {
    let found = incoming.headers().get(CONTENT_TYPE);
    let found = found
        .and_then(|found| found.to_str().ok())
        .unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(media)
}

/// Reads a body that has to be whole; one that breaks is asked for again.
async fn whole(mut incoming: Incoming) -> Result<Incoming> {
    loop {
        let context = incoming.context().clone();
        let limit = context.headers_timeout();
        let mut source = incoming.into_body();
        let mut body = Vec::new();
        let error = loop {
            match within(&**context.clock(), limit, pin!(source.next())).await {
                Ok(None) => return Ok(Incoming::of_context(context, Body::from(body))),
                Ok(Some(Ok(chunk))) => body.extend_from_slice(&chunk),
                Ok(Some(Err(error))) => break error,
                Err(_) => break Error::timeout("the response's body stopped arriving"),
            }
        };
        drop(source);
        let again = if error.is_retryable() {
            context.resend(&error)
        } else {
            None
        };
        incoming = match again {
            Some(again) => again.await?,
            None => return Err(context.complete(error)),
        };
    }
}
