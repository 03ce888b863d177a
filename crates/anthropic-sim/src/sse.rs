//! The body of an event stream: each event is written and flushed alone, at the set pace.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
    vec,
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, header};
use tokio::time::Sleep;

use crate::clock::sleep;

/// A 200 with the events as its body.
pub(crate) fn response(events: Vec<Bytes>, pace: Duration) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, body(events, pace)).into_response()
}

/// The events, one by one.
pub(crate) fn body(events: Vec<Bytes>, pace: Duration) -> Body {
    Body::from_stream(Events {
        left: events.into_iter(),
        pace,
        wait: Wait::Due,
    })
}

struct Events {
    left: vec::IntoIter<Bytes>,
    pace: Duration,
    wait: Wait,
}

enum Wait {
    /// The next event may go out.
    Due,
    /// Give the connection a chance to flush what it has, even at no pace at all.
    Flush,
    Pace(Pin<Box<Sleep>>),
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.wait {
            Wait::Due => {}
            Wait::Flush => {
                self.wait = Wait::Due;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Wait::Pace(timer) => {
                if timer.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
            }
        }
        let event = self.left.next();
        self.wait = if self.pace.is_zero() {
            Wait::Flush
        } else {
            Wait::Pace(Box::pin(sleep(self.pace)))
        };
        Poll::Ready(event.map(Ok))
    }
}
