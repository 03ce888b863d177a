//! The body of a request, field by field: what isn't changed is passed on byte for byte, in its
//! order.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// The fields of an object, as they were written.
pub(super) struct Fields<'a>(Vec<(String, Field<'a>)>);

enum Field<'a> {
    Given(&'a RawValue),
    Own(Box<RawValue>),
}

impl<'a> Fields<'a> {
    pub(super) fn read(body: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(body)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(it, _)| it == name)
    }

    /// Takes a field out.
    pub(super) fn remove(&mut self, name: &str) -> Option<String> {
        let index = self.0.iter().position(|(it, _)| it == name)?;
        Some(match self.0.remove(index).1 {
            Field::Given(value) => value.get().to_owned(),
            Field::Own(value) => value.get().to_owned(),
        })
    }

    /// Adds a field, unless it is there.
    pub(super) fn insert(&mut self, name: &str, value: &impl Serialize) -> serde_json::Result<()> {
        if !self.has(name) {
            let value = serde_json::value::to_raw_value(value)?;
            self.0.push((name.to_owned(), Field::Own(value)));
        }
        Ok(())
    }

    pub(super) fn to_vec(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| match value {
            Field::Given(value) => (name, *value),
            Field::Own(value) => (name, &**value),
        }))
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Fields(Vec::new());
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if fields.has(&name) {
                        return Err(A::Error::custom(format_args!("two fields named `{name}`")));
                    }
                    fields.0.push((name, Field::Given(value)));
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Object)
    }
}
