//! What serde_json calls back with: visitors and seeds that lead on to
//! [`Source`](super::source::Source).

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::DecodeError;
use super::object::{Reading, Slot};
use super::source::{Entries, Growing, Lenient, Look, Optional};
use super::text::Erased;

/// Leaves our error where [`Erased`] finds it and gives serde one of its own to stop with.
fn stop<E: serde::de::Error>(error: DecodeError, failure: &mut Option<DecodeError>) -> E {
    *failure = Some(error);
    E::custom("stopped")
}

/// The text of a string in which serde_json has left each half of a surrogate pair in bytes that
/// are no UTF-8.
fn mended<'t>(bytes: &'t [u8], lenient: Lenient<'_>) -> Cow<'t, str> {
    let mut chunks = bytes.utf8_chunks();
    let first = chunks.next();
    let text = first.as_ref().map_or("", |chunk| chunk.valid());
    if text.len() == bytes.len() {
        return Cow::Borrowed(text);
    }
    if let Some(notes) = lenient {
        notes.surrogate.set(true);
    }
    let mut out = String::with_capacity(bytes.len());
    for chunk in first.into_iter().chain(chunks) {
        out.push_str(chunk.valid());
        // Half a pair is three bytes, of which the first is this one.
        if chunk.invalid().first() == Some(&0xED) {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Cow::Owned(out)
}

pub(super) struct IntoString<'a, 'm> {
    pub(super) out: &'a mut String,
    pub(super) lenient: Lenient<'m>,
}

impl Visitor<'_> for IntoString<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.out.clear();
        self.out.push_str(value);
        Ok(())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<(), E> {
        self.out.clear();
        self.out.push_str(&mended(value, self.lenient));
        Ok(())
    }
}

pub(super) struct LookAt<'a, 'l, 'm> {
    pub(super) look: &'a mut Look<'l>,
    pub(super) lenient: Lenient<'m>,
    pub(super) failure: &'a mut Option<DecodeError>,
}

impl Visitor<'_> for LookAt<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        (self.look)(value).map_err(|error| stop(error, self.failure))
    }

    fn visit_bytes<E: serde::de::Error>(self, value: &[u8]) -> Result<(), E> {
        let value = mended(value, self.lenient);
        (self.look)(&value).map_err(|error| stop(error, self.failure))
    }
}

pub(super) struct Maybe<'a, 'm> {
    pub(super) place: &'a mut dyn Optional,
    pub(super) lenient: Lenient<'m>,
    pub(super) failure: &'a mut Option<DecodeError>,
}

impl<'de> Visitor<'de> for Maybe<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<bool, D::Error> {
        let mut source = Erased::new(inner, self.lenient);
        self.place
            .some(&mut source)
            .map_err(|error| stop(error, self.failure))?;
        Ok(true)
    }
}

pub(super) struct List<'a, 'm> {
    pub(super) items: &'a mut dyn Growing,
    pub(super) lenient: Lenient<'m>,
    pub(super) failure: &'a mut Option<DecodeError>,
}

impl<'de> Visitor<'de> for List<'_, '_> {
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

pub(super) struct EntriesVisitor<'a, 'm> {
    pub(super) entries: &'a mut dyn Entries,
    pub(super) lenient: Lenient<'m>,
    pub(super) failure: &'a mut Option<DecodeError>,
}

impl<'de> Visitor<'de> for EntriesVisitor<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (lenient, failure) = (self.lenient, self.failure);
        loop {
            let mut taken = None;
            let chosen = self.entries.fields(&mut |reading| {
                let failure = &mut *failure;
                taken = Some(read_fields(reading, &mut map, lenient, failure));
            });
            if let Err(error) = chosen {
                return Err(stop(error, failure));
            }
            if let Some(read) = taken {
                return read;
            }
            let Some(key) = map.next_key_seed(Key(lenient))? else {
                return Ok(());
            };
            map.next_value_seed(Value {
                key: &key,
                entries: self.entries,
                lenient,
                failure: &mut *failure,
            })?;
        }
    }
}

