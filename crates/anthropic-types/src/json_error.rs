//! Why a model's text or a tool's input could not be decoded into a type of the caller's.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use serde::de::DeserializeOwned;

use crate::helpers::write_line;
use crate::{Json, StopReason};

/// A model's JSON is not what was asked for: it has another shape, was cut off, or is no JSON at
/// all.
///
/// In the client's crate `?` makes an `anthropic::Error` of the kind `Decode` of it.
///
/// ```
/// use anthropic_types::{ContentBlock, Message, StopReason, Usage};
///
/// let content = [ContentBlock::from(r#"{"rivers": ["Rhine", "Rh"#)];
/// let mut message = Message::new("msg_1", content, "claude-opus-5-5", Usage::new(1, 2));
/// message.stop_reason = Some(StopReason::MaxTokens);
///
/// let error = message.json::<serde_json::Value>().unwrap_err();
/// assert_eq!(error.path(), "rivers[1]");
/// assert_eq!(error.excerpt(), r#"{"rivers": ["Rhine", "Rh"#);
/// assert_eq!(error.stop_reason(), Some(&StopReason::MaxTokens));
/// ```
#[derive(Debug)]
pub struct JsonError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    path: String,
    excerpt: String,
    stop_reason: Option<StopReason>,
    /// Why a message's text is no JSON at all.
    hint: Option<&'static str>,
    source: serde_json::Error,
}

/// Reads a value from a model's JSON.
pub(crate) fn read<T: DeserializeOwned>(
    json: &str,
    stop_reason: Option<&StopReason>,
) -> Result<T, JsonError> {
    serde_json::from_str(json).map_err(|source: serde_json::Error| {
        let mut at = offset(json, source.line(), source.column());
        if source.is_data() {
            at = before_comma(json, at);
            if let Some((longer, end)) = with_another(json, at) {
                let again = serde_json::from_str::<T>(&longer).err();
                if again.is_some_and(|it| offset(&longer, it.line(), it.column()) <= end + 1) {
                    at = end;
                }
            }
        }
        JsonError::new(json, at, stop_reason, source)
    })
}

/// A place, or that of the comma before it.
///
/// An error that is none of serde_json's own, such as that of a type with a rule, gets its place
/// only when its value has been read, and what comes after that: a comma, or the end of the object
/// or list.
fn before_comma(json: &str, at: usize) -> usize {
    let before = json.get(..at).map(str::trim_end);
    let comma = before.and_then(|before| before.strip_suffix(','));
    comma.map_or(at, str::len)
}

/// The same text with another value at the end of the object or list that ends at a place, and
/// where what was the last value ends. An error of that value comes before the other one, an error
/// of the object or list itself after it.
fn with_another(json: &str, at: usize) -> Option<(String, usize)> {
    let end = at.checked_sub(1)?;
    let another = match json.as_bytes().get(end)? {
        b'}' => r#","":null"#,
        b']' => ",null",
        _ => return None,
    };
    let (before, after) = json.split_at_checked(end)?;
    let is_empty = before.trim_end().ends_with(['{', '[']);
    (!is_empty).then(|| ([before, another, after].concat(), end))
}

/// Reads a value from a message's text.
pub(crate) fn read_text<T: DeserializeOwned>(
    text: &str,
    stop_reason: Option<&StopReason>,
) -> Result<T, JsonError> {
    read(text, stop_reason).map_err(|mut error: JsonError| {
        let text = text.trim_start();
        if text.is_empty() {
            error.0.hint = Some("the message has no text");
        }
        let is_begun = text.starts_with(|it| matches!(it, '{' | '[' | '"' | '-' | '0'..='9'));
        let is_word = ["true", "false", "null"]
            .iter()
            .any(|it| text.starts_with(it));
        if !(text.is_empty() || is_begun || is_word) {
            error.0.hint = Some(
                "the text is not JSON: it has to be asked for, by an output format \
                 (`output_config.format`, which `parse` sets), of a model and a platform that \
                 support structured outputs",
            );
        }
        error
    })
}

/// Reads a value from a tool's input.
pub(crate) fn read_input<T: DeserializeOwned>(input: &Json) -> Result<T, JsonError> {
    let value = read(input.as_str(), None);
    match input.invalid() {
        // What was no JSON is kept as a string of it.
        Some(invalid) if value.is_err() => read(&invalid.text, None),
        _ => value,
    }
}

