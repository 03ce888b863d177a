//! The clouds that serve Claude, each with its own form of the API: paths, bodies,
//! credentials, errors.
//!
//! A request is checked and made one of the API's own before anything else looks at it, and the
//! response is put into the cloud's form at the very end, so that scripts, rules, faults and
//! assertions are the same on all of them.

mod errors;
mod form;
mod issuers;
mod keys;
mod models;
mod platform;
mod requests;
mod sigv4;

pub(crate) use errors::Refusal;
pub(crate) use form::Form;
pub(crate) use issuers::{Asked, Issuer};
pub(crate) use keys::Keys;
pub use platform::Platform;
pub(crate) use requests::{Route, adapt};
pub(crate) use sigv4::Signed;
