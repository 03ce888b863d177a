//! The bridge between API types and serde: every format, by way of JSON text.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Decode, Encode, Writer, from_slice};
use crate::Json;

/// What `Deserialize` of every API type does: take the value as JSON text, then read that.
pub(crate) fn deserialize<'de, T: Decode, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let json = Json::deserialize(from)?;
    from_slice(json.as_str().as_bytes()).map_err(serde::de::Error::custom)
}

/// What `Serialize` of every API type does: write JSON text, then hand that on.
pub(crate) fn serialize<S: Serializer>(value: &dyn Encode, to: S) -> Result<S::Ok, S::Error> {
    let mut out = Writer::default();
    value.encode(&mut out);
    if let Some(fault) = out.fault() {
        return Err(serde::ser::Error::custom(fault));
    }
    Json::from_valid(&out.into_text()).serialize(to)
}
