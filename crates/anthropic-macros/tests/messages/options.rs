#![allow(unused)]

use anthropic_macros::{tool, tools};

/// A tool.
#[tool(name = "the weather")]
fn name() {}

/// A tool.
#[tool(name = "a", name = "b")]
fn twice() {}

#[tool(description = " ")]
fn description() {}

/// A tool.
#[tool(timeout = 0)]
fn never() {}

/// A tool.
#[tool(timeout = "30s")]
fn text() {}

/// A tool.
#[tool(stric)]
fn unknown() {}

/// A tool.
#[tool(needs_approval, confirm = ask)]
fn decided() {}

struct Shop;

#[tools(prefx = "shop_")]
impl Shop {
    /// A tool.
    #[tool]
    fn price(&self) {}
}

struct Other;

#[tools(prefix = "shop.")]
impl Other {
    /// A tool.
    #[tool]
    fn price(&self) {}
}

struct Third;

#[tools(method = "the tools")]
impl Third {
    /// A tool.
    #[tool]
    fn price(&self) {}
}

fn main() {}