impl JsonError {
    fn new(
        json: &str,
        at: usize,
        stop_reason: Option<&StopReason>,
        source: serde_json::Error,
    ) -> Self {
        Self(Box::new(Inner {
            path: path_at(json, at),
            excerpt: excerpt_at(json, at),
            stop_reason: stop_reason.cloned(),
            hint: None,
            source,
        }))
    }

    /// The path of the value that does not fit, or in which the text ends, such as
    /// `rivers[1].name`; empty for the whole document.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The text around the place that does not fit, on one line; `…` stands for what is left out.
    /// Empty where there is no text.
    pub fn excerpt(&self) -> &str {
        &self.0.excerpt
    }

    /// Why the model stopped, where that is known: it refused, or its text was cut off.
    pub fn stop_reason(&self) -> Option<&StopReason> {
        self.0.stop_reason.as_ref()
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            path,
            excerpt,
            stop_reason,
            hint,
            source,
        } = &*self.0;
        if !path.is_empty() {
            f.write_str("at `")?;
            write_line(path, f)?;
            f.write_str("`: ")?;
        }
        // Both may quote the model.
        write_line(&source.to_string(), f)?;
        if !excerpt.is_empty() {
            write!(f, ", near `{excerpt}`")?;
        }
        if let Some(hint) = hint.filter(|_| *stop_reason != Some(StopReason::Refusal)) {
            write!(f, "; {hint}")?;
        }
        let Some(reason) = stop_reason else {
            return Ok(());
        };
        let what = match reason {
            // The text is complete.
            StopReason::EndTurn => return Ok(()),
            StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => {
                "the model's text was cut off"
            }
            StopReason::Refusal => "the model refused",
            _ => "the model stopped",
        };
        write!(f, "; {what}: stop_reason is `{}`", reason.as_str())
    }
}

impl StdError for JsonError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0.source)
    }
}

/// Where a line's column is in a text, in bytes.
fn offset(json: &str, line: usize, column: usize) -> usize {
    let lines = json.split_inclusive('\n').take(line.saturating_sub(1));
    lines.map(str::len).sum::<usize>().saturating_add(column)
}

/// The text around a place, on one line.
fn excerpt_at(json: &str, at: usize) -> String {
    const BEFORE: usize = 48;
    const AFTER: usize = 16;
    let boundary = |mut at: usize| {
        while !json.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(at.min(json.len()).saturating_sub(BEFORE));
    let end = boundary(at.saturating_add(AFTER).min(json.len()));
    let mut excerpt = String::new();
    for (index, word) in json
        .get(start..end)
        .unwrap_or_default()
        .split_whitespace()
        .enumerate()
    {
        if index > 0 {
            excerpt.push(' ');
        }
        // Control characters are escaped in JSON; what is no JSON may have them.
        excerpt.extend(word.chars().filter(|char| !char.is_control()));
    }
    let (before, after) = (start > 0, end < json.len());
    match (before, after) {
        (true, true) => format!("… {excerpt} …"),
        (true, false) => format!("… {excerpt}"),
        (false, true) => format!("{excerpt} …"),
        (false, false) => excerpt,
    }
}

/// An object or a list around a place.
enum Around<'j> {
    /// With the key of the value.
    Object(Option<&'j str>),
    /// With the index of the value.
    List(usize),
}

/// The path of the value that ends at a place, or that the place is in.
fn path_at(json: &str, end: usize) -> String {
    let bytes = json.as_bytes();
    let end = end.min(bytes.len());
    let mut around = Vec::new();
    let mut at = 0;
    while at < end {
        match bytes.get(at) {
            Some(b'{') => around.push(Around::Object(None)),
            Some(b'[') => around.push(Around::List(0)),
            Some(b'}' | b']') => drop(around.pop()),
            Some(b',') => match around.last_mut() {
                Some(Around::Object(key)) => *key = None,
                Some(Around::List(index)) => *index += 1,
                None => {}
            },
            Some(b'"') => {
                let stop = string_end(bytes, at + 1);
                if let Some(Around::Object(key @ None)) = around.last_mut() {
                    // A key that is cut off is none.
                    *key = json.get(at + 1..stop).filter(|_| stop < end);
                }
                at = stop;
            }
            _ => {}
        }
        at += 1;
    }
    written(&around)
}

/// Where the string ends that begins at `at`: at its quote, or with the text.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn written(around: &[Around<'_>]) -> String {
    let mut path = String::new();
    for step in around {
        match step {
            Around::Object(None) => {}
            Around::Object(Some(key)) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            Around::List(index) => {
                // Writing to a string can't fail.
                let _ = write!(path, "[{index}]");
            }
        }
    }
    path
}
