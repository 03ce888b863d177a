//! Values on their way through our types: which type stands for an official name, and round trips.
//!
//! Official names are strings, types are not; [`Type`] is the bridge: a type as functions on values
//! whose type nobody knows any more. There are some fifteen hundred of them, so what is compiled
//! for each type is no more than reading, writing and its own serde implementations.

use std::fmt::Debug;

use anthropic::types::{Decode, DecodeError, Decoding, Encode, Json, from_slice_with, to_vec};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::generated;
use crate::via::{Via, pass};

/// One of our types, for those who know only its official name.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    read: fn(&[u8], Decoding) -> Read<DecodeError>,
    read_by_serde: fn(Value) -> Read<serde_json::Error>,
}

type Read<E> = Result<Box<dyn Held>, E>;

/// A value of one of our types.
trait Held: Encode + Debug {
    fn to_value(&self) -> Result<Value, serde_json::Error>;
}

impl<T: Encode + Debug + Serialize> Held for T {
    fn to_value(&self) -> Result<Value, serde_json::Error> {
        Serialize::serialize(self, serde_json::value::Serializer)
    }
}

impl Type {
    /// The type `T`.
    pub(crate) const fn of<T>() -> Self
    where
        T: Decode + Encode + Debug + Serialize + DeserializeOwned + 'static,
    {
        Self {
            read: read::<T>,
            read_by_serde: read_by_serde::<T>,
        }
    }

    fn find(name: &str) -> Option<Self> {
        generated::types::find(name)
    }

    fn read(self, json: &str, decoding: Decoding) -> Result<Box<dyn Held>, String> {
        (self.read)(json.as_bytes(), decoding).map_err(|error| error.to_string())
    }

    /// A value of the type after a detour. Every type gives serde its JSON text and takes JSON text
    /// from it, so that text is what the formats hold; that the type does so is seen on the way by
    /// `serde_json::Value`.
    fn detour(self, json: &str, via: Via) -> Result<Box<dyn Held>, String> {
        let value = self.read(json, Decoding::Lenient)?;
        if via == Via::Json {
            return Ok(value);
        }
        if via == Via::Value {
            let kept = value.to_value().map_err(|error| error.to_string())?;
            return (self.read_by_serde)(kept).map_err(|error| error.to_string());
        }
        let kept = Json::parse(&text(&*value)?).map_err(|error| error.to_string())?;
        self.read(pass(kept, json, via)?.as_str(), Decoding::Lenient)
    }
}

// A `?` here would be compiled for each type, with the conversions that it goes through.
fn read<T>(json: &[u8], decoding: Decoding) -> Read<DecodeError>
where
    T: Decode + Encode + Debug + Serialize + 'static,
{
    match from_slice_with::<T>(json, decoding) {
        Ok(value) => Ok(Box::new(value)),
        Err(error) => Err(error),
    }
}

fn read_by_serde<T>(value: Value) -> Read<serde_json::Error>
where
    T: Encode + Debug + Serialize + DeserializeOwned + 'static,
{
    match T::deserialize(value) {
        Ok(value) => Ok(Box::new(value)),
        Err(error) => Err(error),
    }
}

fn text(value: &dyn Held) -> Result<String, String> {
    String::from_utf8(to_vec(value)).map_err(|error| error.to_string())
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
    let ty = Type::find(name)?;
    Some(ty.detour(json, via).and_then(|value| {
        Ok(Passed {
            json: text(&*value)?,
            debug: None,
        })
    }))
}

/// As [`round_trip`] without a detour, and with the value as `Debug` shows it.
///
/// # Errors
///
/// When it does not decode; in words.
pub fn inspect(name: &str, json: &str) -> Option<Result<Passed, String>> {
    let ty = Type::find(name)?;
    // What a lenient decoder repairs is not typed.
    Some(ty.read(json, Decoding::Strict).and_then(|value| {
        Ok(Passed {
            json: text(&*value)?,
            debug: Some(format!("{value:?}")),
        })
    }))
}

/// Whether there is a Rust type behind an official name.
pub fn is_known(name: &str) -> bool {
    Type::find(name).is_some()
}
