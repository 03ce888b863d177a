//! A body that a platform changes field by field.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{Error, Result};

/// The fields of a JSON object, for platforms that move some of them: what isn't changed is written
/// as it was read, byte for byte and in its order.
///
/// ```
/// use anthropic::platform::BodyFields;
///
/// let mut fields = BodyFields::read(br#"{"model":"m","max_tokens":1,"temperature":1.50}"#)?;
/// assert_eq!(fields.remove("model").as_deref(), Some("\"m\""));
/// fields.set_default("version", &"v1")?;
/// assert_eq!(fields.to_vec()?, br#"{"max_tokens":1,"temperature":1.50,"version":"v1"}"#);
/// # Ok::<(), anthropic::Error>(())
/// ```
pub struct BodyFields<'a>(Vec<(Name<'a>, Field<'a>)>);

enum Field<'a> {
    Given(&'a RawValue),
    Own(Box<RawValue>),
}

/// A field's name, which borrows from the body unless it has escapes.
#[derive(Clone, Eq)]
struct Name<'a>(Cow<'a, str>);

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

// Not derived, so that tests can count.
impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        #[cfg(test)]
        tests::COMPARED.set(tests::COMPARED.get() + 1);
        self.0 == other.0
    }
}

impl Field<'_> {
    fn raw(&self) -> &RawValue {
        match self {
            Self::Given(value) => value,
            Self::Own(value) => value,
        }
    }
}

impl<'a> BodyFields<'a> {
    /// Reads an object, in linear time.
    ///
    /// # Errors
    ///
    /// [`Request`](crate::ErrorKind::Request) if the body is none, or has two fields of one name.
    pub fn read(body: &'a [u8]) -> Result<Self> {
        serde_json::from_slice(body).map_err(unfit)
    }

    fn find(&self, name: &str) -> Option<usize> {
        let name = Name(Cow::Borrowed(name));
        self.0.iter().position(|(it, _)| *it == name)
    }

    /// The JSON text of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, field) = self.0.get(self.find(name)?)?;
        Some(field.raw().get())
    }

    /// Takes a field out, and returns its JSON text.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        let index = self.find(name)?;
        let (_, field) = self.0.remove(index);
        Some(field.raw().get().to_owned())
    }

    /// Takes a field out whose value is a string, and returns that; nothing where it has another
    /// value.
    pub fn remove_text(&mut self, name: &str) -> Option<String> {
        serde_json::from_str(&self.remove(name)?).ok()
    }

    /// Adds a field at the end, unless there is one of this name.
    ///
    /// # Errors
    ///
    /// [`Request`](crate::ErrorKind::Request) if the value can't be written as JSON.
    pub fn set_default(&mut self, name: &'a str, value: &impl Serialize) -> Result<()> {
        if self.find(name).is_none() {
            let value = serde_json::value::to_raw_value(value).map_err(unfit)?;
            self.0.push((Name(name.into()), Field::Own(value)));
        }
        Ok(())
    }

    /// The object as JSON.
    ///
    /// # Errors
    ///
    /// [`Request`](crate::ErrorKind::Request) if it can't be written, which no field that was read
    /// or set here causes.
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(unfit)
    }
}

fn unfit(error: serde_json::Error) -> Error {
    Error::request("the body is no JSON object that a platform can change").caused_by(error)
}

/// The names alone: values are the caller's business.
impl fmt::Debug for BodyFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| &name.0))
            .finish()
    }
}

impl Serialize for BodyFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.0.iter();
        serializer.collect_map(fields.map(|(name, field)| (&name.0, field.raw())))
    }
}

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(name.into()))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(name.to_owned().into()))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

impl<'de> Deserialize<'de> for BodyFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = BodyFields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = BodyFields(Vec::new());
                let mut seen = HashSet::new();
                while let Some((name, value)) = map.next_entry::<Name<'de>, &RawValue>()? {
                    if !seen.insert(name.clone()) {
                        let name = name.0.escape_debug();
                        return Err(A::Error::custom(format_args!("two fields named `{name}`")));
                    }
                    fields.0.push((name, Field::Given(value)));
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fmt::Write;

    use super::*;

    thread_local! {
        /// How many pairs of names were compared.
        pub(super) static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// How many comparisons it takes to read, to change and to write so many fields.
    fn comparisons(count: usize) -> usize {
        let mut body = String::from("{");
        for number in 0..count {
            write!(body, "\"field {number}\": {number}, ").unwrap();
        }
        body.push_str("\"model\": \"m\"}");
        COMPARED.set(0);
        let mut fields = BodyFields::read(body.as_bytes()).unwrap();
        assert_eq!(fields.remove("model").as_deref(), Some("\"m\""));
        fields.set_default("anthropic_version", &"v").unwrap();
        fields.set_default("anthropic_version", &"w").unwrap();
        let written: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&fields.to_vec().unwrap()).unwrap();
        assert_eq!(written.len(), count + 1);
        assert_eq!(written["anthropic_version"], "v");
        COMPARED.get()
    }

    #[test]
    fn the_work_grows_with_the_number_of_fields_and_not_with_its_square() {
        let (few, many) = (comparisons(1_000), comparisons(10_000));
        assert!(few > 1_000, "{few} comparisons: are they counted?");
        assert!(many < 11 * few, "{few} comparisons became {many}");
    }

    #[test]
    fn fields_stay_as_they_were_written() {
        let body = br#"{"b" : [1, 2.50],"\u0061":{"c":1},"stream":true}"#;
        let mut fields = BodyFields::read(body).unwrap();
        assert_eq!(fields.get("stream"), Some("true"));
        assert_eq!(fields.remove("stream").as_deref(), Some("true"));
        assert_eq!(fields.remove("stream"), None);
        let mut texts = BodyFields::read(br#"{"a":"\u00e9\n","b":1}"#).unwrap();
        assert_eq!(texts.remove_text("a").as_deref(), Some("é\n"));
        assert_eq!(
            (texts.remove_text("a"), texts.remove_text("b")),
            (None, None)
        );
        let written = fields.to_vec().unwrap();
        assert_eq!(written, br#"{"b":[1, 2.50],"a":{"c":1}}"#);
    }

    #[test]
    fn a_name_that_is_there_twice_is_refused_however_it_is_written() {
        for body in [&br#"{"a":1,"a":1}"#[..], br#"{"a":1,"\u0061":2}"#] {
            let error = BodyFields::read(body).unwrap_err().to_string();
            assert!(error.contains("two fields named `a`"), "{error}");
        }
        for body in [&b"[]"[..], b"{", b"", b"{\"a\":\xff}", b"{} {}"] {
            let error = BodyFields::read(body).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Request);
        }
    }
}
