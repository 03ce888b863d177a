//! Errors of servers.

use std::error::Error as StdError;
use std::fmt;

use anthropic::transport::BoxError;
use rmcp::model::ErrorData;
use rmcp::service::{ClientInitializeError, ServiceError};

use crate::approval::Change;
use crate::streamable::{Refusal, cause, refusal};

/// The result of what this crate does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong with a server, or with something of it.
///
/// `Display` is one line, which begins with the server's name. Values of the environment, tokens
/// and headers are not in it.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    server: String,
    message: String,
    source: Option<BoxError>,
    changes: Vec<Change>,
}

/// The kinds of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is wrong: the URL, a header, a name.
    Config,
    /// The program can't be started.
    Start,
    /// There is no session: the server can't be reached, or does not speak the protocol.
    Connect,
    /// The server asks for authorization, or for more of it (401, 403).
    Unauthorized,
    /// The server refused a request: it does not have the thing, or not with these arguments.
    Refused,
    /// The server did not respond within the time limit.
    Timeout,
    /// The server responded to a request with an HTTP status that is an error, such as 429 or 500.
    /// The session is as it was: the request can be made again.
    Status,
    /// The connection is closed: the program has ended, the server has lost the session, or
    /// [`close`](crate::Server::close) was called. Connect again.
    Closed,
    /// The server's response makes no sense.
    Protocol,
    /// The content has no form that the API takes.
    Unsupported,
    /// Names of tools are none that the server has, or none that the API takes.
    Names,
    /// Definitions of tools are new or not those that were approved: see
    /// [`changes`](Error::changes).
    Changed,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, server: &str, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            server: server.to_owned(),
            message: message.into(),
            source: None,
            changes: Vec::new(),
        }))
    }

    pub(crate) fn caused_by(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, "", message)
    }

    pub(crate) fn changed(server: &str, changes: Vec<Change>) -> Self {
        let list: Vec<String> = changes.iter().map(ToString::to_string).collect();
        let message = format!(
            "its tools are not those that were approved: {}; look at them and approve them anew",
            list.join(", ")
        );
        let mut error = Self::new(ErrorKind::Changed, server, message);
        error.0.changes = changes;
        error
    }

    /// A request that failed; `what` names it.
    pub(crate) fn of_service(server: &str, what: &str, error: ServiceError) -> Self {
        let (kind, message) = match &error {
            ServiceError::McpError(refusal) => {
                let message = format!("{what} was refused: {}", text_of(refusal));
                // The message has all of it.
                return Self::new(ErrorKind::Refused, server, message);
            }
            ServiceError::TransportClosed | ServiceError::Cancelled { .. } => (
                ErrorKind::Closed,
                format!("{what}: the connection is closed"),
            ),
            ServiceError::Timeout { .. } => (ErrorKind::Timeout, format!("{what} took too long")),
            _ if error.is_authorization_required() || error.auth_challenge().is_some() => (
                ErrorKind::Unauthorized,
                format!("{what} needs authorization"),
            ),
            ServiceError::TransportSend(failed) => match refusal(&*failed.error) {
                Some(Refusal::Status(status)) => {
                    let message = format!("the response to {what} has the status {status}");
                    // The message has all of it.
                    return Self::new(ErrorKind::Status, server, message);
                }
                Some(Refusal::Unreadable) => (
                    ErrorKind::Protocol,
                    format!("the response to {what} makes no sense"),
                ),
                Some(Refusal::SessionExpired) => (
                    ErrorKind::Closed,
                    format!(
                        "the server does not know the session of {what} any more; connect again"
                    ),
                ),
                None => (ErrorKind::Closed, format!("{what} can't be sent")),
            },
            _ => (
                ErrorKind::Protocol,
                format!("the response to {what} makes no sense"),
            ),
        };
        let failed = Self::new(kind, server, message);
        match error {
            // The message has all of it.
            ServiceError::TransportClosed => failed,
            ServiceError::TransportSend(error) => failed.caused_by(cause(error.error)),
            error => failed.caused_by(error),
        }
    }

    /// A session with something that did not come about.
    pub(crate) fn of_start(server: &str, place: &str, error: ClientInitializeError) -> Self {
        let kind = if error.is_authorization_required() || error.auth_challenge().is_some() {
            ErrorKind::Unauthorized
        } else {
            ErrorKind::Connect
        };
        let no_session = format!("no session could be made with {place}");
        let ended = || {
            format!(
                "{place} ended the connection before there was a session; a program's standard error may have the reason"
            )
        };
        let message = match error {
            _ if kind == ErrorKind::Unauthorized => {
                format!("{place} asks for authorization; set `bearer` or a header")
            }
            ClientInitializeError::ConnectionClosed(_) => ended(),
            ClientInitializeError::JsonRpcError(refusal) => {
                format!("{no_session}, which refused it: {}", text_of(&refusal))
            }
            ClientInitializeError::TransportError { error, .. } => {
                let cause = cause(error.error);
                let io = cause.downcast_ref::<std::io::Error>();
                // A program that ends before it has read anything.
                if io.is_some_and(|it| it.kind() == std::io::ErrorKind::BrokenPipe) {
                    return Self::new(kind, server, ended());
                }
                return Self::new(kind, server, no_session).caused_by(cause);
            }
            ClientInitializeError::LegacyFallbackFailed { fallback, .. } => {
                return Self::of_start(server, place, *fallback);
            }
            error @ (ClientInitializeError::NoCompatibleProtocolVersion { .. }
            | ClientInitializeError::NoPreferredProtocolVersion
            | ClientInitializeError::Cancelled) => {
                return Self::new(kind, server, no_session).caused_by(error);
            }
            // Their texts have whole messages.
            _ => format!("{no_session}: its first response is none to the protocol's beginning"),
        };
        Self::new(kind, server, message)
    }

    /// What went wrong, to match on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The name of the server, as it was given or seen; empty where there is none.
    pub fn server(&self) -> &str {
        &self.0.server
    }

    /// Which definitions are not those that were approved; empty for errors of other kinds.
    pub fn changes(&self) -> &[Change] {
        &self.0.changes
    }

    /// The message alone, for the model.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }
}

/// The code and the message of a refusal.
fn text_of(refusal: &ErrorData) -> String {
    format!("{} ({})", refusal.message, refusal.code.0)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut line = inner.message.clone();
        // The last cause is the most precise.
        let mut cause: Option<&(dyn StdError + 'static)> = self.source();
        while let Some(next) = cause.and_then(StdError::source) {
            cause = Some(next);
        }
        let cause = cause.map(ToString::to_string).unwrap_or_default();
        if !cause.is_empty() && !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
        if !inner.server.is_empty() {
            line = format!("the MCP server `{}`: {line}", inner.server);
        }
        write_line(&line, f)
    }
}

/// Writes text of a server's on one line: other control characters than blanks are escaped.
fn write_line(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            f.write_str(" ")?;
        }
        for char in word.chars() {
            if char.is_control() {
                write!(f, "{}", char.escape_default())?;
            } else {
                write!(f, "{char}")?;
            }
        }
    }
    Ok(())
}

/// The same line as `Display`: a `main` that returns the error prints it in this form. In full
/// (`{:#?}`) it is the fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("server", &self.0.server)
            .field("message", &self.0.message)
            .field("source", &self.0.source.as_ref().map(ToString::to_string))
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}
