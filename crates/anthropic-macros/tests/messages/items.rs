#![allow(unused)]

use anthropic_macros::{tool, tools};

/// A tool.
#[tool]
struct Weather;

#[tool]
impl Weather {}

#[tools]
fn shop() {}

#[tools]
impl Weather {
    fn helper(&self) {}
}

#[tools]
impl Clone for Weather {
    /// A tool.
    #[tool]
    fn clone(&self) -> Self {
        Weather
    }
}

fn main() {}
