//! What is delivered, and the headers that name the delivery.

use std::time::{Duration, SystemTime};

use anthropic_types::webhooks::WebhookEvent;
use http::HeaderMap;

use super::error::{VerifyError, VerifyErrorKind};

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// What was delivered, verified.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Delivery {
    /// The delivery's id, the same in each attempt to deliver it: handle each one once. It has no
    /// dot.
    pub id: String,
    /// When this attempt was signed.
    pub timestamp: SystemTime,
    /// The event. One of a type that is unknown to this version is kept whole, in
    /// [`WebhookEventData::Unrecognized`](anthropic_types::webhooks::WebhookEventData::Unrecognized).
    pub event: WebhookEvent,
}

/// The headers of a delivery, none of them trusted yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'h> {
    pub(super) id: &'h str,
    /// As it is signed.
    pub(super) timestamp: &'h str,
    /// The same in seconds since 1970.
    pub(super) seconds: u64,
    pub(super) time: SystemTime,
    pub(super) signatures: &'h str,
}

impl<'h> Head<'h> {
    pub(super) fn of_map(headers: &'h HeaderMap) -> Result<Self, VerifyError> {
        Self::read(|name| {
            let mut values = headers.get_all(name).iter();
            let Some(value) = values.next() else {
                return Ok(None);
            };
            if values.next().is_some() {
                return Err(invalid(name, "is there more than once"));
            }
            let text = std::str::from_utf8(value.as_bytes());
            text.map(Some).map_err(|_| invalid(name, "is not UTF-8"))
        })
    }

    pub(super) fn of_function(
        header: impl Fn(&str) -> Option<&'h str>,
    ) -> Result<Self, VerifyError> {
        Self::read(|name| Ok(header(name)))
    }

    fn read(
        header: impl Fn(&'static str) -> Result<Option<&'h str>, VerifyError>,
    ) -> Result<Self, VerifyError> {
        let header = |name| {
            let value = header(name)?.filter(|value| !value.is_empty());
            value.ok_or_else(|| {
                let message = format!("the header `{name}` is missing");
                VerifyError::new(VerifyErrorKind::MissingHeader, message)
            })
        };
        let (id, timestamp, signatures) = (header(ID)?, header(TIMESTAMP)?, header(SIGNATURE)?);
        // A dot ends the id in what is signed, and what comes after it would be the timestamp.
        if id.contains('.') {
            return Err(invalid(ID, "has a dot"));
        }
        // Neither a sign nor a space: one way to write it.
        let is_number = timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = timestamp.parse().ok().filter(|_| is_number);
        let time = seconds.and_then(|seconds| {
            let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
            Some((seconds, time))
        });
        let (seconds, time) =
            time.ok_or_else(|| invalid(TIMESTAMP, "is not a number of seconds since 1970"))?;
        Ok(Self {
            id,
            timestamp,
            seconds,
            time,
            signatures,
        })
    }
}

fn invalid(name: &str, what: &str) -> VerifyError {
    let message = format!("the header `{name}` {what}");
    VerifyError::new(VerifyErrorKind::InvalidHeader, message)
}
