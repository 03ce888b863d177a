//! A response's body that is logged as it is read, line by line.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::{Exchange, HEAD};
use crate::Result;
use crate::trace::{IS_LINE_END, Redactor, beginning};
use crate::transport::Body;

pub(super) struct LoggedBody {
    body: Body,
    log: Exchange,
    /// A line that is not complete yet.
    line: Vec<u8>,
    /// Whether as much of the line has been logged as there will be. Logged in pieces it could show
    /// a secret that is cut in two.
    is_long: bool,
    /// What is hidden of a line depends on those before it.
    redactor: Redactor,
    read: u64,
    is_over: bool,
}

impl LoggedBody {
    pub(super) fn new(body: Body, log: Exchange) -> Self {
        Self {
            body,
            log,
            line: Vec::new(),
            is_long: false,
            redactor: Redactor::default(),
            read: 0,
            is_over: false,
        }
    }

    fn take_in(&mut self, chunk: &[u8]) {
        self.read += chunk.len() as u64;
        for piece in chunk.split_inclusive(IS_LINE_END) {
            let is_end = piece.last().is_some_and(IS_LINE_END);
            if self.is_long {
                self.redactor.skip(piece);
            } else {
                self.line.extend_from_slice(piece);
                self.is_long = self.line.len() > HEAD;
                if is_end || self.is_long {
                    self.write();
                }
            }
            if is_end {
                self.is_long = false;
            }
        }
    }

    /// Logs the line, unless it is empty.
    fn write(&mut self) {
        let line = std::mem::take(&mut self.line);
        let head = beginning(&line, HEAD);
        let text = String::from_utf8_lossy(head);
        let text = self.redactor.line(&self.log.secrets.mask(&text));
        self.redactor
            .skip(line.get(head.len()..).unwrap_or_default());
        let text = text.trim_end_matches(['\r', '\n']);
        if !text.is_empty() {
            self.log.write("<", text);
        }
        if head.len() < line.len() {
            self.log.line("<", "… (the line goes on)");
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
