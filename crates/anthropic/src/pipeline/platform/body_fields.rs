//! A body that a platform changes field by field.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};

use bytes::Bytes;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::pipeline::upload::PIECE;
use crate::text::read_json;
use crate::transport::Body;
use crate::{Error, Result};

/// The fields of a JSON object, for platforms that move some of them: what isn't changed is written
/// as it was read, byte for byte and in its order.
///
/// ```
/// use anthropic::platform::BodyFields;
/// use bytes::Bytes;
///
/// let body = Bytes::from(r#"{"model":"m","max_tokens":1,"temperature":1.50}"#);
/// let mut fields = BodyFields::read(&body)?;
/// assert_eq!(fields.remove("model").as_deref(), Some("\"m\""));
/// fields.set_default("version", &"v1")?;
/// assert_eq!(fields.to_vec()?, br#"{"max_tokens":1,"temperature":1.50,"version":"v1"}"#);
/// # Ok::<(), anthropic::Error>(())
/// ```
pub struct BodyFields<'a> {
    body: &'a Bytes,
    fields: Vec<(Name<'a>, Field<'a>)>,
}

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
    pub fn read(body: &'a Bytes) -> Result<Self> {
        let Fields(fields) = read_json(body).map_err(unfit)?;
        Ok(Self { body, fields })
    }

    fn find(&self, name: &str) -> Option<usize> {
        let name = Name(Cow::Borrowed(name));
        self.fields.iter().position(|(it, _)| *it == name)
    }

    /// The JSON text of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, field) = self.fields.get(self.find(name)?)?;
        Some(field.raw().get())
    }

    /// Takes a field out, and returns its JSON text.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        let index = self.find(name)?;
        let (_, field) = self.fields.remove(index);
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
            self.fields.push((Name(name.into()), Field::Own(value)));
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
        let mut json = Vec::new();
        self.write(&mut json, |json, value| {
            json.extend_from_slice(value.as_bytes());
        })?;
        Ok(json)
    }

    /// The object as the body of a request. Long values are shared with the body that was read, and
    /// lie between [pieces](Body::pieces) with what else there is.
    ///
    /// # Errors
    ///
    /// Those of [`to_vec`](Self::to_vec).
    pub fn to_body(&self) -> Result<Body> {
        let mut pieces = Vec::new();
        let mut json = Vec::new();
        self.write(&mut json, |json, value| {
            if value.len() < PIECE {
                json.extend_from_slice(value.as_bytes());
                return;
            }
            pieces.push(std::mem::take(json).into());
            pieces.push(self.body.slice_ref(value.as_bytes()));
        })?;
        pieces.push(json.into());
        Ok(Body::pieces(pieces))
    }

    /// Writes everything but the values that were read, which are `given`'s to write.
    fn write(&self, json: &mut Vec<u8>, mut given: impl FnMut(&mut Vec<u8>, &str)) -> Result<()> {
        let mut before = b'{';
        for (name, field) in &self.fields {
            json.push(before);
            serde_json::to_writer(&mut *json, &name.0).map_err(unfit)?;
            json.push(b':');
            match field {
                Field::Given(value) => given(json, value.get()),
                Field::Own(value) => json.extend_from_slice(value.get().as_bytes()),
            }
            before = b',';
        }
        json.extend_from_slice(if self.fields.is_empty() { b"{}" } else { b"}" });
        Ok(())
    }
}

fn unfit(error: serde_json::Error) -> Error {
    Error::request("the body is no JSON object that a platform can change").caused_by(error)
}

/// The names alone: values are the caller's business.
impl fmt::Debug for BodyFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.fields.iter().map(|(name, _)| &name.0))
            .finish()
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

/// The fields of an object as they are read.
struct Fields<'a>(Vec<(Name<'a>, Field<'a>)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Fields(Vec::new());
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
        let body = Bytes::from(body);
        let mut fields = BodyFields::read(&body).unwrap();
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
        let body = Bytes::from(r#"{"b" : [1, 2.50],"\u0061":{"c":1},"stream":true}"#);
        let mut fields = BodyFields::read(&body).unwrap();
        assert_eq!(fields.get("stream"), Some("true"));
        assert_eq!(fields.remove("stream").as_deref(), Some("true"));
        assert_eq!(fields.remove("stream"), None);
        let texts = Bytes::from(r#"{"a":"\u00e9\n","b":1}"#);
        let mut texts = BodyFields::read(&texts).unwrap();
        assert_eq!(texts.remove_text("a").as_deref(), Some("é\n"));
        assert_eq!(
            (texts.remove_text("a"), texts.remove_text("b")),
            (None, None)
        );
        let written = fields.to_vec().unwrap();
        assert_eq!(written, br#"{"b":[1, 2.50],"a":{"c":1}}"#);
        let body = fields.to_body().unwrap();
        assert_eq!(body.as_pieces().unwrap(), [written]);
    }

    #[test]
    fn long_values_are_shared_and_short_ones_are_written_together() {
        let long = "a".repeat(PIECE - 2);
        let json = format!(
            r#"{{"model":"m","first" : "{long}", "max":1,"second":["{long}"],"stream":true}}"#
        );
        let read = Bytes::from(json);
        let mut fields = BodyFields::read(&read).unwrap();
        fields.remove("model");
        fields.remove("stream");
        fields.set_default("version", &long).unwrap();
        let body = fields.to_body().unwrap();
        let pieces = body.as_pieces().unwrap();
        let shared = pieces
            .iter()
            .map(|it| read.as_ptr_range().contains(&it.as_ptr()));
        assert_eq!(
            shared.collect::<Vec<_>>(),
            [false, true, false, true, false]
        );
        assert_eq!(body.len(), Some(fields.to_vec().unwrap().len() as u64));
        assert_eq!(*body.as_bytes().unwrap(), fields.to_vec().unwrap());
        let wanted =
            format!(r#"{{"first":"{long}","max":1,"second":["{long}"],"version":"{long}"}}"#);
        assert_eq!(*body.as_bytes().unwrap(), wanted);
    }

    #[test]
    fn what_has_no_field_is_an_object() {
        let body = Bytes::from_static(b"{\"model\":1}");
        let mut fields = BodyFields::read(&body).unwrap();
        fields.remove("model");
        assert_eq!(fields.to_vec().unwrap(), b"{}");
        assert_eq!(fields.to_body().unwrap().as_bytes().unwrap(), "{}");
    }

    #[test]
    fn a_name_that_is_there_twice_is_refused_however_it_is_written() {
        for body in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#] {
            let error = BodyFields::read(&body.into()).unwrap_err().to_string();
            assert!(error.contains("two fields named `a`"), "{error}");
        }
        for body in [&b"[]"[..], b"{", b"", b"{\"a\":\xff}", b"{} {}"] {
            let error = BodyFields::read(&Bytes::from_static(body)).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Request);
        }
    }
}
