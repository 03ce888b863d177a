//! The stream of changes behind the page's list.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{BEAT, view};
use crate::{clock::sleep, state::App, wire};

type Turn = Pin<Box<dyn Future<Output = (Follower, Bytes)> + Send>>;

pub(super) struct Live(Turn);

struct Follower {
    app: App,
    version: watch::Receiver<u64>,
    seen: u64,
}

impl Live {
    pub(super) fn new(app: App) -> Self {
        let version = app.journal.follow();
        let follower = Follower {
            app,
            version,
            seen: 0,
        };
        Self(Box::pin(async { follower.told() }))
    }
}

impl Follower {
    async fn turn(mut self) -> (Self, Bytes) {
        // An error means that the simulator is gone, and then so is this connection.
        if self.version.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        // What changes in the meantime comes along.
        sleep(BEAT).await;
        self.told()
    }

    fn told(mut self) -> (Self, Bytes) {
        let now = *self.version.borrow_and_update();
        let changed = self.app.journal.since(self.seen);
        self.seen = now;
        let summaries: Vec<Value> = changed.iter().map(|entry| view::summary(entry)).collect();
        let text = wire::text(&json!(summaries));
        (self, Bytes::from(format!("data: {text}\n\n")))
    }
}

impl Stream for Live {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let (follower, bytes) = ready!(self.0.as_mut().poll(context));
        self.0 = Box::pin(follower.turn());
        Poll::Ready(Some(Ok(bytes)))
    }
}
