//! `across!`: what several variants of a union have, without a match.

/// Methods of a union that read and change what several of its variants have.
///
/// ```text
/// across! {
///     ContentBlock {
///         get id of id: &str = ToolUse[req] ServerToolUse[req], "…";
///         set id_mut of id: String = ToolUse[req] ServerToolUse[req], "…";
///         get cache_control of cache_control: &CacheControlEphemeral = Text[opt] Image[opt], "…";
///     }
/// }
/// ```
///
/// The word in brackets is where the value is: in the field (`req`, and `copy` for numbers), in its
/// `Option` (`opt`, `copied`, `deref`), in an enum of strings (`word`, `words`); a text in brackets
/// is the value itself. Everything is inlined: what a program does not call, it does not have.
macro_rules! across {
    ($name:ident {
        $($rule:ident $method:ident of $field:ident: $type:ty = $($variant:ident[$how:tt])+, $doc:literal;)*
    }) => {
        impl $name {
            $(across! { @method $rule $method $field $type [$($variant[$how])+] $doc })*
        }
    };

    (@method get $method:ident $field:ident $type:ty [$($variant:ident[$how:tt])+] $doc:literal) => {
        #[doc = $doc]
        #[inline]
        pub fn $method(&self) -> Option<$type> {
            match self {
                $(Self::$variant(value) => across!(@get $how value $field),)+
                _ => None,
            }
        }
    };
    (@method set $method:ident $field:ident $type:ty [$($variant:ident[$how:tt])+] $doc:literal) => {
        #[doc = $doc]
        #[inline]
        pub fn $method(&mut self) -> Option<&mut $type> {
            match self {
                $(Self::$variant(value) => across!(@set $how value $field),)+
                _ => None,
            }
        }
    };

    (@get req $value:ident $field:ident) => { Some(&$value.$field) };
    (@get copy $value:ident $field:ident) => { Some($value.$field) };
    (@get copied $value:ident $field:ident) => { $value.$field };
    (@get opt $value:ident $field:ident) => { $value.$field.as_ref() };
    (@get deref $value:ident $field:ident) => { $value.$field.as_deref() };
    (@get word $value:ident $field:ident) => { Some($value.$field.as_str()) };
    (@get words $value:ident $field:ident) => { $value.$field.as_ref().map(|word| word.as_str()) };
    (@get $text:literal $value:ident $field:ident) => {{
        let _ = $value;
        Some($text)
    }};

    (@set req $value:ident $field:ident) => { Some(&mut $value.$field) };
    (@set opt $value:ident $field:ident) => { $value.$field.as_mut() };
    (@set deref $value:ident $field:ident) => { $value.$field.as_deref_mut() };
}
