#![allow(unused)]

use anthropic_macros::tool;

/// A tool.
#[tool]
fn generic<T: Default>(/** A value. */ value: T) {}

/// A tool.
#[tool]
fn constrained()
where
    String: Default,
{
}

/// A tool.
#[tool]
unsafe fn dangerous() {}

/// A tool.
#[tool]
extern "C" fn foreign() {}

struct Shop;

impl Shop {
    /// A tool.
    #[tool]
    fn price(&self) {}
}

fn main() {}
