//! The errors of decoding and encoding: what did not fit, and where.

use std::fmt;

/// How strictly JSON is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Decoding {
    /// A field whose value is missing, `null` or of another type is left vacant and listed: see
    /// [`repairs`](crate::repairs). A union's value that cannot be read is kept whole.
    #[default]
    Lenient,
    /// Each of these is an error. What is merely unknown (fields, types, values) is not.
    Strict,
}

/// A value did not have the shape that the API's description promises.
///
/// Carries the path of the value (`content[3].input`) and what was wrong with it.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

/// A value has no JSON form, such as a number that is not finite.
///
/// Carries the path of the value (`temperature`) and what is wrong with it.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    path: String,
    message: String,
}

impl Inner {
    fn new(message: String) -> Self {
        let path = String::new();
        Self { path, message }
    }

    /// Puts a step in front of the path.
    fn prepend(&mut self, step: &str) {
        let path = &mut self.path;
        let separator = if path.is_empty() || path.starts_with('[') {
            ""
        } else {
            "."
        };
        *path = format!("{step}{separator}{path}");
    }
}

macro_rules! error {
    ($name:ident) => {
        impl $name {
            pub(crate) fn new(message: impl Into<String>) -> Self {
                Self(Box::new(Inner::new(message.into())))
            }

            /// Puts the error under an object's key; called as the error travels outwards.
            pub(crate) fn under(mut self, key: &str) -> Self {
                self.0.prepend(key);
                self
            }

            /// Puts the error under a list's index.
            pub(crate) fn at(mut self, index: usize) -> Self {
                self.0.prepend(&format!("[{index}]"));
                self
            }

            /// The path of the offending value, such as `content[3].input`; empty for the whole
            /// document.
            pub fn path(&self) -> &str {
                &self.0.path
            }

            /// What was wrong, without the path.
            pub fn message(&self) -> &str {
                &self.0.message
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if self.0.path.is_empty() {
                    f.write_str(&self.0.message)
                } else {
                    write!(f, "{}: {}", self.0.path, self.0.message)
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("path", &self.0.path)
                    .field("message", &self.0.message)
                    .finish()
            }
        }

        impl std::error::Error for $name {}
    };
}

error! { DecodeError }
error! { EncodeError }

impl EncodeError {
    pub(crate) fn not_finite(value: f64) -> Self {
        Self::new(format!("{value} is not a finite number"))
    }
}
