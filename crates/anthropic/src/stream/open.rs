//! How an operation's response becomes a stream, or a message that was streamed.

use anthropic_types::{Decode, Message};

use super::lines::JsonLines;
use super::message_stream::MessageStream;
use super::opening::{EVENT_STREAM, is_event_stream};
use crate::response::exchange::Broken;
use crate::response::incoming::Incoming;
use crate::{BoxFuture, Error, Result};

/// Opens a message as a stream.
pub(crate) fn open_message_stream(incoming: Incoming) -> BoxFuture<'static, Result<MessageStream>> {
    Box::pin(MessageStream::open(incoming))
}

/// Opens a message that comes whole or as a stream, whichever the server chose.
pub(crate) fn open_message(incoming: Incoming) -> BoxFuture<'static, Result<Message>> {
    if incoming.is_media(EVENT_STREAM) {
        return Box::pin(MessageStream::read(incoming));
    }
    Box::pin(async move {
        let incoming = whole(incoming).await?;
        if incoming.bytes().is_some_and(is_event_stream) {
            // In a box, so that one that comes whole has no room for it.
            return Box::pin(MessageStream::read(incoming)).await;
        }
        incoming.json()
    })
}

/// Opens rows of JSON, each on its line.
pub(crate) fn open_json_lines<T: Decode + Send + 'static>(
    incoming: Incoming,
) -> BoxFuture<'static, Result<JsonLines<T>>> {
    Box::pin(async move {
        // The API sends rows under more than one media type; a web page it never sends.
        if incoming.is_media("text/html") {
            return Err(match incoming.expect_media("application/x-jsonl").await {
                Ok(incoming) => return Ok(JsonLines::open(incoming)),
                Err(error) => error,
            });
        }
        Ok(JsonLines::open(incoming))
    })
}

/// Reads a body that has to be whole; one that breaks is resent, if that is allowed.
async fn whole(mut incoming: Incoming) -> Result<Incoming> {
    loop {
        let context = incoming.context().clone();
        let meta = &context.meta;
        let reading = context.whole().read(
            incoming.into_bare_body(),
            context.idle_timer(),
            context.clock().as_ref(),
        );
        let error = match reading.await {
            Ok(body) => match Error::of_success(meta.status(), meta.headers(), &body) {
                None => return Ok(Incoming::of_context(context, body.into())),
                Some(error) => error,
            },
            Err((error, part)) => error.with_response(meta.clone(), part),
        };
        let error = context.complete(error);
        incoming = match context.resend(Broken::Body(&error)) {
            Ok(again) => again.await?,
            Err(last) => return Err(context.fail(last.on(error))),
        };
    }
}
