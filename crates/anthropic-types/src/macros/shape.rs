//! `shape!`: an enum distinguished by the shape of the JSON.

/// An enum whose variants are distinguished by their JSON shape; the first that fits is taken.
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
                Self::Unrecognized(const { $crate::Unrecognized::EMPTY })
            }
        }

        impl $crate::codec::Shape for $name {
            $(#[$read])?
            fn choose(
                &mut self,
                text: &str,
                kind: $crate::codec::Kind,
                lenient: $crate::codec::Lenient<'_>,
            ) -> Result<(), Option<$crate::codec::DecodeError>> {
                let mut reason = None;
                $(
                    if kind == $crate::codec::Kind::$kind {
                        let mut value = <$type as $crate::codec::Decode>::vacant();
                        match $crate::codec::try_shape(&mut value, text, lenient) {
                            Ok(()) => {
                                *self = Self::$variant(value);
                                return Ok(());
                            }
                            Err(error) => reason = reason.or(Some(error)),
                        }
                    }
                )*
                Err(reason)
            }

            $(#[$read])?
            fn set_unrecognized(&mut self, value: $crate::Unrecognized) {
                *self = Self::Unrecognized(value);
            }
        }

        impl $crate::codec::Place for $name {
            $(#[$read])?
            fn decode(
                &mut self,
                source: &mut dyn $crate::codec::Source,
            ) -> Result<(), $crate::codec::DecodeError> {
                $crate::codec::read_shape(self, source)
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

        impl From<&String> for $name {
            #[inline]
            fn from(value: &String) -> Self {
                Self::from(value.as_str())
            }
        }
    };
}
