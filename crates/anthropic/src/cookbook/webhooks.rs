//! What webhooks deliver: verified, typed, and handled once.
//!
//! A [`Verifier`](crate::webhooks::Verifier) takes the headers and the body of a request as they
//! came, whatever server they came to. The signing key is in `ANTHROPIC_WEBHOOK_SIGNING_KEY`
//! ([`from_env`](crate::webhooks::Verifier::from_env)); here it is that of a simulator, which
//! delivers what changes in it. `examples/webhooks.rs` in the repository is an endpoint on axum.
//!
//! ```
//! # #[cfg(feature = "webhooks")]
//! # mod example {
//! use std::collections::HashSet;
//!
//! use anthropic::types::webhooks::WebhookEventData;
//! use anthropic::webhooks::{SigningKey, Verifier, VerifyErrorKind};
//! use anthropic_sim::Webhook;
//! use http::HeaderMap;
//!
//! /// The status to respond with.
//! fn receive(
//!     verifier: &Verifier,
//!     handled: &mut HashSet<String>,
//!     headers: &HeaderMap,
//!     body: &[u8],
//! ) -> u16 {
//!     match verifier.verify(headers, body) {
//!         Ok(delivery) if handled.contains(&delivery.id) => 204,
//!         Ok(delivery) => {
//!             match delivery.event.data {
//!                 WebhookEventData::SessionStatusIdled(session) => println!("{} waits", session.id),
//!                 other => println!("{} is not handled", other.type_name()),
//!             }
//!             // Not before the work: what fails halfway has to come again.
//!             handled.insert(delivery.id);
//!             204
//!         }
//!         Err(refused) => {
//!             println!("{refused}");
//!             400
//!         }
//!     }
//! }
//!
//! pub fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let verifier = Verifier::new(Webhook::KEY)?;
//!     let mut handled = HashSet::new();
//!
//!     // A delivery, as a test makes one.
//!     let body = br#"{"type":"event","id":"wevt_1","created_at":"2026-11-01T00:00:00Z","data":{"type":"session.status_idled","id":"sesn_1","organization_id":"org_1","workspace_id":"wrkspc_1"}}"#;
//!     let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
//!     let signature = SigningKey::new(Webhook::KEY)?.sign("wevt_1", now, body);
//!     let mut headers = HeaderMap::new();
//!     headers.insert("webhook-id", "wevt_1".parse()?);
//!     headers.insert("webhook-timestamp", now.into());
//!     headers.insert("webhook-signature", signature.parse()?);
//!
//!     assert_eq!(receive(&verifier, &mut handled, &headers, body), 204);
//!     // It comes again, which is no second event.
//!     assert_eq!(receive(&verifier, &mut handled, &headers, body), 204);
//!     assert_eq!(handled.len(), 1);
//!
//!     let forged = verifier.verify(&headers, &body[1..]).unwrap_err();
//!     assert_eq!(forged.kind(), VerifyErrorKind::NoMatchingSignature);
//!     Ok(())
//! }
//! # }
//! # #[cfg(feature = "webhooks")]
//! # fn main() { example::main().unwrap() }
//! # #[cfg(not(feature = "webhooks"))]
//! # fn main() {}
//! ```
