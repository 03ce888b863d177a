//! What became of the requests of a batch, as it is downloaded.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use futures_core::Stream;
use serde_json::{Value, json};

use crate::base::spool::Spool;
use crate::base::wire;

/// How much of a download is made at a time.
const PIECE: usize = 64 * 1024;

/// A row for each request, in their order.
#[derive(Debug, Default)]
pub(super) struct Results {
    rows: Vec<Row>,
    /// The custom ids, one after the other.
    ids: String,
    text: Spool,
}

#[derive(Debug)]
struct Row {
    id_end: usize,
    text_end: u64,
    succeeded: bool,
}

impl Results {
    pub(super) fn push(&mut self, custom_id: &str, result: &Value) -> io::Result<()> {
        let succeeded = result.get("type").is_some_and(|kind| kind == "succeeded");
        self.text.push(line(custom_id, result).as_bytes())?;
        self.ids.push_str(custom_id);
        self.rows.push(Row {
            id_end: self.ids.len(),
            text_end: self.text.len(),
            succeeded,
        });
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many of the first requests succeeded.
    pub(super) fn succeeded(&self, of: usize) -> usize {
        let rows = self.rows.iter().take(of);
        rows.filter(|row| row.succeeded).count()
    }

    /// The rows to download: the results of the first `answered` requests, and that the others are
    /// of another kind.
    pub(super) fn download(self: &Arc<Self>, answered: usize, rest: &'static str) -> Body {
        let last = answered.checked_sub(1).and_then(|last| self.rows.get(last));
        Body::from_stream(Download {
            results: Arc::clone(self),
            at: 0,
            end: last.map_or(0, |row| row.text_end),
            row: answered,
            rest,
        })
    }

    fn custom_id(&self, row: usize) -> Option<&str> {
        let end = self.rows.get(row)?.id_end;
        let before = row.checked_sub(1).and_then(|before| self.rows.get(before));
        self.ids.get(before.map_or(0, |row| row.id_end)..end)
    }
}

fn line(custom_id: &str, result: &Value) -> String {
    let mut line = wire::text(&json!({"custom_id": custom_id, "result": result}));
    line.push('\n');
    line
}

struct Download {
    results: Arc<Results>,
    /// What of the text has been passed on, and its end.
    at: u64,
    end: u64,
    /// The first of the rows that have no result.
    row: usize,
    rest: &'static str,
}

impl Stream for Download {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let left = usize::try_from(self.end - self.at).unwrap_or(PIECE);
        if left > 0 {
            let piece = self.results.text.read(self.at, left.min(PIECE));
            self.at += piece.as_ref().map_or(0, Bytes::len) as u64;
            return Poll::Ready(Some(piece));
        }
        let (mut lines, result) = (String::new(), json!({"type": self.rest}));
        while lines.len() < PIECE {
            let Some(custom_id) = self.results.custom_id(self.row) else {
                break;
            };
            lines.push_str(&line(custom_id, &result));
            self.row += 1;
        }
        Poll::Ready((!lines.is_empty()).then(|| Ok(lines.into())))
    }
}
