//! Reads a request's body, up to the API's limits.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, header};

use crate::base::errors::ApiError;

const MIB: usize = 1024 * 1024;

/// The API's own limits on a request's size.
pub(crate) fn size_limit(path: &str) -> usize {
    match path {
        "/v1/messages/batches" => 256 * MIB,
        "/v1/files" => 500 * MIB,
        _ => 32 * MIB,
    }
}

/// Reads the body up to the limit. What is over is drained up to the same amount again, since a
/// client that is still writing when the connection closes would see a reset instead of the 413.
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

/// What a body that arrived is of the encoding that its headers name.
pub(crate) fn decoded(body: Bytes, headers: &HeaderMap, limit: usize) -> Result<Bytes, ApiError> {
    let encoding = headers.get(header::CONTENT_ENCODING);
    match encoding.map(|encoding| encoding.to_str().unwrap_or_default().trim()) {
        None | Some("identity") => Ok(body),
        Some("gzip") => gunzipped(&body, limit),
        Some(other) => Err(unsupported(format!(
            "content-encoding: {other:?} is not supported; there is gzip"
        ))),
    }
}

fn unsupported(message: impl Into<String>) -> ApiError {
    ApiError::invalid(message).coded("request_body_encoding_unsupported")
}

#[cfg(feature = "server")]
fn gunzipped(body: &Bytes, limit: usize) -> Result<Bytes, ApiError> {
    use std::io::Read;

    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(body.as_ref())
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| {
            let error = ApiError::invalid(format!("The request body is not gzip: {error}"));
            error.coded("request_body_encoding_invalid")
        })?;
    if bytes.len() > limit {
        return Err(ApiError::too_large(limit).coded("request_body_too_large_after_decoding"));
    }
    Ok(bytes.into())
}

#[cfg(not(feature = "server"))]
fn gunzipped(_: &Bytes, _: usize) -> Result<Bytes, ApiError> {
    Err(unsupported(
        "content-encoding: this build of the simulator has no gzip; it comes with the feature server",
    ))
}

/// A response's body as a whole.
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
