//! The document so far as a tree that grows at its end.
//!
//! The arrays and objects that are still open lie on a stack, outside of their parents, so that a
//! token is added in constant time. For a view they are moved into their parents, which takes one
//! move for each level of nesting and copies nothing; the next fragment moves them out again.

use std::mem;

use serde_json::{Map, Number, Value};

use super::Strings;
use super::lexer::{Container, Scalar, Sink};

/// An array or object that is still open.
#[derive(Debug)]
struct Frame {
    value: Value,
    /// In an object: the key whose value comes next or is open.
    key: String,
    /// What the view put in the place of the open child.
    place: Place,
}

/// The place of an open child in its parent.
#[derive(Debug, Default)]
enum Place {
    /// There is none yet.
    #[default]
    None,
    /// There is one, new.
    Taken,
    /// There is one, which an earlier member of the same name had. This was its value.
    Shared(Value),
}

impl Frame {
    fn new(container: Container) -> Self {
        let value = match container {
            Container::Array => Value::Array(Vec::new()),
            Container::Object => Value::Object(Map::new()),
        };
        Self {
            value,
            key: String::new(),
            place: Place::None,
        }
    }

    /// The place of the open child, made if there is none.
    fn child(&mut self) -> Option<&mut Value> {
        match &mut self.value {
            Value::Array(items) => {
                if matches!(self.place, Place::None) {
                    items.push(Value::Null);
                    self.place = Place::Taken;
                }
                items.last_mut()
            }
            Value::Object(members) => {
                if matches!(self.place, Place::None) {
                    let earlier = members.insert(self.key.clone(), Value::Null);
                    self.place = earlier.map_or(Place::Taken, Place::Shared);
                }
                members.get_mut(&self.key)
            }
            _ => None,
        }
    }

    /// Takes the place of the open child away again, and gives back what was put there.
    fn remove_child(&mut self) -> Option<Value> {
        match (&mut self.value, mem::take(&mut self.place)) {
            (_, Place::None) => None,
            (Value::Object(members), Place::Shared(earlier)) => {
                members.insert(self.key.clone(), earlier)
            }
            (Value::Object(members), Place::Taken) => members.remove(&self.key),
            (Value::Array(items), _) => items.pop(),
            _ => None,
        }
    }

    /// Adds a child that is complete.
    fn add(&mut self, child: Value) {
        match (&mut self.value, mem::take(&mut self.place)) {
            (Value::Array(items), Place::None) => items.push(child),
            (Value::Object(members), Place::None) => {
                members.insert(mem::take(&mut self.key), child);
            }
            (Value::Array(items), _) => {
                if let Some(place) = items.last_mut() {
                    *place = child;
                }
            }
            (Value::Object(members), _) => {
                if let Some(place) = members.get_mut(&self.key) {
                    *place = child;
                }
                self.key.clear();
            }
            _ => {}
        }
    }
}

/// The string that is open.
#[derive(Debug, Default)]
struct Open {
    text: String,
    /// Whether it is a value (a key is nothing to show).
    is_value: bool,
    /// Whether it has a place in the tree.
    placed: bool,
    /// Whether `text` is in that place now.
    shown: bool,
}

impl Open {
    fn take_text(&mut self, shown: Option<Value>) {
        if let Some(Value::String(text)) = shown {
            self.text = text;
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Tree {
    /// The document, if it is complete or consists of one open string.
    root: Option<Value>,
    frames: Vec<Frame>,
    open: Open,
    /// Whether the open containers are in their parents.
    joined: bool,
}

impl Tree {
    /// Joins the tree for a look at it.
    pub(super) fn view(&mut self, strings: Strings) -> Option<&Value> {
        let show = self.open.is_value && strings == Strings::Show;
        if show && !self.open.shown {
            self.split();
            self.show();
        } else if !show && self.open.placed {
            self.split();
            self.hide();
        }
        if !self.joined {
            self.joined = true;
            for depth in (1..self.frames.len()).rev() {
                self.swap(depth);
            }
        }
        self.frames
            .first()
            .map(|frame| &frame.value)
            .or(self.root.as_ref())
    }

    /// Takes the tree apart again, to add to it.
    pub(super) fn split(&mut self) {
        if mem::take(&mut self.joined) {
            for depth in 1..self.frames.len() {
                self.swap(depth);
            }
        }
    }

    /// Makes all as it must be for the lexer to go on.
    pub(super) fn resume(&mut self) {
        self.split();
        if mem::take(&mut self.open.shown) {
            // Only the text is moved out. Its place stays, for most likely it will be shown again.
            let place = match self.frames.last_mut() {
                Some(frame) => frame.child(),
                None => self.root.as_mut(),
            };
            let shown = place.map(Value::take);
            self.open.take_text(shown);
        }
    }

    pub(super) fn into_value(mut self) -> Option<Value> {
        self.view(Strings::Hide);
        self.frames
            .into_iter()
            .next()
            .map(|frame| frame.value)
            .or(self.root)
    }

    /// Exchanges an open container and what is in its place in its parent.
    fn swap(&mut self, depth: usize) {
        let (parents, children) = self.frames.split_at_mut(depth);
        if let (Some(parent), Some(child)) = (parents.last_mut(), children.first_mut()) {
            if let Some(place) = parent.child() {
                mem::swap(place, &mut child.value);
            }
        }
    }

    fn show(&mut self) {
        let text = Value::String(mem::take(&mut self.open.text));
        self.open.placed = true;
        self.open.shown = true;
        match self.frames.last_mut() {
            Some(frame) => {
                if let Some(place) = frame.child() {
                    *place = text;
                }
            }
            None => self.root = Some(text),
        }
    }

    fn hide(&mut self) {
        self.open.placed = false;
        let shown = match self.frames.last_mut() {
            Some(frame) => frame.remove_child(),
            None => self.root.take(),
        };
        if mem::take(&mut self.open.shown) {
            self.open.take_text(shown);
        }
    }

    fn add(&mut self, value: Value) {
        match self.frames.last_mut() {
            Some(frame) => frame.add(value),
            None => self.root = Some(value),
        }
    }
}

impl Sink for Tree {
    fn open(&mut self, container: Container, _at: usize) {
        self.frames.push(Frame::new(container));
    }

    fn close(&mut self, _end: usize) {
        if let Some(frame) = self.frames.pop() {
            self.add(frame.value);
        }
    }

    fn begin_string(&mut self, key: bool, _at: usize) {
        self.open = Open {
            is_value: !key,
            ..Open::default()
        };
    }

    fn string_part(&mut self, part: &str) {
        self.open.text.push_str(part);
    }

    fn end_string(&mut self, key: bool, _end: usize) {
        let open = mem::take(&mut self.open);
        if key {
            if let Some(frame) = self.frames.last_mut() {
                frame.key = open.text;
            }
        } else {
            self.add(Value::String(open.text));
        }
    }

    fn scalar(&mut self, scalar: Scalar<'_>, _start: usize, _end: usize) -> bool {
        let value = match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Number(text) => match number(text) {
                Some(number) => Value::Number(number),
                None => return false,
            },
        };
        self.add(value);
        true
    }
}

/// The number as `serde_json` reads it, with a shorter way for the usual small ones.
fn number(text: &str) -> Option<Number> {
    if text.len() < 19 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<u64>().ok().map(Number::from);
    }
    serde_json::from_str(text).ok()
}
