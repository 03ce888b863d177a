//! The four declarations that turn a Rust type into an API type.
//!
//! Each names fields or variants and the JSON names that belong to them, and nothing else; what they
//! have in common is in [`codec`](crate::codec). The structs and enums themselves are written out as
//! plain Rust beside the declaration, where readers and rustdoc look for them.
//!
//! - `object!` — a struct: constructor, setters, codec.
//! - `union!` — an enum of structs told apart by a tag.
//! - `shape!` — an enum told apart by JSON shape (a string or a list).
//! - `string_enum!` — an open set of strings.
//! - `string_set!` — an open set of strings that grows monthly: a newtype with constants.
//!
//! `[read: inline]` and `[write: inline]` after a name say that no endpoint answers with that type, or takes
//! it. The code that does so is then compiled in the programs that use it and not in every build of this
//! crate. `cargo xtask generate` works it out from the description.

/// serde for a type that has `Encode` and `Decode`.
macro_rules! serde_by_codec {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::codec::serialize(self, to)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::codec::deserialize(from)
            }
        }
    };
}

/// A struct of the API.
///
/// ```text
/// object! {
///     TextBlock("type" = "text") {            // constants: always this value, no field
///         0: req text = "text": into String;     // required: an argument of `new`
///         1: late messages = "messages": list X; // required, set by its setter, empty until then
///         2: nul end = "end": into Timestamp;    // always written, `null` while unset
///         3: opt citations = "citations": list TextCitation;
///         4: patch name = "name": into String;   // `Patch<String>`
///     }
/// }
/// ```
///
/// Fields are numbered from 0. The word before the type says what setters take: `plain T`, `into T` (`impl Into<T>`), `list T` (a
/// `Vec<T>`, from any iterator), `map T` (a `BTreeMap<String, T>`), `boxed T`.
macro_rules! object {
    ($name:ident($($const_key:literal = $const_value:literal),*) $([read: $read:ident])? $([write: $write:ident])? {
        $($number:literal: $rule:ident $field:ident = $key:literal : $how:ident $type:ty;)*
    }) => {
        impl $name {
            object! { @new $name [] [] $($rule $field $how $type;)* }
            $(object! { @setter $rule $field $how $type })*
        }

        impl $name {
            const SHAPE: $crate::codec::Shape = $crate::codec::Shape::new(
                &[$($crate::codec::Constant {
                    key: $const_key,
                    json: concat!("\"", $const_value, "\""),
                }),*],
                &[$($crate::codec::Field {
                    key: $key,
                    presence: object!(@presence $rule),
                }),*],
            );
        }

        impl $crate::codec::ReadObject for $name {
            $(#[$read])?
            fn shape(&self) -> &'static $crate::codec::Shape {
                &Self::SHAPE
            }

            $(#[$read])?
            fn place(&mut self, number: usize) -> Option<&mut dyn $crate::codec::Place> {
                match number {
                    $($number => Some(&mut self.$field),)*
                    _ => None,
                }
            }

            $(#[$read])?
            fn extra_mut(&mut self) -> &mut $crate::Extra {
                &mut self.extra
            }
        }

        impl $crate::codec::WriteObject for $name {
            $(#[$write])?
            fn shape(&self) -> &'static $crate::codec::Shape {
                &Self::SHAPE
            }

            $(#[$write])?
            fn value(&self, number: usize) -> Option<&dyn $crate::codec::Encode> {
                match number {
                    $($number => Some(&self.$field),)*
                    _ => None,
                }
            }

            $(#[$write])?
            fn extra(&self) -> &$crate::Extra {
                &self.extra
            }
        }

        impl $crate::codec::Decode for $name {
            $(#[$read])?
            fn vacant() -> Self {
                Self { $($field: $crate::codec::Decode::vacant(),)* extra: $crate::Extra::new() }
            }

            $(#[$read])?
            fn decode(
                &mut self,
                source: &mut dyn $crate::codec::Source,
            ) -> Result<(), $crate::codec::DecodeError> {
                $crate::codec::read_object(self, source)
            }
        }

        impl $crate::codec::Encode for $name {
            $(#[$write])?
            fn encode(&self, out: &mut $crate::codec::Writer) {
                $crate::codec::write_object(self, out);
            }
        }

        serde_by_codec! { $name }
    };

    (@presence req) => { $crate::codec::Presence::Required };
    (@presence late) => { $crate::codec::Presence::Required };
    (@presence nul) => { $crate::codec::Presence::OrNull };
    (@presence $rule:ident) => { $crate::codec::Presence::Optional };

    // The constructor takes the required fields; the others start empty.
    (@new $name:ident [$($args:tt)*] [$($init:tt)*] req $field:ident $how:ident $type:ty; $($rest:tt)*) => {
        object! { @new $name
            [$($args)* ($field $how $type)]
            [$($init)* $field: object!(@value $field $how),]
            $($rest)* }
    };
    (@new $name:ident [$($args:tt)*] [$($init:tt)*] $rule:ident $field:ident $how:ident $type:ty; $($rest:tt)*) => {
        object! { @new $name
            [$($args)*]
            [$($init)* $field: $crate::codec::Decode::vacant(),]
            $($rest)* }
    };
    (@new $name:ident [$(($arg:ident $how:ident $type:ty))*] [$($init:tt)*]) => {
        /// Makes one from its required fields.
        #[allow(clippy::new_without_default, clippy::too_many_arguments)]
        #[inline]
        pub fn new($($arg: object!(@argument $how $type)),*) -> Self {
            Self { $($init)* extra: $crate::Extra::new() }
        }
    };

    (@argument plain $type:ty) => { $type };
    (@argument into $type:ty) => { impl Into<$type> };
    (@argument boxed $type:ty) => { impl Into<$type> };
    (@argument list $type:ty) => { impl IntoIterator<Item = impl Into<$type>> };
    (@argument map $type:ty) => { impl IntoIterator<Item = (impl Into<String>, impl Into<$type>)> };

    (@value $arg:ident plain) => { $arg };
    (@value $arg:ident into) => { $arg.into() };
    (@value $arg:ident boxed) => { Box::new($arg.into()) };
    (@value $arg:ident list) => { $arg.into_iter().map(Into::into).collect() };
    (@value $arg:ident map) => {
        $arg.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
    };

    // A setter for each field.
    (@setter patch $field:ident $how:ident $type:ty) => {
        #[doc = concat!("Sets `", stringify!($field), "`; [`Null`](crate::Null) clears it.")]
        #[inline]
        pub fn $field(mut self, value: impl Into<$crate::Patch<$type>>) -> Self {
            self.$field = value.into();
            self
        }
    };
    (@setter req $field:ident $how:ident $type:ty) => {
        object! { @setter late $field $how $type }
    };
    (@setter late $field:ident $how:ident $type:ty) => {
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[inline]
        pub fn $field(mut self, $field: object!(@argument $how $type)) -> Self {
            self.$field = object!(@value $field $how);
            self
        }
    };
    (@setter $rule:ident $field:ident $how:ident $type:ty) => {
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[inline]
        pub fn $field(mut self, $field: object!(@argument $how $type)) -> Self {
            self.$field = Some(object!(@value $field $how));
            self
        }
    };
}

/// An enum of structs, told apart by a tag.
///
/// ```text
/// union! { ContentBlock by "type" { 0: Text[plain](TextBlock) = "text", as_text; … } }
/// union! { ToolUnion by "type" else 0 { 0: Custom[boxed](Tool) = "custom", as_custom; … } }
/// ```
///
/// The variant whose number is after `else` is the one without a tag; `boxed` ones are behind a `Box`.
macro_rules! union {
    ($name:ident by $tag:literal $(else $default:literal)? $([read: $read:ident])? $([write: $write:ident])? {
        $($number:literal: $variant:ident[$how:ident]($type:ty) = $value:literal $(| $alias:literal)*, $accessor:ident;)*
    }) => {
        impl $name {
            #[doc = concat!("The value of `", $tag, "` in the JSON; empty if there is none.")]
            #[inline]
            pub fn type_name(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $value,)*
                    Self::Unrecognized(value) => value.type_name().unwrap_or_default(),
                }
            }

            $(
                #[doc = concat!("The value as a `", stringify!($type), "`, if it is one.")]
                #[inline]
                pub fn $accessor(&self) -> Option<&$type> {
                    match self {
                        Self::$variant(value) => Some(value),
                        _ => None,
                    }
                }
            )*
        }

        $(union! { @from $how $name $variant $type })*

        impl $crate::codec::Union for $name {
            $(#[$read])?
            fn tag(&self) -> &'static str {
                $tag
            }

            $(#[$read])?
            fn names(&self) -> &'static [(&'static str, usize)] {
                &[$(($value, $number), $(($alias, $number),)*)*]
            }

            $(#[$read])?
            fn default(&self) -> Option<usize> {
                [$($default)?].first().copied()
            }

            $(#[$read])?
            fn select(&mut self, number: usize) {
                *self = match number {
                    $($number => Self::$variant($crate::codec::Decode::vacant()),)*
                    _ => $crate::codec::Decode::vacant(),
                };
            }

            $(#[$read])?
            fn object(&mut self) -> Option<&mut dyn $crate::codec::ReadObject> {
                match self {
                    $(Self::$variant(value) => Some(union!(@inner $how value)),)*
                    Self::Unrecognized(_) => None,
                }
            }

            $(#[$read])?
            fn set_unrecognized(&mut self, value: $crate::Unrecognized) {
                *self = Self::Unrecognized(value);
            }
        }

        impl $crate::codec::Decode for $name {
            $(#[$read])?
            fn vacant() -> Self {
                Self::Unrecognized($crate::Unrecognized::default())
            }

            $(#[$read])?
            fn decode(
                &mut self,
                source: &mut dyn $crate::codec::Source,
            ) -> Result<(), $crate::codec::DecodeError> {
                $crate::codec::read_union(self, source)
            }
        }

        impl $crate::codec::Encode for $name {
            $(#[$write])?
            fn encode(&self, out: &mut $crate::codec::Writer) {
                match self {
                    $(Self::$variant(value) => value.encode(out),)*
                    Self::Unrecognized(value) => out.raw(value.text()),
                }
            }
        }

        serde_by_codec! { $name }
    };

    (@inner plain $value:ident) => { $value };
    (@inner boxed $value:ident) => { $value.as_mut() };

    (@from plain $name:ident $variant:ident $type:ty) => {
        impl From<$type> for $name {
            #[inline]
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }
    };
    (@from boxed $name:ident $variant:ident $type:ty) => {
        impl From<$type> for $name {
            #[inline]
            fn from(value: $type) -> Self {
                Self::$variant(Box::new(value))
            }
        }
    };
}

/// An enum whose variants are told apart by their JSON shape; the first that fits is taken.
///
/// `shape! { SystemPrompt { Text(String) = String; Blocks(Vec<TextBlock>) = List; } }`
macro_rules! shape {
    ($name:ident $([read: $read:ident])? $([write: $write:ident])? {
        $($variant:ident($type:ty) = $kind:ident $(, $into:ident)?;)*
    }) => {
        $($(shape! { @from $into $name $variant $type })?)*

        impl $crate::codec::Decode for $name {
            $(#[$read])?
            fn vacant() -> Self {
                Self::Unrecognized($crate::Unrecognized::default())
            }

            $(#[$read])?
            fn decode(
                &mut self,
                source: &mut dyn $crate::codec::Source,
            ) -> Result<(), $crate::codec::DecodeError> {
                let mut chosen = None;
                let mut other = None;
                $crate::codec::read_shape(
                    source,
                    &mut |text, kind| {
                        let mut reason = None;
                        $(
                            if kind == $crate::codec::Kind::$kind {
                                match $crate::codec::try_shape::<$type>(text) {
                                    Ok(value) => {
                                        chosen = Some(Self::$variant(value));
                                        return Ok(());
                                    }
                                    Err(error) => reason = reason.or(Some(error)),
                                }
                            }
                        )*
                        Err(reason)
                    },
                    &mut |text, reason| {
                        let json = $crate::Json::from_valid(text);
                        other = Some($crate::Unrecognized::new(json, None, reason));
                    },
                )?;
                *self = chosen.unwrap_or_else(|| Self::Unrecognized(other.unwrap_or_default()));
                Ok(())
            }
        }

        impl $crate::codec::Encode for $name {
            $(#[$write])?
            fn encode(&self, out: &mut $crate::codec::Writer) {
                match self {
                    $(Self::$variant(value) => value.encode(out),)*
                    Self::Unrecognized(value) => out.raw(value.text()),
                }
            }
        }

        serde_by_codec! { $name }
    };

    (@from from $name:ident $variant:ident $type:ty) => {
        impl From<$type> for $name {
            #[inline]
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }
    };
    (@from text $name:ident $variant:ident $type:ty) => {
        shape! { @from from $name $variant $type }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self::$variant(value.into())
            }
        }
    };
}

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
            fn known(value: &str) -> Option<Self> {
                match $crate::codec::position(&[$($value),*], value)? {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        string_like! { $name }

        impl From<&str> for $name {
            #[inline]
            fn from(value: &str) -> Self {
                Self::known(value).unwrap_or_else(|| Self::Unrecognized(value.to_owned()))
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(value: String) -> Self {
                Self::known(&value).unwrap_or(Self::Unrecognized(value))
            }
        }

        impl $crate::codec::Decode for $name {
            $(#[$read])?
            fn vacant() -> Self {
                Self::Unrecognized(String::new())
            }

            $(#[$read])?
            fn decode(
                &mut self,
                source: &mut dyn $crate::codec::Source,
            ) -> Result<(), $crate::codec::DecodeError> {
                source.look(&mut |text| {
                    *self = text.into();
                    Ok(())
                })
            }
        }
    };
}

/// An open set of strings that grows monthly: a newtype with a constant for each known value.
///
/// `string_set! { Model { CLAUDE_OPUS_5_5 = "claude-opus-5-5", … } }`
macro_rules! string_set {
    ($name:ident $([read: $read:ident])? $([write: $write:ident])? {
        $($constant:ident = $value:literal,)*
    }) => {
        impl $name {
            $(
                #[doc = concat!("`", $value, "`")]
                pub const $constant: Self = Self::from_static($value);
            )*

            /// Every value that this version knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$constant),*];

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
                let known = Self::KNOWN.iter().find(|known| known.as_str() == value);
                known.cloned().unwrap_or_else(|| Self(std::borrow::Cow::Owned(value.to_owned())))
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self(std::borrow::Cow::Owned(value))
            }
        }

        impl $crate::codec::Decode for $name {
            $(#[$read])?
            fn vacant() -> Self {
                Self::from_static("")
            }

            $(#[$read])?
            fn decode(
                &mut self,
                source: &mut dyn $crate::codec::Source,
            ) -> Result<(), $crate::codec::DecodeError> {
                source.look(&mut |text| {
                    *self = text.into();
                    Ok(())
                })
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
                out.scalar(self.as_str());
            }
        }

        serde_by_codec! { $name }
    };
}
