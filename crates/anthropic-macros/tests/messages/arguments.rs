#![allow(unused)]

use anthropic_macros::tool;

/// A tool.
#[tool]
fn pattern(/** Where. */ (lat, lon): (f64, f64), /** What. */ _: String, /** Which. */ ref name: String) {}

/// A tool.
#[tool]
fn borrowed(
    /// A text.
    text: &str,
    /// A list.
    list: &[u8],
    /// Maybe a text.
    maybe: Option<&'static str>,
    /// A lifetime.
    cow: std::borrow::Cow<'_, str>,
) {
}

/// A tool.
#[tool]
fn unnamed(/** One. */ one: impl ToString, /** Two. */ two: Option<Self>) {}

/// A tool.
#[tool]
fn conditional(#[cfg(unix)] /** A text. */ text: String) {}

/// A tool.
#[tool]
fn contexts(one: ToolContext, two: &ToolContext) {}

struct ToolContext;

fn main() {}
