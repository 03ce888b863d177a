//! What the expansions of `#[tool]` and `#[tools]` name; nothing here is for people.
//!
//! What a function returns is read by a method call on [`Returned`], for which the compiler takes
//! the first trait that fits: a result whose error becomes a tool's, one whose error has a text,
//! one whose error has a JSON form, or else any value that has one. The last one fits always, and
//! names in the compiler's error what would have.
#![allow(missing_docs, reason = "no part of the public API")]

use std::cell::RefCell;
use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::Deref;

pub use schemars;
pub use serde;

use serde::Serialize;

use crate::tools::{FunctionTool, IntoToolOutput, IntoToolResult, ToolError, ToolOutput};

type Result = std::result::Result<ToolOutput, ToolError>;

/// The type of an argument, which has a schema.
pub fn described<T: crate::schema::Schema + ?Sized>() {}

/// Notes which arguments have no description, for the check before a run.
pub fn described_arguments(tool: FunctionTool) -> FunctionTool {
    tool.with_described_arguments()
}

#[derive(Debug)]
pub struct Returned<T>(Value<T>);

#[derive(Debug)]
pub struct Value<T>(RefCell<Option<T>>, Unfit<T>);

#[derive(Debug)]
pub struct Unfit<T>(PhantomData<fn() -> T>);

impl<T> Returned<T> {
    pub fn new(value: T) -> Self {
        Self(Value(RefCell::new(Some(value)), Unfit(PhantomData)))
    }
}

impl<T> Deref for Returned<T> {
    type Target = Value<T>;

    fn deref(&self) -> &Value<T> {
        &self.0
    }
}

impl<T> Deref for Value<T> {
    type Target = Unfit<T>;

    fn deref(&self) -> &Unfit<T> {
        &self.1
    }
}

pub trait AsResult {
    fn read(self) -> Result;
}

impl<T: IntoToolResult> AsResult for Returned<T> {
    fn read(self) -> Result {
        let value = self.0.0.take();
        value.map_or_else(empty, IntoToolResult::into_tool_result)
    }
}

/// Errors that are texts, such as `String`, and boxed ones.
pub trait AsText {
    fn read(self) -> Result;
}

impl<T: IntoToolOutput, E: Display> AsText for &Returned<std::result::Result<T, E>> {
    fn read(self) -> Result {
        match self.0.0.take() {
            Some(Ok(value)) => value.into_tool_output(),
            Some(Err(error)) => Err(ToolError::new(error.to_string())),
            None => empty(),
        }
    }
}

/// Errors that have a JSON form and no text: without this, the whole result would be a value.
pub trait AsJson {
    fn read(self) -> Result;
}

impl<T: IntoToolOutput, E: Serialize> AsJson for &mut Returned<std::result::Result<T, E>> {
    fn read(self) -> Result {
        match self.0.0.take() {
            Some(Ok(value)) => value.into_tool_output(),
            Some(Err(error)) => Err(ToolError::new(ToolOutput::json(&error)?.text())),
            None => empty(),
        }
    }
}

pub trait AsOutput {
    fn read(&self) -> Result;
}

impl<T: IntoToolOutput> AsOutput for Value<T> {
    fn read(&self) -> Result {
        let value = self.0.take();
        value.map_or_else(empty, IntoToolOutput::into_tool_output)
    }
}

pub trait AsNothing {
    type Value;

    fn read(&self) -> Result
    where
        Self::Value: IntoToolResult;
}

impl<T> AsNothing for Unfit<T> {
    type Value = T;

    fn read(&self) -> Result
    where
        T: IntoToolResult,
    {
        empty()
    }
}

/// Never read: a value is taken out once.
#[expect(clippy::unnecessary_wraps, reason = "it stands in for a result")]
fn empty() -> Result {
    Ok(ToolOutput::empty())
}
