//! Values on their way through our types: which type stands for an official name, and round trips.
//!
//! Official names are strings, types are not; [`Visit`] is the bridge. Everything generic happens in
//! one visitor, so that each type is compiled for it once.

use std::fmt::Debug;
use std::marker::PhantomData;

use anthropic::types::{Decode, Encode, from_slice, to_vec};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::generated;
use crate::via::{Via, pass};

/// What every type of the API can do.
pub(crate) trait ApiType: Decode + Encode + Serialize + DeserializeOwned + Debug {}

impl<T: Decode + Encode + Serialize + DeserializeOwned + Debug> ApiType for T {}

/// Something to be done with a type that is known only by its official name.
pub(crate) trait Visit {
    /// What comes of it.
    type Answer;

    /// Does it.
    fn visit<T: ApiType>(self) -> Self::Answer;
}

/// A type, as a value that a visitor can be sent to.
pub(crate) trait Through<V: Visit> {
    /// Sends the visitor.
    fn visit(&self, visit: V) -> V::Answer;
}

impl<V: Visit, T: ApiType> Through<V> for PhantomData<T> {
    fn visit(&self, visit: V) -> V::Answer {
        visit.visit::<T>()
    }
}

/// A value that went through one of our types.
#[derive(Debug)]
#[non_exhaustive]
pub struct Passed {
    /// The value, encoded again.
    pub json: String,
    /// The value as `Debug` shows it, where that was asked for.
    pub debug: Option<String>,
}

/// Sends `json` through the Rust type behind an official name such as
/// `types.beta.beta_message.BetaMessage`; nothing if there is none.
///
/// # Errors
///
/// When it does not decode, or the detour cannot hold it; in words.
pub fn round_trip(name: &str, json: &str, via: Via) -> Option<Result<Passed, String>> {
    let trip = RoundTrip {
        json,
        via,
        shows_debug: false,
    };
    generated::types::visit(name, trip)
}

/// As [`round_trip`] without a detour, and with the value as `Debug` shows it.
///
/// # Errors
///
/// When it does not decode; in words.
pub fn inspect(name: &str, json: &str) -> Option<Result<Passed, String>> {
    let trip = RoundTrip {
        json,
        via: Via::Json,
        shows_debug: true,
    };
    generated::types::visit(name, trip)
}

/// Whether there is a Rust type behind an official name.
pub fn is_known(name: &str) -> bool {
    round_trip(name, "null", Via::Json).is_some()
}

struct RoundTrip<'a> {
    json: &'a str,
    via: Via,
    shows_debug: bool,
}

impl Visit for RoundTrip<'_> {
    type Answer = Result<Passed, String>;

    fn visit<T: ApiType>(self) -> Self::Answer {
        let value: T = from_slice(self.json.as_bytes()).map_err(|error| error.to_string())?;
        let value = pass(value, self.json, self.via)?;
        let json = String::from_utf8(to_vec(&value)).map_err(|error| error.to_string())?;
        let debug = self.shows_debug.then(|| format!("{value:?}"));
        Ok(Passed { json, debug })
    }
}
