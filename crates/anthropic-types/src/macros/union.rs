//! `union!`: an enum of structs, distinguished by a tag.

/// An enum of structs, distinguished by a tag.
///
/// ```text
/// union! { ContentBlock by "type" { 0: Text[plain](TextBlock) = "text", as_text as_text_mut; … } }
/// union! { ToolUnion by "type" else 0 { 0: Custom[boxed](Tool) = "custom", as_custom as_custom_mut; … } }
/// ```
///
/// The variant whose number is after `else` is the one without a tag; `boxed` ones are behind a
/// `Box`.
macro_rules! union {
    ($name:ident by $tag:literal $(else $default:literal)? $([read: $read:ident])? $([write: $write:ident])? {
        $($number:literal: $variant:ident[$how:ident]($type:ty) = $value:literal $(| $alias:literal)*, $accessor:ident $accessor_mut:ident;)*
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
                #[doc = concat!("Returns the value of [`", stringify!($variant), "`](Self::", stringify!($variant), "), if this is that variant.")]
                #[inline]
                pub fn $accessor(&self) -> Option<&$type> {
                    match self {
                        Self::$variant(value) => Some(value),
                        _ => None,
                    }
                }

                #[doc = concat!("As [`", stringify!($accessor), "`](Self::", stringify!($accessor), "), to change the value.")]
                #[inline]
                pub fn $accessor_mut(&mut self) -> Option<&mut $type> {
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
            fn variants(&self) -> &'static $crate::codec::Variants {
                const {
                    &$crate::codec::Variants {
                        tag: $tag,
                        names: &[$(($value, $number), $(($alias, $number),)*)*],
                        default: union!(@default $($default)?),
                    }
                }
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
                Self::Unrecognized(const { $crate::Unrecognized::EMPTY })
            }
        }

        impl $crate::codec::Place for $name {
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

    (@default) => { None };
    (@default $default:literal) => { Some($default) };

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
