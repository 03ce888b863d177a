//! What the expansions of `#[tool]` and `#[tools]` name; nothing here is for people.
//!
//! What a function returns is read by a method call on [`Returned`], for which the compiler takes
//! the first trait that fits: a result, or else any value that has a JSON form. The last one fits
//! always, and names in the compiler's error what would have.
#![allow(missing_docs, reason = "no part of the public API")]

use std::marker::PhantomData;
use std::ops::Deref;

pub use schemars;
pub use serde;

use crate::tools::{IntoToolOutput, IntoToolResult, ToolError, ToolOutput};

type Result = std::result::Result<ToolOutput, ToolError>;

#[derive(Debug)]
pub struct Returned<T>(Option<T>, Unfit<T>);

#[derive(Debug)]
pub struct Unfit<T>(PhantomData<fn() -> T>);

impl<T> Returned<T> {
    pub fn new(value: T) -> Self {
        Self(Some(value), Unfit(PhantomData))
    }
}

impl<T> Deref for Returned<T> {
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
        self.0.map_or_else(empty, IntoToolResult::into_tool_result)
    }
}

pub trait AsOutput {
    fn read(self) -> Result;
}

impl<T: IntoToolOutput> AsOutput for &mut Returned<T> {
    fn read(self) -> Result {
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
