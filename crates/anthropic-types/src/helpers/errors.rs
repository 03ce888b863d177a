//! Errors as values, such as those in the rows of a batch: kind, message, and a line to print.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::codec::text_under;
use crate::{ErrorObject, ErrorResponse, ErrorType};

impl ErrorObject {
    /// The API's name for the error: `type`. [`Unrecognized`](ErrorType::Unrecognized) and empty
    /// where there is none.
    pub fn kind(&self) -> ErrorType {
        ErrorType::from(self.type_name())
    }

    /// What went wrong, for people to read; empty where there is no message.
    ///
    /// ```
    /// use anthropic_types::{ErrorObject, ErrorType, from_slice};
    ///
    /// let json = br#"{"type":"overloaded_error","message":"Overloaded"}"#;
    /// let error: ErrorObject = from_slice(json)?;
    /// assert_eq!(error.kind(), ErrorType::OverloadedError);
    /// assert_eq!(error.message(), "Overloaded");
    /// assert_eq!(error.to_string(), "overloaded_error: Overloaded");
    /// # Ok::<(), anthropic_types::DecodeError>(())
    /// ```
    pub fn message(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::InvalidRequestError(error) => &error.message,
            Self::AuthenticationError(error) => &error.message,
            Self::BillingError(error) => &error.message,
            Self::PermissionError(error) => &error.message,
            Self::NotFoundError(error) => &error.message,
            Self::RateLimitError(error) => &error.message,
            Self::TimeoutError(error) => &error.message,
            Self::ApiError(error) => &error.message,
            Self::OverloadedError(error) => &error.message,
            Self::Unrecognized(other) => {
                return Cow::Owned(text_under(other.text(), "message").unwrap_or_default());
            }
        })
    }
}

/// Characters that move the cursor or turn the direction of writing.
fn is_control(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// Writes text on one line: white space as a blank, control characters and those that turn the
/// direction of writing escaped.
pub(crate) fn write_line(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            f.write_char(' ')?;
        }
        for char in word.chars() {
            if is_control(char) {
                write!(f, "{}", char.escape_default())?;
            } else {
                f.write_char(char)?;
            }
        }
    }
    Ok(())
}

/// The kind and the message, on one line.
impl fmt::Display for ErrorObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message();
        let (name, message) = (self.type_name(), message.trim());
        write_line(name, f)?;
        if !name.is_empty() && !message.is_empty() {
            f.write_str(": ")?;
        }
        write_line(message, f)
    }
}

impl std::error::Error for ErrorObject {}

impl ErrorResponse {
    /// The API's name for the error: see [`ErrorObject::kind`].
    pub fn kind(&self) -> ErrorType {
        self.error.kind()
    }

    /// What went wrong, for people to read; empty where there is no message.
    pub fn message(&self) -> Cow<'_, str> {
        self.error.message()
    }
}

/// The kind, the message and the request's id, on one line.
impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        match &self.request_id {
            Some(id) => {
                f.write_str(" [request ")?;
                write_line(id, f)?;
                f.write_char(']')
            }
            None => Ok(()),
        }
    }
}

impl std::error::Error for ErrorResponse {}
