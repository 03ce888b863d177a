//! The body of an event stream: each event leaves when it is due, by a timetable set at the start.
//!
//! A timetable, because pauses would add up: a timer fires late by up to a millisecond, and a busy
//! machine later still. A stream that is late catches up, and its late events share a write;
//! otherwise each has one of its own.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, header};
use tokio::time::Sleep;

use crate::base::clock::sleep;

/// The events of a response, for those who can't wait for its pace.
#[derive(Debug, Clone)]
pub(crate) struct Whole(pub(crate) Arc<[Bytes]>);

/// A 200 with the events as its body.
pub(crate) fn response(events: Vec<Bytes>, pace: Duration) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let events: Arc<[Bytes]> = events.into();
    let mut response = (headers, body(Arc::clone(&events), pace)).into_response();
    response.extensions_mut().insert(Whole(events));
    response
}

/// The events, one by one.
pub(crate) fn body(events: Arc<[Bytes]>, pace: Duration) -> Body {
    Body::from_stream(Events {
        list: events,
        next: 0,
        pace,
        wait: Wait::Due,
    })
}

struct Events {
    list: Arc<[Bytes]>,
    next: usize,
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
        let pace = self.pace;
        match &mut self.wait {
            Wait::Due if pace.is_zero() => self.wait = Wait::Flush,
            Wait::Due => self.wait = Wait::Pace(Box::pin(sleep(pace))),
            Wait::Flush => {
                self.wait = Wait::Due;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Wait::Pace(timer) => {
                if timer.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                let due = timer.deadline();
                timer.as_mut().reset(due + pace);
            }
        }
        let event = self.list.get(self.next).cloned();
        self.next += 1;
        Poll::Ready(event.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{Instant, advance};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_late_stream_catches_up() {
        let pace = Duration::from_millis(10);
        let mut events = Events {
            list: vec![Bytes::from_static(b"x"); 30].into(),
            next: 0,
            pace,
            wait: Wait::Due,
        };
        let start = Instant::now();
        let mut next = async || poll_fn(|context| Pin::new(&mut events).poll_next(context)).await;
        next().await.unwrap().unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO, "the first is due at once");
        advance(Duration::from_millis(205)).await;
        for _ in 0..20 {
            next().await.unwrap().unwrap();
        }
        assert_eq!(start.elapsed(), Duration::from_millis(205));
        next().await.unwrap().unwrap();
        assert_eq!(start.elapsed(), 21 * pace, "back on time");
    }
}
