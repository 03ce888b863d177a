//! An error as one line: what went wrong, its cause, what to do, and what it was about.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use anthropic_types::ErrorType;

use super::Error;
use super::build::{cut, short};
use crate::text::append;
use crate::trace::escaped;
use crate::transport::deepest;

/// The most letters that a message or a cause has in the line. A server may write, or repeat, a
/// text of any length; whole it is in [`Error::api_message`], the body and the source.
const LONG: usize = 2_000;

/// Adds a clause behind a mark, which takes the place of the full stop that the API's words end
/// with.
fn go_on(line: &mut String, mark: &str, clause: &str) {
    if line.ends_with('.') && !line.ends_with("..") {
        line.pop();
    }
    line.push_str(mark);
    line.push_str(clause);
}

impl Error {
    /// What went wrong: the API's words or the kind's, the client's own, and the cause.
    fn describe(&self) -> String {
        let inner = &*self.0;
        let name = inner.api.as_ref().and_then(|api| api.error_type.as_ref());
        let name = name.map_or(inner.kind.words(), ErrorType::as_str);
        let mut line = short(name).into_owned();
        if let Some(status) = self.status() {
            let _ = write!(line, " ({})", status.as_u16());
        }
        // Some gateways give an error's type alone.
        let words = inner.api.as_ref().map(|api| cut(&api.message, LONG));
        let words = words.filter(|words| !words.is_empty());
        if let Some(words) = &words {
            let _ = write!(line, ": {words}");
        }
        if let Some(message) = &inner.message {
            let mark = if words.is_some() { "; " } else { ": " };
            go_on(&mut line, mark, &cut(message, LONG));
        }
        // The last cause is the most precise; often it is in the line already.
        if let Some(cause) = self.source().map(deepest) {
            let cause = cut(&cause, LONG);
            if !cause.is_empty() && !line.contains(&*cause) {
                go_on(&mut line, ": ", &cause);
            }
        }
        line
    }

    /// The operation, the request's id, the attempts.
    fn notes(&self) -> String {
        let inner = &*self.0;
        let mut notes = inner.operation.unwrap_or_default().to_owned();
        if let Some(id) = self.request_id() {
            append(&mut notes, ", ", &format!("request {}", short(id)));
        }
        if inner.attempts > 1 {
            append(&mut notes, ", ", &format!("{} attempts", inner.attempts));
        }
        notes
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut line = self.describe();
        if let Some(hint) = inner.hint.as_deref().or(inner.kind.advice()) {
            go_on(&mut line, "; ", hint);
        }
        match (&inner.decision, inner.retry_after) {
            (Some(decision), _) => go_on(&mut line, "; ", decision),
            (None, Some(delay)) => {
                go_on(
                    &mut line,
                    "; ",
                    &format!("the server asks to wait {delay:?}"),
                );
            }
            (None, None) => {}
        }
        let notes = self.notes();
        if !notes.is_empty() {
            write!(line, " [{notes}]")?;
        }
        f.write_str(&escaped(&line))
    }
}
