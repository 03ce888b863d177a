//! Deliveries, by the clock that a verifier has by default.

use anthropic::webhooks::{SigningKey, Verifier, VerifyErrorKind};
use http::{HeaderMap, HeaderValue};

use crate::Outcome;
use crate::support::{Failed, Place, failed, same};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_1";
const EVENT: &[u8] = br#"{"type":"event","id":"wevt_01","created_at":"2026-11-27T12:00:00Z","data":{"type":"session.status_idled","id":"sesn_01","organization_id":"org_01","workspace_id":"wrkspc_01"}}"#;

/// The headers of a delivery that was signed so many seconds ago.
fn signed(seconds_ago: u64) -> Result<HeaderMap, Failed> {
    let time = (js_sys::Date::now() / 1000.0) as u64 - seconds_ago;
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", ID.to_owned()),
        ("webhook-timestamp", time.to_string()),
        (
            "webhook-signature",
            SigningKey::new(KEY)?.sign(ID, time, EVENT),
        ),
    ] {
        headers.insert(name, HeaderValue::from_str(&value)?);
    }
    Ok(headers)
}

pub async fn a_delivery_is_verified_by_the_time(_: Place) -> Outcome {
    let verifier = Verifier::new(KEY)?;
    let delivery = verifier.verify(&signed(5)?, EVENT)?;
    same(
        (delivery.id.as_str(), delivery.event.id.as_str()),
        (ID, "wevt_01"),
    )?;
    match verifier.verify(&signed(600)?, EVENT) {
        Ok(_) => failed("a delivery of ten minutes ago passes"),
        Err(error) => same(error.kind(), VerifyErrorKind::TooOld),
    }
}