pub(super) struct Fields<'a, 'o, 'p, 'm> {
    pub(super) reading: &'a mut Reading<'o, 'p>,
    pub(super) lenient: Lenient<'m>,
    pub(super) failure: &'a mut Option<DecodeError>,
}

impl<'de> Visitor<'de> for Fields<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        read_fields(self.reading, &mut map, self.lenient, self.failure)
    }
}

/// Reads the remaining entries of an object as the fields of a struct.
fn read_fields<'de, A: MapAccess<'de>>(
    reading: &mut Reading<'_, '_>,
    map: &mut A,
    lenient: Lenient<'_>,
    failure: &mut Option<DecodeError>,
) -> Result<(), A::Error> {
    while let Some(name) = map.next_key_seed(Name(reading, lenient))? {
        match name {
            Ok(slot) => map.next_value_seed(Field {
                slot,
                reading,
                lenient,
                failure,
            })?,
            Err(key) => map.next_value_seed(Value {
                key: &key,
                entries: reading,
                lenient,
                failure,
            })?,
        }
    }
    reading
        .finish(lenient)
        .map_err(|error| stop(error, failure))
}

/// The value of a struct's field.
struct Field<'a, 'o, 'p, 'm> {
    slot: Slot,
    reading: &'a mut Reading<'o, 'p>,
    lenient: Lenient<'m>,
    failure: &'a mut Option<DecodeError>,
}

impl<'de> DeserializeSeed<'de> for Field<'_, '_, '_, '_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        let mut source = Erased::new(inner, self.lenient);
        let read = if self.lenient.is_some() {
            self.reading.mend(self.slot, &mut source)
        } else {
            let read = self.reading.field(self.slot, &mut source);
            match source.gap {
                Some(gap) if read.is_ok() => self.reading.gap(self.slot, gap),
                _ => read,
            }
        };
        read.map_err(|error| stop(error, self.failure))
    }
}

/// The value of an object's entry.
struct Value<'a, 'm> {
    key: &'a str,
    entries: &'a mut dyn Entries,
    lenient: Lenient<'m>,
    failure: &'a mut Option<DecodeError>,
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        let mut source = Erased::new(inner, self.lenient);
        self.entries
            .entry(self.key, &mut source)
            .map_err(|error| stop(error.under(self.key), self.failure))
    }
}

/// The next item of a list.
struct Next<'a, 'm> {
    items: &'a mut dyn Growing,
    index: usize,
    lenient: Lenient<'m>,
    failure: &'a mut Option<DecodeError>,
}

impl<'de> DeserializeSeed<'de> for Next<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        let mut source = Erased::new(inner, self.lenient);
        self.items
            .item(&mut source)
            .map_err(|error| stop(error.at(self.index), self.failure))
    }
}

/// A key, borrowed from the text unless it has escapes.
struct Key<'m>(Lenient<'m>);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<Cow<'de, str>, D::Error> {
        if self.0.is_some() {
            return inner.deserialize_bytes(self);
        }
        inner.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
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

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(mended(key, None).into_owned()))
    }
}

/// A key of a struct: the place of its field or, if it has none, the key itself.
struct Name<'a, 'o, 'p, 'm>(&'a Reading<'o, 'p>, Lenient<'m>);

impl<'de> DeserializeSeed<'de> for Name<'_, '_, '_, '_> {
    type Value = Result<Slot, Cow<'de, str>>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
        if self.1.is_some() {
            return inner.deserialize_bytes(self);
        }
        inner.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name<'_, '_, '_, '_> {
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

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Self::Value, E> {
        let key = mended(key, None);
        Ok(self
            .0
            .slot(&key)
            .ok_or_else(|| Cow::Owned(key.into_owned())))
    }
}
