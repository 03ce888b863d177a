//! Where and why a fragment is not the JSON it should be.

use std::fmt;

/// What is wrong with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartialJsonErrorKind {
    /// A character that cannot stand here.
    UnexpectedCharacter,
    /// A backslash with something after it that JSON doesn't know, such as `\d`.
    InvalidEscape,
    /// Half of a surrogate pair: `\ud83d` without its other half.
    LoneSurrogate,
    /// A control character in a string, where JSON wants an escape.
    ControlCharacter,
    /// A number that is written wrongly or is too large for any number type.
    InvalidNumber,
    /// More arrays and objects inside one another than the parser allows.
    TooDeep,
    /// Something after the end of the document.
    TrailingCharacters,
    /// The text ends before the document does.
    UnexpectedEnd,
}

/// The text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialJsonError {
    kind: PartialJsonErrorKind,
    offset: usize,
}

impl PartialJsonError {
    pub(super) fn new(kind: PartialJsonErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    pub fn kind(&self) -> PartialJsonErrorKind {
        self.kind
    }

    /// Where, in bytes from the start of the document.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for PartialJsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            PartialJsonErrorKind::UnexpectedCharacter => "unexpected character",
            PartialJsonErrorKind::InvalidEscape => "invalid escape",
            PartialJsonErrorKind::LoneSurrogate => "lone surrogate",
            PartialJsonErrorKind::ControlCharacter => "control character in a string",
            PartialJsonErrorKind::InvalidNumber => "invalid number",
            PartialJsonErrorKind::TooDeep => "nested too deeply",
            PartialJsonErrorKind::TrailingCharacters => "trailing characters",
            PartialJsonErrorKind::UnexpectedEnd => "unexpected end",
        };
        write!(f, "invalid JSON: {what} at byte {}", self.offset)
    }
}

impl std::error::Error for PartialJsonError {}
