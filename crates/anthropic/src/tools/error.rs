//! Why a tool failed: what the model sees of it, and what stays with the caller.

use std::error::Error as StdError;
use std::fmt;

use super::guarded::Guarded;
use super::output::ToolOutput;
use crate::trace::escaped;
use crate::transport::BoxError;

/// What the model sees of an error that is hidden from it.
pub(super) const HIDDEN: &str = "the tool failed";

/// How a tool call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ToolErrorKind {
    /// The tool itself failed.
    Failed,
    /// The input is no JSON, or does not fit the tool's type. The tool did not run.
    InvalidInput,
    /// There is no tool of that name. Nothing ran.
    UnknownTool,
    /// The tool refused the call. A refusal by a hook, a confirmation or an approver is a
    /// [`RunEvent::ToolDenied`](super::RunEvent::ToolDenied) instead.
    Denied,
    /// The tool was not done within its time limit, and was cancelled.
    TimedOut,
    /// The tool panicked.
    Panicked,
    /// The run ended before the tool ran, or before it was done.
    NotRun,
}

/// The failure of a tool call.
///
/// Any error becomes one with `?`. The model sees the error and its causes, `a: b: c`, unless it is
/// [hidden](Self::hide_from_model) or [worded for it](Self::for_model). The
/// [source](Self::source) is kept for the caller, whatever the model sees.
///
/// It does not implement [`std::error::Error`] itself, which is what lets it be made of every type
/// that does.
///
/// ```
/// use anthropic::tools::ToolError;
///
/// fn read(path: &str) -> Result<String, ToolError> {
///     if path.contains("..") {
///         return Err(ToolError::new("the path must not contain `..`"));
///     }
///     std::fs::read_to_string(path).map_err(|error| ToolError::from(error).hide_from_model())
/// }
///
/// assert_eq!(read("../x").unwrap_err().to_string(), "the path must not contain `..`");
/// let hidden = read("/no/such/file").unwrap_err();
/// assert_eq!(hidden.output().text(), "the tool failed");
/// assert!(hidden.source().is_some());
/// ```
#[must_use = "an error does nothing until it is returned"]
pub struct ToolError {
    kind: ToolErrorKind,
    /// The error's own text; without one it is the source's.
    text: Option<String>,
    shown: Shown,
    source: Guarded<BoxError>,
    retryable: bool,
}

/// What the model sees.
enum Shown {
    /// The error's own text, or the source and its causes.
    All,
    Nothing,
    Output(ToolOutput),
}

impl ToolError {
    /// An error with this text, for the model and the caller alike.
    pub fn new(text: impl Into<String>) -> Self {
        Self::of(ToolErrorKind::Failed, text)
    }

    pub(crate) fn of(kind: ToolErrorKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: Some(text.into()),
            shown: Shown::All,
            source: Guarded::NONE,
            retryable: false,
        }
    }

    /// An error with this cause: what `?` does for errors that do not implement
    /// [`std::error::Error`], such as boxed ones.
    ///
    /// ```
    /// use anthropic::tools::ToolError;
    ///
    /// fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    ///     Err("no disk".into())
    /// }
    ///
    /// let error = run().map_err(ToolError::caused_by).unwrap_err();
    /// assert_eq!(error.to_string(), "no disk");
    /// ```
    pub fn caused_by(source: impl Into<BoxError>) -> Self {
        Self {
            kind: ToolErrorKind::Failed,
            text: None,
            shown: Shown::All,
            source: Guarded::new(source.into()),
            retryable: false,
        }
    }

    /// Sets what kind of failure it is.
    pub fn with_kind(mut self, kind: ToolErrorKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the cause, without changing what the model sees.
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        if self.text.is_none() {
            self.text = self.source().map(|source| chain(source));
        }
        self.source = Guarded::new(source.into());
        self
    }

    /// Sets what the model sees instead: text, or content blocks. The API takes only text in an
    /// error, so other blocks are left out.
    pub fn for_model(mut self, shown: impl Into<ToolOutput>) -> Self {
        self.shown = Shown::Output(shown.into());
        self
    }

    /// Hides the error from the model, which sees only that the tool failed.
    ///
    /// Use it for errors whose text may have secrets, paths or addresses.
    pub fn hide_from_model(mut self) -> Self {
        self.shown = Shown::Nothing;
        self
    }

    /// Whether the same call may succeed later; the model's text has a line about it.
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.retryable = retryable;
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ToolErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.retryable
    }

    /// The cause.
    pub fn source(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.source.get().map(|source| &**source)
    }

    /// What the model sees.
    pub fn output(&self) -> ToolOutput {
        let shown = match (&self.shown, &self.text, self.source()) {
            (Shown::Output(output), ..) => output.clone(),
            (Shown::All, Some(text), _) => ToolOutput::text_of(text.clone()),
            (Shown::All, None, Some(source)) => ToolOutput::text_of(chain(source)),
            _ => ToolOutput::text_of(HIDDEN.to_owned()),
        };
        if self.retryable {
            shown
                .with_line("The same call may succeed later.")
                .into_error()
        } else {
            shown.into_error()
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for ToolError {
    fn from(source: E) -> Self {
        Self::caused_by(source)
    }
}

/// An error and its causes, in one line. A cause that its error's text already ends with, as many
/// types write it, is not repeated.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

/// For the caller: the error's own text and the causes, whatever the model sees. It is one line:
/// control characters, which may be a model's or a server's, are escaped.
impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = match (&self.text, &self.shown) {
            (Some(text), _) => Some(text.clone()),
            (None, Shown::Output(output)) => Some(output.text()),
            (None, _) => None,
        };
        let line = match (shown, self.source()) {
            (Some(shown), Some(source)) => format!("{shown}: {}", chain(source)),
            (Some(shown), None) => shown,
            (None, Some(source)) => chain(source),
            (None, None) => HIDDEN.to_owned(),
        };
        f.write_str(&escaped(&line))
    }
}

impl fmt::Debug for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolError")
            .field("kind", &self.kind)
            .field("message", &self.to_string())
            .field("source", &self.source())
            .field("retryable", &self.retryable)
            .finish_non_exhaustive()
    }
}
