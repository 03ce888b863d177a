//! Reading a request's body, up to the API's limits.

use std::{future::poll_fn, pin::Pin};

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, header};

use crate::errors::ApiError;

const MIB: usize = 1024 * 1024;
/// Values in a JSON body. Each takes many times the byte or two it may be written in, so that the limit on
/// bytes alone would not bound the memory.
const MAX_VALUES: usize = 2_000_000;

/// The API's own limits on a request's size.
pub(crate) fn size_limit(path: &str) -> usize {
    match path {
        "/v1/messages/batches" => 256 * MIB,
        "/v1/files" => 500 * MIB,
        _ => 32 * MIB,
    }
}

/// Reads the body up to the limit. What is over is drained up to the same amount again, since a client that is
/// still writing when the connection closes would see a reset instead of the 413.
pub(crate) async fn read(body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let mut too_large = announced.is_some_and(|length: usize| length > limit);
    let mut stream = body.into_data_stream();
    let (mut kept, mut seen) = (BytesMut::new(), 0_usize);
    while let Some(chunk) = next_chunk(&mut stream).await {
        let chunk = chunk.map_err(|error| {
            ApiError::invalid(format!("The request body could not be read: {error}"))
        })?;
        seen = seen.saturating_add(chunk.len());
        too_large |= seen > limit;
        if !too_large {
            kept.extend_from_slice(&chunk);
        } else if seen > limit.saturating_mul(2) {
            break;
        } else {
            kept = BytesMut::new();
        }
    }
    if too_large {
        Err(ApiError::too_large(limit))
    } else {
        Ok(kept.freeze())
    }
}

/// An answer's body as a whole.
pub(crate) async fn collect(body: Body) -> Bytes {
    let mut stream = body.into_data_stream();
    let mut bytes = BytesMut::new();
    while let Some(Ok(chunk)) = next_chunk(&mut stream).await {
        bytes.extend_from_slice(&chunk);
    }
    bytes.freeze()
}

async fn next_chunk(stream: &mut BodyDataStream) -> Option<Result<Bytes, axum::Error>> {
    poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
}

/// Refuses JSON that would take much more memory than it has bytes. Depth is the parser's to refuse.
pub(crate) fn bounded(json: &[u8]) -> Result<(), String> {
    if json.len() <= MAX_VALUES {
        return Ok(());
    }
    let (mut values, mut quoted) = (0_usize, false);
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => _ = bytes.next(),
            b',' | b':' | b'[' | b'{' if !quoted => values += 1,
            _ => {}
        }
    }
    if values > MAX_VALUES {
        Err(format!("it has more than {MAX_VALUES} values"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_of_strings() {
        let commas = format!("[{}0]", "0,".repeat(MAX_VALUES));
        assert!(bounded(commas.as_bytes()).is_err());
        let quoted = format!("[\"\\\"{}\"]", ",".repeat(MAX_VALUES * 2));
        assert_eq!(bounded(quoted.as_bytes()), Ok(()));
    }
}
