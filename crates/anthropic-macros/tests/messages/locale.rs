#![allow(unused)]

use anthropic_macros::tool;

/// A tool.
#[tool]
fn wetter_in_köln() {}

fn main() {}
