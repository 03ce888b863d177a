//! A response's body that is logged as it is read, line by line.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::Exchange;
use crate::Result;
use crate::transport::Body;

/// A longer line is logged in pieces.
const LINE: usize = 64 << 10;
/// What is held back of such a piece: a secret must not be cut in two.
const HELD: usize = 1 << 10;

pub(super) struct LoggedBody {
    body: Body,
    log: Exchange,
    /// A line that is not complete yet.
    line: Vec<u8>,
    read: u64,
    is_over: bool,
}

impl LoggedBody {
    pub(super) fn new(body: Body, log: Exchange) -> Self {
        Self {
            body,
            log,
            line: Vec::new(),
            read: 0,
            is_over: false,
        }
    }

    fn take_in(&mut self, chunk: &[u8]) {
        self.read += chunk.len() as u64;
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.write();
            } else if self.line.len() > LINE {
                let held = self.line.split_off(self.line.len() - HELD);
                self.write();
                self.line = held;
            }
        }
    }

    /// Logs the line, unless it is empty.
    fn write(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        if !text.is_empty() {
            self.log.line("<", text);
        }
    }

    fn end(&mut self, how: &str) {
        if !std::mem::replace(&mut self.is_over, true) {
            self.write();
            self.log.line("<", &format!("({how} {} bytes)", self.read));
        }
    }
}

impl Stream for LoggedBody {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        let next = ready!(Pin::new(&mut self.body).poll_next(context));
        match &next {
            Some(Ok(chunk)) => self.take_in(chunk),
            Some(Err(error)) => {
                let text = format!("{error}: broken after");
                self.end(&text);
            }
            None => self.end("the end after"),
        }
        Poll::Ready(next)
    }
}

impl Drop for LoggedBody {
    fn drop(&mut self) {
        self.end("dropped after");
    }
}
