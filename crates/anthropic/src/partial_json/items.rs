//! The elements of an array that is still arriving, each as soon as it is complete.

use std::collections::VecDeque;
use std::fmt;

use serde::de::DeserializeOwned;

use super::error::PartialJsonError;
use super::lexer::{Container, Lexer, Scalar, Sink};
use super::{DEFAULT_MAX_DEPTH, bounded_depth};
use crate::trace::escaped;

/// An element is JSON, but not of the type asked for. Those after it can still be read.
#[derive(Debug)]
pub struct ItemError {
    index: usize,
    source: serde_json::Error,
}

impl ItemError {
    /// The index of the element in its array.
    pub fn index(&self) -> usize {
        self.index
    }
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.source.to_string();
        write!(
            f,
            "element {} can't be decoded: {}",
            self.index,
            escaped(&source)
        )
    }
}

impl std::error::Error for ItemError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Decodes the elements of a streamed array one by one. Made by [`items`](super::items).
///
/// It keeps no tree and no text but that of the element being read, and decodes each element from
/// its own text, so numbers, key order and raw values are as they were sent.
pub struct ItemReader<T> {
    lexer: Lexer,
    cursor: Cursor,
    /// The text from byte `base` of the document on.
    text: String,
    base: usize,
    ready: VecDeque<Result<T, ItemError>>,
    count: usize,
    error: Option<PartialJsonError>,
}

impl<T: DeserializeOwned> ItemReader<T> {
    pub(super) fn new() -> Self {
        Self {
            lexer: Lexer::new(DEFAULT_MAX_DEPTH),
            cursor: Cursor::default(),
            text: String::new(),
            base: 0,
            ready: VecDeque::new(),
            count: 0,
            error: None,
        }
    }

    /// The array is the value of this key, or of these keys inside one another, not the whole
    /// document.
    pub fn at<K: Into<String>>(mut self, path: impl IntoIterator<Item = K>) -> Self {
        self.cursor.path = path.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how many arrays and objects may lie inside one another, at most 1,000. An element
    /// itself has at most 127, as `serde_json` has it; one with more is an [`ItemError`].
    pub fn max_depth(mut self, depth: usize) -> Self {
        self.lexer.set_max_depth(bounded_depth(depth));
        self
    }

    /// Takes the next fragment of the document.
    ///
    /// After an error the elements before it can still be taken, and every further fragment is
    /// refused.
    pub fn push(&mut self, fragment: &str) -> Result<(), PartialJsonError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.text.push_str(fragment);
        let result = self.lexer.push(fragment, &mut self.cursor);
        self.decode();
        self.forget();
        self.error = result.err();
        result
    }

    /// The next element that is complete, or `None` until more is pushed.
    pub fn next_item(&mut self) -> Option<Result<T, ItemError>> {
        self.ready.pop_front()
    }

    /// Whether the array has begun. Where it never does, there are no elements and no error either.
    pub fn is_found(&self) -> bool {
        self.cursor.found
    }

    /// Whether the document is complete.
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && self.lexer.is_complete()
    }

    /// The text is over: an error if the document is not.
    pub fn finish(&mut self) -> Result<(), PartialJsonError> {
        match self.error {
            Some(error) => Err(error),
            None => self.lexer.finish(&mut self.cursor),
        }
    }

    /// How many bytes of the element that is open are held.
    pub fn buffered(&self) -> usize {
        self.text.len()
    }

    fn decode(&mut self) {
        for (start, end) in self.cursor.ended.drain(..) {
            let text = self
                .text
                .get(start - self.base..end - self.base)
                .unwrap_or_default();
            let index = self.count;
            self.count += 1;
            let item = serde_json::from_str(text);
            self.ready
                .push_back(item.map_err(|source| ItemError { index, source }));
        }
    }

    /// Drops the text before the element that is open.
    fn forget(&mut self) {
        let end = self.base + self.text.len();
        let start = self.cursor.open.or(self.lexer.open_scalar()).unwrap_or(end);
        self.text
            .drain(..start.saturating_sub(self.base).min(self.text.len()));
        self.base = end - self.text.len();
    }
}

impl<T> fmt::Debug for ItemReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemReader")
            .field("path", &self.cursor.path)
            .field("decoded", &self.count)
            .field("ready", &self.ready.len())
            .finish_non_exhaustive()
    }
}

/// Finds the array at a path and where each of its elements lies.
#[derive(Debug, Default)]
struct Cursor {
    path: Vec<String>,
    /// How many containers are open, and how many of them, from the outside, lead to the array or
    /// are it.
    depth: usize,
    matched: usize,
    /// Whether the array has begun.
    found: bool,
    /// The key being read, if it could be on the path; and whether the last one was.
    key: Option<String>,
    key_matches: bool,
    /// Where the open element starts.
    open: Option<usize>,
    ended: Vec<(usize, usize)>,
}

impl Cursor {
    /// Whether a value that starts or ends here is an element of the array.
    fn is_element(&self) -> bool {
        self.depth == self.matched && self.matched == self.path.len() + 1
    }

    fn begin(&mut self, at: usize) {
        if self.is_element() {
            self.open = Some(at);
        }
    }

    fn end(&mut self, end: usize) {
        if self.is_element() {
            self.ended
                .extend(self.open.take().map(|start| (start, end)));
        }
    }
}

impl Sink for Cursor {
    fn open(&mut self, container: Container, at: usize) {
        self.begin(at);
        let leads = self.depth == self.matched && (self.depth == 0 || self.key_matches);
        let wanted = match self.depth.cmp(&self.path.len()) {
            std::cmp::Ordering::Less => Some(Container::Object),
            std::cmp::Ordering::Equal => Some(Container::Array),
            std::cmp::Ordering::Greater => None,
        };
        self.matched += usize::from(leads && wanted == Some(container));
        self.found |= self.matched == self.path.len() + 1;
        self.depth += 1;
    }

    fn close(&mut self, end: usize) {
        self.depth = self.depth.saturating_sub(1);
        self.matched = self.matched.min(self.depth);
        self.end(end);
    }

    fn begin_string(&mut self, key: bool, at: usize) {
        if key {
            self.key = (self.depth == self.matched).then(String::new);
        } else {
            self.begin(at);
        }
    }

    fn string_part(&mut self, part: &str) {
        if let Some(key) = &mut self.key {
            key.push_str(part);
        }
    }

    fn end_string(&mut self, key: bool, end: usize) {
        if !key {
            self.end(end);
        } else if let Some(key) = self.key.take() {
            self.key_matches = self.path.get(self.depth.saturating_sub(1)) == Some(&key);
        }
    }

    fn scalar(&mut self, _scalar: Scalar<'_>, start: usize, end: usize) -> bool {
        self.begin(start);
        self.end(end);
        true
    }
}
