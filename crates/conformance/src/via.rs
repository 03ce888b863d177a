//! Detours: the ways in which programs keep API values in data of their own.
//!
//! serde's adjacent machinery (internal tags, `flatten`) buffers values in a form that is not JSON
//! text, and so do other formats. A type that only works with serde_json breaks here.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Where a value goes between being decoded and being encoded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Via {
    /// Nowhere.
    Json,
    /// `serde_json::Value`.
    Value,
    /// An enum of the user's with `#[serde(tag = "…")]`.
    Tagged,
    /// A struct of the user's with `#[serde(flatten)]`.
    Flatten,
    /// MessagePack.
    MessagePack,
    /// YAML.
    Yaml,
    /// CBOR.
    Cbor,
}

impl Via {
    /// Every detour.
    pub const DETOURS: [Self; 6] = [
        Self::Value,
        Self::Tagged,
        Self::Flatten,
        Self::MessagePack,
        Self::Yaml,
        Self::Cbor,
    ];
}

/// What a user may have around a value of ours. The tag's name is not one of the API's, since the
/// value's own fields stand beside it.
#[derive(Serialize, Deserialize)]
#[serde(tag = "@stored", rename_all = "lowercase")]
enum Tagged<T> {
    Whole(T),
    Part { value: T },
}

/// What a user may have around a value of ours, in one object with it.
#[derive(Serialize, Deserialize)]
struct Flat<R> {
    #[serde(rename = "@id")]
    id: u64,
    #[serde(flatten)]
    rest: R,
}

/// Takes a value on a detour. `json` is the text that it was decoded from.
pub fn pass<T: Serialize + DeserializeOwned>(value: T, json: &str, via: Via) -> Result<T, String> {
    // Only an object can share its braces with other keys.
    let is_object = json.trim_ascii_start().starts_with('{');
    match via {
        Via::Json => Ok(value),
        Via::Value => serde_json::to_value(&value)
            .and_then(serde_json::from_value)
            .map_err(words),
        Via::Tagged => tagged(value, is_object),
        Via::Flatten if is_object => flat(value),
        Via::Flatten => {
            let mut kept = flat(BTreeMap::from([(String::from("kept"), value)]))?;
            kept.remove("kept")
                .ok_or_else(|| String::from("the flattened map lost its entry"))
        }
        Via::MessagePack => {
            let bytes = rmp_serde::to_vec_named(&value).map_err(words)?;
            rmp_serde::from_slice(&bytes).map_err(words)
        }
        Via::Yaml => {
            let text = serde_norway::to_string(&value).map_err(words)?;
            serde_norway::from_str(&text).map_err(words)
        }
        Via::Cbor => {
            let mut bytes = Vec::new();
            ciborium::into_writer(&value, &mut bytes).map_err(words)?;
            ciborium::from_reader(bytes.as_slice()).map_err(words)
        }
    }
}

fn tagged<T: Serialize + DeserializeOwned>(value: T, is_object: bool) -> Result<T, String> {
    let kept = if is_object {
        Tagged::Whole(value)
    } else {
        Tagged::Part { value }
    };
    let text = serde_json::to_string(&kept).map_err(words)?;
    match serde_json::from_str(&text).map_err(words)? {
        Tagged::Whole(value) | Tagged::Part { value } => Ok(value),
    }
}

fn flat<R: Serialize + DeserializeOwned>(rest: R) -> Result<R, String> {
    let text = serde_json::to_string(&Flat { id: 1, rest }).map_err(words)?;
    let kept: Flat<R> = serde_json::from_str(&text).map_err(words)?;
    Ok(kept.rest)
}

fn words<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}
