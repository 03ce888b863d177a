//! Values of the caller's as JSON text: what serde writes, or an error that names the place.
//!
//! All that is sent goes through here, parameters of the API's types and values of the caller's
//! own, so that a number that JSON can't hold is refused wherever it is.

use anthropic_types::codec::{Encode, check_finite};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::query::RawObject;
use crate::text::read_json;
use crate::{Error, Result};

/// A value of any type.
pub(crate) fn raw<T: Serialize + ?Sized>(value: &T) -> Result<Box<RawValue>, serde_json::Error> {
    let raw = to_raw_value(value)?;
    check_finite(value, raw.get())?;
    Ok(raw)
}

/// A parameters type of the API.
pub(crate) fn params(params: &impl Encode) -> Result<Vec<u8>> {
    anthropic_types::try_to_vec(params)
        .map_err(|source| Error::request("the parameters can't be written").caused_by(source))
}

/// The same but for one key, which the request has in another place.
pub(crate) fn params_without(params: &impl Encode, key: &str) -> Result<Vec<u8>> {
    let mut object: RawObject = read_json(&self::params(params)?)
        .map_err(|source| Error::request("the parameters are not an object").caused_by(source))?;
    object.0.retain(|(name, _)| name != key);
    Ok(object.to_json())
}
