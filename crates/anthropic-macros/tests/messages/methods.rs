#![allow(unused)]

use std::sync::Arc;

use anthropic_macros::tools;

struct Shop;

#[tools]
impl Shop {
    /// A tool.
    #[tool]
    fn exclusive(&mut self) {}

    /// A tool.
    #[tool]
    fn owned(self) {}

    /// A tool.
    #[tool]
    fn counted(self: Arc<Self>) {}

    /// A tool.
    #[tool(crate = "other")]
    fn elsewhere(&self) {}

    /// A tool.
    #[tool = "name"]
    fn named(&self) {}
}

fn main() {}
