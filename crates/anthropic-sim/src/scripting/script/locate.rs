//! Finds the line of a value in a text: the text is read again, along the value's path, and fails
//! on purpose at its end, because the parsers name the line of a failure.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::node::Step;

pub(super) fn in_json(text: &str, path: &[Step]) -> Option<usize> {
    let mut parser = serde_json::Deserializer::from_str(text);
    let error = Along(path).deserialize(&mut parser).err()?;
    Some(error.line())
}

pub(super) fn in_yaml(text: &str, path: &[Step]) -> Option<usize> {
    let error = Along(path)
        .deserialize(serde_norway::Deserializer::from_str(text))
        .err()?;
    error.location().map(|location| location.line())
}

struct Along<'a>(&'a [Step]);

impl<'de> DeserializeSeed<'de> for Along<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Along<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the place")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((Step::Key(wanted), rest)) = self.0.split_first() else {
            return Err(A::Error::custom("here"));
        };
        while let Some(key) = map.next_key::<String>()? {
            if key == *wanted {
                return map.next_value_seed(Along(rest));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Err(A::Error::custom("here"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((Step::Index(wanted), rest)) = self.0.split_first() else {
            return Err(A::Error::custom("here"));
        };
        for _ in 0..*wanted {
            list.next_element::<IgnoredAny>()?;
        }
        list.next_element_seed(Along(rest))?;
        Err(A::Error::custom("here"))
    }
}
