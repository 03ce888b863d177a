//! Typed results: a response as a value of a type of yours, whose schema the API guarantees.
//!
//! | to | start at |
//! |---|---|
//! | ask for a value | [`Messages::parse`](crate::resources::Messages::parse) |
//! | show it while it arrives | [`Messages::parse_stream`](crate::resources::Messages::parse_stream), [`ParsedStream::partial`] |
//! | handle a refusal, or text that was cut | [`Parsed`], [`Output`] |
//! | ask in a batch | [`output_format`], [`ParseRow`] |
//! | read any message | [`Parsed::from`] |
//!
//! ```no_run
//! # #[cfg(feature = "schemars-1")]
//! # mod example {
//! use anthropic::Client;
//! use anthropic::types::MessageCreateParams;
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct River {
//!     name: String,
//!     /// From the source to the mouth.
//!     length_km: u32,
//!     countries: Vec<String>,
//! }
//!
//! async fn river(client: &Client, params: MessageCreateParams) -> anthropic::Result<River> {
//!     client.messages().parse::<River>(params).await?.into_output()
//! }
//! # }
//! ```

mod batch;
mod format;
mod growing;
mod parsed;
mod request;
mod stream;

pub use batch::ParseRow;
pub use format::output_format;
pub use parsed::{Output, Parsed};
pub use stream::ParsedStream;
