//! Where in a request something is: `messages.0.content.1.text`.

use std::fmt;

use crate::base::errors::ApiError;

pub(crate) type Check = Result<(), ApiError>;

/// A place as a chain of borrowed parts, so that walking through a request that is right allocates
/// nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    Body,
    Field(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl Place<'_> {
    fn parent(&self) -> Option<&Place<'_>> {
        match self {
            Self::Body => None,
            Self::Field(parent, _) | Self::Item(parent, _) => Some(parent),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self
            .parent()
            .filter(|parent| !matches!(parent, Place::Body))
        {
            write!(f, "{parent}.")?;
        }
        match self {
            Self::Body => f.write_str("body"),
            Self::Field(_, name) => f.write_str(name),
            Self::Item(_, index) => write!(f, "{index}"),
        }
    }
}
