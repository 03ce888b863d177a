//! What serde_json calls back with: visitors and seeds that lead on to
//! [`Source`](super::source::Source).

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::DecodeError;
use super::object::{Reading, Slot};
use super::source::{Entries, Growing, Look, Place};
use super::text::Erased;

/// Leaves our error where [`Erased`] finds it and gives serde one of its own to stop with.
fn stop<E: serde::de::Error>(error: DecodeError, failure: &mut Option<DecodeError>) -> E {
    *failure = Some(error);
    E::custom("stopped")
}

pub(super) struct IntoString<'a>(pub(super) &'a mut String);

impl Visitor<'_> for IntoString<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.0.clear();
        self.0.push_str(value);
        Ok(())
    }

    fn visit_string<E>(self, value: String) -> Result<(), E> {
        *self.0 = value;
        Ok(())
    }
}

pub(super) struct LookAt<'a, 'l> {
    pub(super) look: &'a mut Look<'l>,
    pub(super) failure: &'a mut Option<DecodeError>,
}

impl Visitor<'_> for LookAt<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        (self.look)(value).map_err(|error| stop(error, self.failure))
    }
}

pub(super) struct Maybe<'a> {
    pub(super) some: &'a mut dyn Place,
    pub(super) lenient: bool,
    pub(super) failure: &'a mut Option<DecodeError>,
}

impl<'de> Visitor<'de> for Maybe<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<bool, D::Error> {
        let mut source = Erased::new(inner, self.lenient);
        self.some
            .read(&mut source)
            .map_err(|error| stop(error, self.failure))?;
        Ok(true)
    }
}

pub(super) struct List<'a> {
    pub(super) items: &'a mut dyn Growing,
    pub(super) lenient: bool,
    pub(super) failure: &'a mut Option<DecodeError>,
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut index = 0;
        loop {
            let seed = Next {
                items: self.items,
                index,
                lenient: self.lenient,
                failure: self.failure,
            };
            if list.next_element_seed(seed)?.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }
}

pub(super) struct Members<'a> {
    pub(super) entries: &'a mut dyn Entries,
    pub(super) lenient: bool,
    pub(super) failure: &'a mut Option<DecodeError>,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        loop {
            if let Some(reading) = self.entries.fields() {
                let fields = Fields {
                    reading,
                    lenient: self.lenient,
                    failure: self.failure,
                };
                return fields.visit_map(map);
            }
            let Some(key) = map.next_key_seed(Key)? else {
                return Ok(());
            };
            map.next_value_seed(Value {
                key: &key,
                entries: self.entries,
                lenient: self.lenient,
                failure: self.failure,
            })?;
        }
    }
}

pub(super) struct Fields<'a, 'o> {
    pub(super) reading: Reading<'o>,
    pub(super) lenient: bool,
    pub(super) failure: &'a mut Option<DecodeError>,
}

impl<'de> Visitor<'de> for Fields<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Name(&self.reading))? {
            match name {
                Ok(slot) => map.next_value_seed(Field {
                    slot,
                    reading: &mut self.reading,
                    lenient: self.lenient,
                    failure: self.failure,
                })?,
                Err(key) => map.next_value_seed(Value {
                    key: &key,
                    entries: &mut self.reading,
                    lenient: self.lenient,
                    failure: self.failure,
                })?,
            }
        }
        self.reading
            .finish()
            .map_err(|error| stop(error, self.failure))
    }
}

/// The value of a struct's field.
struct Field<'a, 'o> {
    slot: Slot,
    reading: &'a mut Reading<'o>,
    lenient: bool,
    failure: &'a mut Option<DecodeError>,
}

impl<'de> DeserializeSeed<'de> for Field<'_, '_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        let mut source = Erased::new(inner, self.lenient);
        self.reading
            .field(self.slot, &mut source)
            .map_err(|error| stop(error, self.failure))
    }
}

/// The value of an object's entry.
struct Value<'a> {
    key: &'a str,
    entries: &'a mut dyn Entries,
    lenient: bool,
    failure: &'a mut Option<DecodeError>,
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        let mut source = Erased::new(inner, self.lenient);
        self.entries
            .entry(self.key, &mut source)
            .map_err(|error| stop(error.under(self.key), self.failure))
    }
}

/// The next item of a list.
struct Next<'a> {
    items: &'a mut dyn Growing,
    index: usize,
    lenient: bool,
    failure: &'a mut Option<DecodeError>,
}

impl<'de> DeserializeSeed<'de> for Next<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        let mut source = Erased::new(inner, self.lenient);
        self.items
            .item(&mut source)
            .map_err(|error| stop(error.at(self.index), self.failure))
    }
}

/// A key, borrowed from the text unless it has escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<Cow<'de, str>, D::Error> {
        inner.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// A key of a struct: the place of its field or, if it has none, the key itself.
struct Name<'a, 'o>(&'a Reading<'o>);

impl<'de> DeserializeSeed<'de> for Name<'_, '_> {
    type Value = Result<Slot, Cow<'de, str>>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
        inner.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name<'_, '_> {
    type Value = Result<Slot, Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    #[inline]
    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(self.0.slot(key).ok_or(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.slot(key).ok_or_else(|| Cow::Owned(key.to_owned())))
    }
}
