//! A response's body on its way out, copied to the journal.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::journal::{Content, Entry, Journal, Phase};

pub(crate) struct Tee {
    body: Body,
    journal: Arc<Journal>,
    entry: Arc<Entry>,
    ended: bool,
}

impl Tee {
    pub(crate) fn new(body: Body, journal: Arc<Journal>, entry: Arc<Entry>) -> Self {
        Self {
            body,
            journal,
            entry,
            ended: false,
        }
    }

    fn end(&mut self, phase: Phase) {
        if !self.ended {
            self.ended = true;
            self.journal
                .update(&self.entry, |content, at| content.end(at, phase));
        }
    }
}

impl HttpBody for Tee {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(bytes) = frame.data_ref() {
                    let bytes = bytes.clone();
                    let piece = |content: &mut Content, at| content.piece(at, bytes);
                    self.journal.update(&self.entry, piece);
                }
            }
            Poll::Ready(Some(Err(_))) => self.end(Phase::Broken),
            Poll::Ready(None) => self.end(Phase::Done),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Tee {
    fn drop(&mut self) {
        let phase = if self.body.is_end_stream() {
            Phase::Done
        } else {
            Phase::Broken
        };
        self.end(phase);
    }
}
