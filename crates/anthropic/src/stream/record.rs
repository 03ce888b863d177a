//! Recordings: the bytes of a stream as they came over the wire, and a stream made of such bytes.

use std::io::{Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::{Error, ErrorKind, Result};

/// Writes down what is read.
///
/// Until the stream's first output the request may be sent again, so what came so far is kept
/// aside: a recording is of one response.
pub(super) struct Recorder {
    writer: Box<dyn Write + Send>,
    kept: Vec<Bytes>,
    committed: bool,
}

impl Recorder {
    pub(super) fn new(writer: impl Write + Send + 'static) -> Self {
        Self {
            writer: Box::new(writer),
            kept: Vec::new(),
            committed: false,
        }
    }

    pub(super) fn take(&mut self, chunk: &Bytes) -> Result<()> {
        if self.committed {
            return self.writer.write_all(chunk).map_err(failed);
        }
        self.kept.push(chunk.clone());
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        self.committed = true;
        for chunk in self.kept.drain(..) {
            self.writer.write_all(&chunk).map_err(failed)?;
        }
        self.writer.flush().map_err(failed)
    }

    pub(super) fn discard(&mut self) {
        self.kept.clear();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Nobody is left to report it to.
        let _ = self.commit();
    }
}

fn failed(source: std::io::Error) -> Error {
    Error::new(ErrorKind::Recording, source.to_string()).caused_by(source)
}

/// The bytes of a recording, in pieces.
pub(super) struct Pieces<R>(pub(super) R);

const PIECE: usize = 16 << 10;

impl<R: Read + Unpin> Stream for Pieces<R> {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut piece = vec![0; PIECE];
        let read = loop {
            match self.0.read(&mut piece) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        Poll::Ready(match read {
            Ok(0) => None,
            Ok(count) => {
                piece.truncate(count);
                Some(Ok(piece.into()))
            }
            Err(error) => Some(Err(error)),
        })
    }
}
