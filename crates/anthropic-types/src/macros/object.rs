//! `object!`: a struct's constructor, setters and codec.

/// A struct of the API.
///
/// ```text
/// object! {
///     TextBlock("type" = "text") {            // constants: always this value, no field
///         req text = "text": into String, "…";     // required: an argument of `new`
///         late messages = "messages": list X, "…"; // required, set by its setter, empty until then
///         nul end = "end": into Timestamp, "…";    // always written, `null` while unset
///         opt citations = "citations": list TextCitation, "…";
///         null effort = "effort": into Effort, "…"; // as `opt`, and requests allow `null`
///         patch name = "name": into String, "…";   // `Patch<String>`
///     }
/// }
/// ```
///
/// The text behind the type is the setter's doc. The word before the type is what setters take:
/// `plain T`, `into T` (`impl Into<T>`), `list T` (a `Vec<T>`, from any iterator), `map T` (a
/// `BTreeMap<String, T>`), `boxed T`, `dict Json` (as `into`, for free JSON that is always an
/// object). `in answers` behind the constants means that no request has such an object.
macro_rules! object {
    ($name:ident($($const_key:literal = $const_value:literal),*) $(in $side:ident)? $([read: $read:ident])? $([write: $write:ident])? {
        $($rule:ident $field:ident = $key:literal : $how:ident $type:ty, $doc:literal;)*
    }) => {
        impl $name {
            object! { @new $name [] [] $($rule $field $how $type;)* }
            $(object! { @setter $rule $field $how $type, $doc })*
        }

        impl $name {
            // A static, because an `Extra` knows its layout by the address.
            pub(crate) const LAYOUT: &'static $crate::codec::Layout = {
                static LAYOUT: $crate::codec::Layout = $crate::codec::Layout::new(
                    &[$($crate::codec::Constant {
                        key: $const_key,
                        json: concat!("\"", $const_value, "\""),
                    }),*],
                    &[$($crate::codec::Field {
                        key: $key,
                        presence: object!(@presence $rule),
                        is_object: object!(@is_object $how),
                    }),*],
                    object!(@is_answer $($side)?),
                );
                &LAYOUT
            };
        }

        impl $crate::codec::ReadObject for $name {
            $(#[$read])?
            fn open(
                &mut self,
                reader: &mut dyn $crate::codec::Parts,
            ) -> Result<(), $crate::codec::DecodeError> {
                reader.read(Self::LAYOUT, &mut [$(&mut self.$field),*], &mut self.extra)
            }
        }

        impl $crate::codec::Decode for $name {
            $(#[$read])?
            fn vacant() -> Self {
                Self {
                    $($field: $crate::codec::Decode::vacant(),)*
                    extra: const { $crate::Extra::new() },
                }
            }
        }

        impl $crate::codec::Place for $name {
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
                let mut out = out.structure(Self::LAYOUT, &self.extra);
                $(out.field(&self.$field);)*
                out.end();
            }
        }

        serde_by_codec! { $name }
    };

    (@presence req) => { $crate::codec::Presence::Required };
    (@presence late) => { $crate::codec::Presence::Required };
    (@presence nul) => { $crate::codec::Presence::OrNull };
    (@presence null) => { $crate::codec::Presence::Nullable };
    (@presence $rule:ident) => { $crate::codec::Presence::Optional };

    (@is_object dict) => { true };
    (@is_object $how:ident) => { false };

    (@is_answer answers) => { true };
    (@is_answer) => { false };

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
            Self { $($init)* extra: const { $crate::Extra::new() } }
        }
    };

    (@argument plain $type:ty) => { $type };
    (@argument into $type:ty) => { impl Into<$type> };
    (@argument boxed $type:ty) => { impl Into<$type> };
    (@argument dict $type:ty) => { impl Into<$type> };
    (@argument list $type:ty) => { impl IntoIterator<Item = impl Into<$type>> };
    (@argument map $type:ty) => { impl IntoIterator<Item = (impl Into<String>, impl Into<$type>)> };

    (@value $arg:ident plain) => { $arg };
    (@value $arg:ident into) => { $arg.into() };
    (@value $arg:ident dict) => { $arg.into() };
    (@value $arg:ident boxed) => { Box::new($arg.into()) };
    (@value $arg:ident list) => { $arg.into_iter().map(Into::into).collect() };
    (@value $arg:ident map) => {
        $arg.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
    };

    // A setter for each field.
    (@setter patch $field:ident $how:ident $type:ty, $doc:literal) => {
        #[doc = $doc]
        #[inline]
        pub fn $field(mut self, value: impl Into<$crate::Patch<$type>>) -> Self {
            self.$field = value.into();
            self
        }
    };
    (@setter req $field:ident $how:ident $type:ty, $doc:literal) => {
        object! { @setter late $field $how $type, $doc }
    };
    (@setter late $field:ident $how:ident $type:ty, $doc:literal) => {
        #[doc = $doc]
        #[inline]
        pub fn $field(mut self, $field: object!(@argument $how $type)) -> Self {
            self.$field = object!(@value $field $how);
            self
        }
    };
    (@setter $rule:ident $field:ident $how:ident $type:ty, $doc:literal) => {
        #[doc = $doc]
        #[inline]
        pub fn $field(mut self, $field: object!(@argument $how $type)) -> Self {
            self.$field = Some(object!(@value $field $how));
            self
        }
    };
}
