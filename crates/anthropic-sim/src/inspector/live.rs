//! The stream of changes behind the page's list.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::view;
use crate::base::clock::sleep;
use crate::base::wire;
use crate::observation::journal::Journal;

/// The shortest time between two updates of the page.
const BEAT: Duration = Duration::from_millis(40);

type Turn = Pin<Box<dyn Future<Output = Option<(Follower, Bytes)>> + Send>>;

pub(super) struct Live(Turn);

struct Follower {
    journal: Arc<Journal>,
    version: watch::Receiver<u64>,
    seen: u64,
    cleared: u64,
}

impl Live {
    pub(super) fn new(journal: &Arc<Journal>) -> Self {
        let version = journal.follow();
        let follower = Follower {
            journal: Arc::clone(journal),
            version,
            seen: 0,
            cleared: journal.cleared(),
        };
        Self(Box::pin(async { Some(follower.update()) }))
    }
}

impl Follower {
    /// What has changed; nothing when the simulator is about to end.
    async fn turn(mut self) -> Option<(Self, Bytes)> {
        // The end may have come while changes were collected.
        if self.journal.is_closed() {
            return None;
        }
        // An error means that the simulator was dropped, and this connection with it.
        if self.version.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        if self.journal.is_closed() {
            return None;
        }
        // Collects what changes in the meantime.
        sleep(BEAT).await;
        Some(self.update())
    }

    fn update(mut self) -> (Self, Bytes) {
        let now = *self.version.borrow_and_update();
        let changed = self.journal.since(self.seen);
        self.seen = now;
        let summaries: Vec<Value> = changed.iter().map(|entry| view::summary(entry)).collect();
        let text = wire::text(&json!(summaries));
        let cleared = self.journal.cleared();
        let clear = if cleared > self.cleared {
            self.cleared = cleared;
            format!("event: clear\ndata: {cleared}\n\n")
        } else {
            String::new()
        };
        (self, Bytes::from(format!("{clear}data: {text}\n\n")))
    }
}

impl Stream for Live {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some((follower, bytes)) = ready!(self.0.as_mut().poll(context)) else {
            return Poll::Ready(None);
        };
        self.0 = Box::pin(follower.turn());
        Poll::Ready(Some(Ok(bytes)))
    }
}
