//! Refuses numbers that are not finite in values that serde writes.
//!
//! serde_json writes `null` for them, and a `null` that nobody meant is an absence that nobody
//! sees. The API's own types have a check of their own, in their [`Writer`](super::Writer).

use std::fmt;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::EncodeError;

/// Makes sure that `value`, of which `json` is the text, has no number that JSON can't hold.
///
/// # Errors
///
/// When there is one; the error names its path.
pub fn check_finite<T: Serialize + ?Sized>(value: &T, json: &str) -> Result<(), serde_json::Error> {
    // Nothing else is written in its place, so most values are not walked again.
    if !json.contains("null") {
        return Ok(());
    }
    value
        .serialize(Finite)
        .map_err(|Fault(error)| serde_json::Error::custom(error))
}

/// Walks a value and writes nothing.
struct Finite;

/// A number that is not finite, or whatever else a value reports about itself.
#[derive(Debug)]
struct Fault(EncodeError);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

impl serde::ser::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(EncodeError::new(message.to_string()))
    }
}

type Checked = Result<(), Fault>;

fn float(value: f64) -> Checked {
    if value.is_finite() {
        return Ok(());
    }
    Err(Fault(EncodeError::not_finite(value)))
}

fn below<T: Serialize + ?Sized>(key: &str, value: &T) -> Checked {
    let checked = value.serialize(Finite);
    checked.map_err(|Fault(error)| Fault(error.under(key)))
}

macro_rules! harmless {
    ($($method:ident($type:ty))*) => {
        $(
            fn $method(self, _: $type) -> Checked {
                Ok(())
            }
        )*
    };
}

impl Serializer for Finite {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    harmless! {
        serialize_bool(bool) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_unit_struct(&'static str)
    }

    fn serialize_f32(self, value: f32) -> Checked {
        float(value.into())
    }

    fn serialize_f64(self, value: f64) -> Checked {
        float(value)
    }

    fn serialize_none(self) -> Checked {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Checked {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Checked {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Checked {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Checked {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Checked {
        below(variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Fault> {
        Ok(Parts::below(None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts, Fault> {
        Ok(Parts::below(None))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts, Fault> {
        Ok(Parts::below(None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Fault> {
        Ok(Parts::below(Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Fault> {
        Ok(Parts::below(None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts, Fault> {
        Ok(Parts::below(None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Fault> {
        Ok(Parts::below(Some(variant)))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Checked {
        Ok(())
    }
}

/// A list or an object.
struct Parts {
    /// The variant of an enum, below whose name the parts are.
    variant: Option<&'static str>,
    index: usize,
    key: String,
}

impl Parts {
    fn below(variant: Option<&'static str>) -> Self {
        Self {
            variant,
            index: 0,
            key: String::new(),
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Checked {
        let index = self.index;
        self.index += 1;
        let checked = value.serialize(Finite);
        self.outer(checked.map_err(|Fault(error)| Fault(error.at(index))))
    }

    fn entry<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Checked {
        self.outer(below(key, value))
    }

    fn outer(&self, checked: Checked) -> Checked {
        match self.variant {
            Some(name) => checked.map_err(|Fault(error)| Fault(error.under(name))),
            None => checked,
        }
    }
}

macro_rules! items {
    ($($list:ident::$method:ident)*) => {
        $(
            impl $list for Parts {
                type Ok = ();
                type Error = Fault;

                fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Checked {
                    self.item(value)
                }

                fn end(self) -> Checked {
                    Ok(())
                }
            }
        )*
    };
}

items! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

macro_rules! entries {
    ($($object:ident)*) => {
        $(
            impl $object for Parts {
                type Ok = ();
                type Error = Fault;

                fn serialize_field<T: Serialize + ?Sized>(
                    &mut self,
                    key: &'static str,
                    value: &T,
                ) -> Checked {
                    self.entry(key, value)
                }

                fn end(self) -> Checked {
                    Ok(())
                }
            }
        )*
    };
}

entries! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Parts {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Checked {
        // It has been written as a key before.
        let text = serde_json::to_string(key).map_err(Fault::custom)?;
        text.trim_matches('"').clone_into(&mut self.key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Checked {
        self.entry(&self.key, value)
    }

    fn end(self) -> Checked {
        Ok(())
    }
}
