//! Values on their way through our types: which type stands for an official name, and round trips.
//!
//! Official names are strings, types are not; [`Type`] is the bridge: a type as functions on text. It
//! is one function per type, because there are some two thousand of them.

use std::fmt::Debug;

use anthropic::types::{Decode, Encode, from_slice, to_vec};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::generated;
use crate::via::{Via, pass};

/// One of our types, for those who know only its official name.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    json: fn(&str, bool) -> Outcome,
    /// Detours are compiled for each type and each format, so only the core area has them. How serde
    /// sees a type is the same few lines everywhere.
    detour: Option<fn(&str, Via) -> Outcome>,
}

type Outcome = Result<Passed, String>;

impl Type {
    /// A type that goes through JSON alone.
    pub(crate) const fn of<T: Decode + Encode + Debug>() -> Self {
        Self {
            json: json::<T>,
            detour: None,
        }
    }

    /// A type that goes through the other formats, too.
    pub(crate) const fn with_detours<T>() -> Self
    where
        T: Decode + Encode + Debug + Serialize + DeserializeOwned,
    {
        Self {
            json: json::<T>,
            detour: Some(detour::<T>),
        }
    }

    fn find(name: &str) -> Option<Self> {
        generated::types::find(name)
    }
}

fn json<T: Decode + Encode + Debug>(json: &str, shows_debug: bool) -> Outcome {
    let value: T = from_slice(json.as_bytes()).map_err(|error| error.to_string())?;
    passed(&value, shows_debug.then_some(&value))
}

fn detour<T>(json: &str, via: Via) -> Outcome
where
    T: Decode + Encode + Debug + Serialize + DeserializeOwned,
{
    let value: T = from_slice(json.as_bytes()).map_err(|error| error.to_string())?;
    passed(&pass(value, json, via)?, None)
}

fn passed(value: &dyn Encode, debug: Option<&dyn Debug>) -> Outcome {
    Ok(Passed {
        json: String::from_utf8(to_vec(value)).map_err(|error| error.to_string())?,
        debug: debug.map(|value| format!("{value:?}")),
    })
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
    Some(match (via, ty.detour) {
        (Via::Json, _) => (ty.json)(json, false),
        (via, Some(detour)) => detour(json, via),
        (_, None) => Err(format!("`{name}` takes no detours")),
    })
}

/// As [`round_trip`] without a detour, and with the value as `Debug` shows it.
///
/// # Errors
///
/// When it does not decode; in words.
pub fn inspect(name: &str, json: &str) -> Option<Result<Passed, String>> {
    Some((Type::find(name)?.json)(json, true))
}

/// Whether there is a Rust type behind an official name.
pub fn is_known(name: &str) -> bool {
    Type::find(name).is_some()
}

/// Whether the type behind an official name takes detours.
pub fn has_detours(name: &str) -> bool {
    Type::find(name).is_some_and(|ty| ty.detour.is_some())
}
