//! Whole programs for common tasks, each page on one subject. They run in the tests of this crate,
//! against a simulator; with [`Client::from_env`](crate::Client::from_env) they talk to the API.
//!
//! | page | what is on it |
//! |---|---|
//! | [`tools`] | functions of yours that the model calls |
//! | [`approval`] | calls that somebody decides about, later and elsewhere |
//! | [`typed_answers`] | responses as values of your types: refusals, views while they arrive, batches |
//! | [`interrupted`] | going on after an error in the middle of a stream or a run |
//! | [`many_requests`] | many prompts, so many at a time |
//! | [`caching`] | a prompt that is cached while the conversation grows |
//! | [`threads`] | conversations that the API holds |
//! | [`citations`] | documents, and the places in them that a response is from |
//! | [`images_and_documents`] | images, PDFs and texts from files and bytes |
//! | `webhooks` | what webhooks deliver: verified, typed, handled once |

pub mod approval;
pub mod caching;
pub mod citations;
pub mod images_and_documents;
pub mod interrupted;
pub mod many_requests;
pub mod threads;
pub mod tools;
pub mod typed_answers;
#[cfg(feature = "webhooks")]
pub mod webhooks;
