//! JSON that arrives in pieces, readable before it is complete.
//!
//! The input of a tool call is streamed as fragments of a JSON document, cut anywhere. [`Parser`]
//! reads each fragment once, goes on where the last one ended, and shows the document so far as a
//! [`serde_json::Value`] that grows in place: adding a fragment and looking at the result costs the
//! same at the end of a megabyte as at its start. [`items`] is for documents that are mostly one
//! long array: it hands out each element, decoded to its type, as soon as it is complete.
//!
//! ```
//! # use anthropic::partial_json::{Parser, Strings};
//! # use serde_json::json;
//! let mut parser = Parser::new();
//! parser.push(r#"{"city": "Zürich", "days": 1"#)?;
//! assert_eq!(parser.value(), Some(&json!({"city": "Zürich"})));
//! parser.push(r#"4, "note": "bring an umb"#)?;
//! assert_eq!(parser.value(), Some(&json!({"city": "Zürich", "days": 14})));
//! let note = parser.view(Strings::Show).map(|value| &value["note"]);
//! assert_eq!(note, Some(&json!("bring an umb")));
//! # Ok::<(), anthropic::partial_json::PartialJsonError>(())
//! ```
//!
//! What the view shows stays true: what is in it is never taken back or changed, only added to. So
//! a number is not shown before its last digit is known (`1` may be the start of `14`), nor is
//! `tru`; an array or object is shown from its bracket on, and a string once it is complete, or
//! earlier if asked for. (Where an object has a key twice, the last one wins, as with
//! `serde_json`.)

mod error;
pub(crate) mod escape;
mod items;
mod lexer;
#[cfg(test)]
mod tests;
mod tree;

use serde::de::DeserializeOwned;
use serde_json::Value;

use self::lexer::Lexer;
use self::tree::Tree;

pub use self::error::{PartialJsonError, PartialJsonErrorKind};
pub use self::items::{ItemError, ItemReader};

/// As deep as `serde_json` goes.
const DEFAULT_MAX_DEPTH: usize = 127;

/// Deeper trees could overflow the stack when they are dropped.
const LARGEST_MAX_DEPTH: usize = 1000;

/// Whether a view shows the string that is not complete yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Strings {
    /// Not before it is complete.
    #[default]
    Hide,
    /// As far as it has come.
    Show,
}

/// An incremental JSON parser. See the [module](self).
#[derive(Debug)]
pub struct Parser {
    lexer: Lexer,
    tree: Tree,
    text: String,
    error: Option<PartialJsonError>,
}

impl Default for Parser {
    fn default() -> Self {
        Self::new()
    }
}

impl Parser {
    /// A parser at the start of a document.
    pub fn new() -> Self {
        Self {
            lexer: Lexer::new(DEFAULT_MAX_DEPTH),
            tree: Tree::default(),
            text: String::new(),
            error: None,
        }
    }

    /// Sets how many arrays and objects may lie inside one another: 127 by default, at most 1,000.
    pub fn max_depth(mut self, depth: usize) -> Self {
        self.lexer.set_max_depth(bounded_depth(depth));
        self
    }

    /// Takes the next fragment.
    ///
    /// After an error the view stays at what came before it, [`text`](Self::text) still takes in
    /// every fragment, and each call returns the same error.
    pub fn push(&mut self, fragment: &str) -> Result<(), PartialJsonError> {
        self.text.push_str(fragment);
        if let Some(error) = self.error {
            return Err(error);
        }
        if fragment.is_empty() {
            return Ok(());
        }
        self.tree.resume();
        let result = self.lexer.push(fragment, &mut self.tree);
        self.error = result.err();
        result
    }

    /// The document so far, without the string that is not complete. `None` before its first
    /// character.
    pub fn value(&mut self) -> Option<&Value> {
        self.view(Strings::Hide)
    }

    /// The document so far.
    ///
    /// It costs as many moves as the text is nested deeply, however long it is.
    pub fn view(&mut self, strings: Strings) -> Option<&Value> {
        self.tree.view(strings)
    }

    /// Whether the document is complete.
    ///
    /// A document that is one bare number is not, until something follows it or
    /// [`finish`](Self::finish) ends it.
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && self.lexer.is_complete()
    }

    /// The text is over: the whole document, or what is wrong with it.
    pub fn finish(&mut self) -> Result<&Value, PartialJsonError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.tree.resume();
        self.lexer.finish(&mut self.tree)?;
        let end = self.text.len();
        self.tree.view(Strings::Hide).ok_or(PartialJsonError::new(
            PartialJsonErrorKind::UnexpectedEnd,
            end,
        ))
    }

    /// All fragments, joined, exactly as they came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with the text, if anything is.
    pub fn error(&self) -> Option<PartialJsonError> {
        self.error
    }

    /// Consumes the parser and returns the text.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Consumes the parser and returns the document so far, without the string that is not
    /// complete.
    pub fn into_value(self) -> Option<Value> {
        self.tree.into_value()
    }
}

/// Reads the elements of a streamed array one by one, each decoded to `T`.
///
/// The array is the whole document, or lies at a path of keys:
///
/// ```
/// # use anthropic::partial_json::items;
/// let mut stops = items::<(String, u32)>().at(["tour", "stops"]);
/// stops.push(r#"{"tour": {"name": "Rhine", "stops": [["Basel", 1], ["Stra"#)?;
/// assert_eq!(stops.next_item().transpose()?, Some(("Basel".to_owned(), 1)));
/// assert!(stops.next_item().is_none());
/// stops.push(r#"sbourg", 2]"#)?;
/// assert_eq!(stops.next_item().transpose()?, Some(("Strasbourg".to_owned(), 2)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn items<T: DeserializeOwned>() -> ItemReader<T> {
    ItemReader::new()
}

fn bounded_depth(depth: usize) -> usize {
    depth.min(LARGEST_MAX_DEPTH)
}
