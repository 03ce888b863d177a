//! What can be wrong with parameters.

use std::fmt;

use super::ParameterInfo;
use crate::operation::Place;

/// Why a [`Call`](super::Call) was not sent: the [source](std::error::Error::source) of its error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterError {
    operation: &'static str,
    name: String,
    kind: ParameterErrorKind,
}

/// What is wrong with a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParameterErrorKind {
    /// The operation has no parameter of this name.
    Unknown,
    /// The operation needs it.
    Missing,
    /// It goes somewhere else: a file that was given as a value, a value as a file, or a key of a
    /// body where there is none.
    WrongPlace,
    /// Its place can't hold this value, such as an object in a path.
    WrongValue,
}

impl ParameterError {
    pub(crate) fn new(operation: &'static str, name: &str, kind: ParameterErrorKind) -> Self {
        let name = name.to_owned();
        Self {
            operation,
            name,
            kind,
        }
    }

    /// What is wrong.
    pub fn kind(&self) -> ParameterErrorKind {
        self.kind
    }

    /// The parameter's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The operation's id.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    fn parameter(&self) -> Option<&'static ParameterInfo> {
        super::find(self.operation)?.parameter(&self.name)
    }
}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation, name, ..
        } = self;
        match self.kind {
            ParameterErrorKind::Unknown => write!(f, "`{operation}` has no parameter `{name}`"),
            ParameterErrorKind::Missing => write!(f, "`{operation}` needs the parameter `{name}`"),
            ParameterErrorKind::WrongPlace => match self.parameter() {
                Some(it) if it.is_file() => write!(f, "`{name}` of `{operation}` is a file"),
                Some(it) => {
                    let place = match it.place() {
                        Place::Path => "the path",
                        Place::Query => "the query",
                        Place::Header => "a header",
                        Place::Body => "the body",
                    };
                    write!(f, "`{name}` of `{operation}` is a value for {place}")
                }
                None => write!(f, "`{operation}` has no JSON body for `{name}`"),
            },
            ParameterErrorKind::WrongValue => {
                let takes = match self.parameter() {
                    Some(it) if it.is_file() => "one file",
                    Some(it) if it.place() == Place::Path => "a string, a number or a boolean",
                    _ => "a string, a number or a boolean, or a list of them",
                };
                write!(f, "`{name}` of `{operation}` takes {takes}")
            }
        }
    }
}

impl std::error::Error for ParameterError {}
