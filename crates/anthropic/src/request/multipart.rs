//! Multipart bodies: text fields and files, streamed, replayable when every file is.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anthropic_types::codec::Encode;
use bytes::Bytes;
use futures_core::Stream;
use http::HeaderValue;

use crate::request::encode;
use crate::request::query::{self, Pairs};
use crate::request::upload::Upload;
use crate::text::replace;
use crate::transport::Body;
use crate::{Error, Result, clock};

/// A multipart form, to be filled with text fields and files.
///
/// ```
/// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
/// use anthropic::{Form, Upload};
///
/// let form = Form::new()
///     .text("purpose", "report")
///     .file("file", Upload::bytes("report.csv", "a,b\n"));
/// let stored: serde_json::Value = client.post("/v1/files").multipart(form).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a form does nothing until a request takes it"]
pub struct Form {
    boundary: String,
    parts: Vec<Body>,
    fault: Option<Error>,
}

impl Form {
    /// An empty form.
    pub fn new() -> Self {
        Self {
            boundary: clock::boundary(),
            parts: Vec::new(),
            fault: None,
        }
    }

    /// Adds a text field.
    pub fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        let head = self.head(name, None);
        self.parts
            .extend([head.into(), Body::from(value.into()), Body::from("\r\n")]);
        self
    }

    /// Adds a file.
    pub fn file(mut self, name: &str, file: Upload) -> Self {
        let head = self.head(name, Some((file.name(), file.content_type())));
        self.parts
            .extend([head.into(), file.into_body(), Body::from("\r\n")]);
        self
    }

    /// Adds files of one name, such as `files[]`.
    pub fn files(self, name: &str, files: impl IntoIterator<Item = Upload>) -> Self {
        files
            .into_iter()
            .fold(self, |form, file| form.file(name, file))
    }

    /// Adds the fields of a parameters type, named as in a query: lists `key[]`, objects `a[b]`.
    pub(crate) fn params(mut self, params: &impl Encode) -> Self {
        let mut pairs = Pairs::new();
        let read = encode::params(params).and_then(|json| query::from_json(&json, &mut pairs));
        if let Err(error) = read {
            self.fault.get_or_insert(error);
        }
        for (name, value) in pairs {
            self = self.text(&name, value);
        }
        self
    }

    fn head(&self, name: &str, file: Option<(&str, &str)>) -> String {
        let mut head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{}\"",
            self.boundary,
            quote(name),
        );
        if let Some((file_name, content_type)) = file {
            // A line end in a content type would start a header of its own.
            let content_type = replace(&replace(content_type, "\r", " "), "\n", " ");
            let file_name = quote(file_name);
            for text in [
                "; filename=\"",
                &file_name,
                "\"\r\nContent-Type: ",
                &content_type,
            ] {
                head.push_str(text);
            }
        }
        head.push_str("\r\n\r\n");
        head
    }

    pub(crate) fn into_body(mut self) -> Result<(HeaderValue, Body)> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        self.parts.push(format!("--{}--\r\n", self.boundary).into());
        let content_type = format!("multipart/form-data; boundary={}", self.boundary);
        let content_type = HeaderValue::from_str(&content_type).map_err(|source| {
            Error::request("the boundary is no header value").caused_by(source)
        })?;
        let parts = self.parts;
        let len = parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(part.len()?));
        let body = if parts.iter().all(Body::is_replayable) {
            let open = move || Joined(parts.iter().filter_map(Body::try_clone).collect());
            Body::replayable(open, len)
        } else {
            Body::stream(Joined(parts.into()), len)
        };
        Ok((content_type, body))
    }
}

impl Default for Form {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form")
            .field("parts", &(self.parts.len() / 3))
            .finish_non_exhaustive()
    }
}

/// Escapes a name as browsers do (WHATWG HTML, "multipart/form-data encoding algorithm").
fn quote(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '\r' => quoted.push_str("%0D"),
            '\n' => quoted.push_str("%0A"),
            '"' => quoted.push_str("%22"),
            letter => quoted.push(letter),
        }
    }
    quoted
}

/// Bodies, one after the other.
struct Joined(VecDeque<Body>);

impl Stream for Joined {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        while let Some(first) = self.0.front_mut() {
            if let Some(chunk) = ready!(Pin::new(first).poll_next(context)) {
                return Poll::Ready(Some(chunk));
            }
            self.0.pop_front();
        }
        Poll::Ready(None)
    }
}
