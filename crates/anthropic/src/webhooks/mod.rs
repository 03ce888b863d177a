//! Webhooks: deliveries that are the API's, as typed events.
//!
//! The API signs what it delivers as [Standard Webhooks](https://www.standardwebhooks.com) has it:
//! the headers `webhook-id` and `webhook-timestamp` name the message and the time at which it was
//! sent, and `webhook-signature` proves both and the body. A [`Verifier`] has the signing keys of
//! an endpoint and returns what was delivered, or why it is refused:
//!
//! ```
//! use anthropic::types::webhooks::WebhookEventData;
//! use anthropic::webhooks::{VerifyError, Verifier};
//! use http::{HeaderMap, StatusCode};
//!
//! fn delivered(verifier: &Verifier, headers: &HeaderMap, body: &[u8]) -> StatusCode {
//!     let delivery = match verifier.verify(headers, body) {
//!         Ok(delivery) => delivery,
//!         Err(refused) => {
//!             eprintln!("{refused}");
//!             return StatusCode::BAD_REQUEST;
//!         }
//!     };
//!     // The same delivery may come again: handle each `delivery.id` once.
//!     match &delivery.event.data {
//!         WebhookEventData::SessionStatusIdled(session) => println!("{} waits", session.id),
//!         other => println!("{}: not handled here", other.type_name()),
//!     }
//!     StatusCode::NO_CONTENT
//! }
//! ```
//!
//! No event reports the end of a message batch; for that there is
//! [`poll`](crate::resources::MessagesBatches::poll).
//!
//! The body has to be verified as it came, byte by byte: a JSON value that was read and written
//! again is another one. Respond within seconds and with a status of 2xx, and do the work
//! afterwards; whatever else the response is, the delivery is sent again later.
//!
//! What is delivered more than once has the same [`Delivery::id`] each time. Retries, each signed
//! anew, come for days: remember the ids of what was handled for as long. Whoever has seen a
//! delivery can replay it for up to twice the [tolerance](Verifier::tolerance), if its timestamp
//! was ahead of the clock here. Note an id when the work is done, not before, or an attempt that
//! fails halfway loses the event.
//!
//! # Rotation
//!
//! A `Verifier` can have several keys, of which one has to match, and a delivery can have several
//! signatures. So a new key is added beside the old one, and that is removed when nothing is signed
//! with it any more:
//!
//! ```
//! use anthropic::webhooks::{SigningKey, Verifier};
//!
//! # fn run(new: &str, old: &str) -> anthropic::Result<()> {
//! let verifier = Verifier::new(new)?.key(SigningKey::new(old)?);
//! # Ok(())
//! # }
//! ```
//!
//! # In a test
//!
//! [`SigningKey::sign`] makes the signature of a delivery. The crate `anthropic-sim` delivers
//! events over HTTP, with attempts that follow a failure: a simulator that was built with
//! `.webhook(Webhook::new(url))` delivers what changes in it, and what `simulator.event(…)` is
//! given, forged ones too; `Verifier::new(Webhook::KEY)` verifies them.

mod delivery;
mod error;
mod key;
mod verifier;

pub use delivery::Delivery;
pub use error::{VerifyError, VerifyErrorKind};
pub use key::SigningKey;
pub use verifier::Verifier;
