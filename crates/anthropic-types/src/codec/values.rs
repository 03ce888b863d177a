//! The codec of the building blocks: scalars, options, lists, maps.

use std::collections::BTreeMap;

use super::sealed::Sealed;
use super::source::{Growing, Optional, Place, Source};
use super::writer::{List, Writer};
use super::{Decode, DecodeError, Encode};

macro_rules! sealed {
    ($($type:ty),*) => {
        $(impl Sealed for $type {})*
    };
}

sealed! { bool, u64, i64, f64, str, String }
impl<T> Sealed for Option<T> {}
impl<T: ?Sized> Sealed for Box<T> {}
impl<T> Sealed for Vec<T> {}
impl<T> Sealed for BTreeMap<String, T> {}
impl<T: ?Sized> Sealed for &T {}

macro_rules! vacant {
    ($([$($of:ident)?] $type:ty = $value:expr;)*) => {
        $(
            impl<$($of: Decode)?> Decode for $type {
                fn vacant() -> Self {
                    $value
                }
            }
        )*
    };
}

vacant! {
    [] bool = false;
    [] u64 = 0;
    [] i64 = 0;
    [] f64 = 0.0;
    [] String = String::new();
    [T] Option<T> = None;
    [T] Vec<T> = Vec::new();
    [T] BTreeMap<String, T> = BTreeMap::new();
}

macro_rules! scalar {
    ($type:ty, $method:ident) => {
        impl Place for $type {
            fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
                *self = source.$method()?;
                Ok(())
            }
        }

        impl Encode for $type {
            fn encode(&self, out: &mut Writer) {
                out.scalar(self);
            }
        }
    };
}

scalar!(bool, boolean);
scalar!(u64, unsigned);
scalar!(i64, signed);

impl Place for f64 {
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        *self = source.float()?;
        Ok(())
    }
}

impl Encode for f64 {
    fn encode(&self, out: &mut Writer) {
        out.float(*self);
    }
}

impl Place for String {
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        source.string(self)
    }
}

impl Encode for String {
    fn encode(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl<T: Decode> Place for Option<T> {
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        source.optional(self)
    }
}

impl<T: Decode> Optional for Option<T> {
    fn some(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        *self = Some(T::vacant());
        if let Some(value) = self {
            return value.decode(source);
        }
        Ok(())
    }

    fn none(&mut self) {
        *self = None;
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, out: &mut Writer) {
        if let Some(value) = self {
            return value.encode(out);
        }
        out.raw("null");
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Decode> Decode for Box<T> {
    fn vacant() -> Self {
        Self::new(T::vacant())
    }
}

impl<T: Decode> Place for Box<T> {
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        self.as_mut().decode(source)
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    fn encode(&self, out: &mut Writer) {
        self.as_ref().encode(out);
    }
}

impl<T: Decode> Place for Vec<T> {
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        *self = Self::new();
        source.list(self)
    }
}

impl<T: Decode> Growing for Vec<T> {
    fn item(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        self.push(T::vacant());
        if let Some(item) = self.last_mut() {
            return item.decode(source);
        }
        Ok(())
    }
}

impl<T: Encode> List for Vec<T> {
    fn at(&self, index: usize) -> Option<&dyn Encode> {
        self.get(index).map(|item| item as &dyn Encode)
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Writer) {
        out.list(self);
    }
}

impl<T: Decode> Place for BTreeMap<String, T> {
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        *self = Self::new();
        source.object(&mut |key: &str, source: &mut dyn Source| {
            let mut value = T::vacant();
            value.decode(source)?;
            self.insert(key.to_owned(), value);
            Ok(())
        })
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn encode(&self, out: &mut Writer) {
        let mut object = out.object();
        for (key, value) in self {
            object.entry(key, value);
        }
        object.end();
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, out: &mut Writer) {
        (*self).encode(out);
    }
}

impl Encode for str {
    fn encode(&self, out: &mut Writer) {
        out.string(self);
    }
}
