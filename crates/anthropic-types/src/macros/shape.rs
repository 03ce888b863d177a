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
                    &mut |text, kind, lenient| {
                        let mut reason = None;
                        $(
                            if kind == $crate::codec::Kind::$kind {
                                match $crate::codec::try_shape::<$type>(text, lenient) {
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

        impl From<&String> for $name {
            #[inline]
            fn from(value: &String) -> Self {
                Self::from(value.as_str())
            }
        }
    };
}
