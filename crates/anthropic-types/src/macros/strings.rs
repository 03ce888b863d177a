//! `string_enum!` and `string_set!`: open sets of strings, and what both have.

/// An open set of strings: an enum with a variant for what is not known here.
///
/// `string_enum! { StopReason { 0: EndTurn = "end_turn", … } }`
macro_rules! string_enum {
    ($name:ident $([read: $read:ident])? $([write: $write:ident])? {
        $($number:literal: $variant:ident = $value:literal,)*
    }) => {
        impl $name {
            /// The string that stands in the JSON.
            $(#[$write])?
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unrecognized(value) => value,
                }
            }

            $(#[$read])?
            fn of(value: &str) -> Self {
                match $crate::codec::position(&[$($value),*], value) {
                    $($number => Self::$variant,)*
                    _ => Self::Unrecognized($crate::codec::owned(value)),
                }
            }
        }

        string_like! { $name }

        impl From<&str> for $name {
            #[inline]
            fn from(value: &str) -> Self {
                Self::of(value)
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(value: String) -> Self {
                Self::of(&value)
            }
        }

        impl $crate::codec::Decode for $name {
            $(#[$read])?
            fn vacant() -> Self {
                Self::Unrecognized(String::new())
            }
        }

        impl $crate::codec::Word for $name {
            $(#[$read])?
            fn set(&mut self, text: &str) {
                *self = text.into();
            }
        }

        impl $crate::codec::Place for $name {
            $(#[$read])?
            fn decode(
                &mut self,
                source: &mut dyn $crate::codec::Source,
            ) -> Result<(), $crate::codec::DecodeError> {
                $crate::codec::read_word(self, source)
            }
        }
    };
}

/// An open set of strings that grows monthly: a newtype with a constant for each known value.
///
/// `string_set! { Model { /** `claude-opus-5-5` */ CLAUDE_OPUS_5_5 = "claude-opus-5-5", … } }`
macro_rules! string_set {
    ($name:ident $([read: $read:ident])? $([write: $write:ident])? {
        $($(#[$meta:meta])* $constant:ident = $value:literal,)*
    }) => {
        impl $name {
            $(
                $(#[$meta])*
                pub const $constant: Self = Self::from_static($value);
            )*

            /// Every value that this version knows.
            pub const KNOWN: &'static [Self] = &[$(Self::from_static($value)),*];

            /// Names a value without allocating.
            pub const fn from_static(value: &'static str) -> Self {
                Self(std::borrow::Cow::Borrowed(value))
            }

            /// The string that stands in the JSON.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        string_like! { $name }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self($crate::codec::known(&[$($value),*], value))
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self(std::borrow::Cow::Owned(value))
            }
        }

        impl From<&String> for $name {
            #[inline]
            fn from(value: &String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            /// Takes any string, known or not.
            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Ok(value.into())
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl $crate::codec::Decode for $name {
            $(#[$read])?
            fn vacant() -> Self {
                Self::from_static("")
            }
        }

        impl $crate::codec::Word for $name {
            $(#[$read])?
            fn set(&mut self, text: &str) {
                *self = text.into();
            }
        }

        impl $crate::codec::Place for $name {
            $(#[$read])?
            fn decode(
                &mut self,
                source: &mut dyn $crate::codec::Source,
            ) -> Result<(), $crate::codec::DecodeError> {
                $crate::codec::read_word(self, source)
            }
        }
    };
}

/// What every open set of strings has: comparing goes by the string, so that a value that a later
/// version knows by name still equals the same string received today.
macro_rules! string_like {
    ($name:ident) => {
        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $name {}

        impl std::hash::Hash for $name {
            #[inline]
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl PartialEq<str> for $name {
            #[inline]
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::codec::Encode for $name {
            #[inline]
            fn encode(&self, out: &mut $crate::codec::Writer) {
                out.string(self.as_str());
            }
        }

        serde_by_codec! { $name }
    };
}
