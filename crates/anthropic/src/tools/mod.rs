//! Tools that the model calls and you write, and the run that calls them.
//!
//! | to | start at |
//! |---|---|
//! | make a tool of a function | [`#[tool]`](#attributes), [`tool_fn`] |
//! | make tools of a type's methods | [`#[tools]`](#attributes) |
//! | make a tool of a type with state | [`TypedTool`] |
//! | implement a tool that the API defines, or whose schema is known at run time | [`Tool`], [`tool_with`] |
//! | put several together | [`Tools`] |
//! | return text, JSON, images | [`IntoToolOutput`], [`ToolOutput`] |
//! | fail, and choose what the model sees | [`ToolError`] |
//! | run the conversation | [`Messages::run`](crate::resources::Messages::run), [`Runner`], [`Outcome`] |
//! | watch it | [`RunEvent`] |
//! | decide about calls, now or later | [`Decision`], [`Waiting`], [`Approval`] |
//! | look at schemas before they are sent | [`schema`](crate::schema) |
//!
//! # Attributes
//!
//! With the feature `macros`, `#[tool]` on a function, async or not, makes a tool of it. The
//! function stays a function, and `NAME::tool()` is the tool.
//!
//! ```
//! # #[cfg(feature = "macros")]
//! # mod example {
//! use anthropic::tool;
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! /// A unit of temperature.
//! #[derive(Deserialize, JsonSchema)]
//! enum Unit {
//!     Celsius,
//!     Kelvin,
//! }
//!
//! #[derive(Serialize)]
//! struct Weather {
//!     degrees: f64,
//! }
//!
//! /// The weather at a place, now.
//! #[tool]
//! async fn weather(
//!     /// A city, such as "Oslo".
//!     city: String,
//!     unit: Option<Unit>,
//! ) -> Result<Weather, std::io::Error> {
//!     Ok(Weather { degrees: 12.0 })
//! }
//!
//! # fn run() {
//! assert_eq!(weather::tool().names().next(), Some("weather"));
//! # }
//! # }
//! ```
//!
//! `#[tools]` on an `impl` block makes tools of the methods that are marked `#[tool]`. They share
//! the value, in an [`Arc`](std::sync::Arc): nothing is cloned for a tool or a call.
//!
//! ```
//! # #[cfg(feature = "macros")]
//! # mod example {
//! use std::sync::Arc;
//!
//! use anthropic::tools;
//!
//! struct Shop {
//!     prices: std::collections::HashMap<String, u32>,
//! }
//!
//! #[tools(prefix = "shop_")]
//! impl Shop {
//!     /// The price of an article, in cents.
//!     #[tool(timeout = 5)]
//!     async fn price(
//!         &self,
//!         /// The article's name.
//!         article: String,
//!     ) -> Option<u32> {
//!         self.prices.get(&article).copied()
//!     }
//! }
//!
//! # fn run(shop: Shop, shared: Arc<Shop>) {
//! let tools = shop.tools();
//! let tools = Shop::shared_tools(shared);
//! # }
//! # }
//! ```
//!
//! - Doc comments are descriptions, by which the model decides what to call, and with what; one
//!   that is missing does not compile. An argument of a type of your own, or an `Option` of one,
//!   may leave its description to the type's.
//! - Arguments own what is in them, and implement `serde::Deserialize` and `schemars::JsonSchema`.
//!   The model can leave out an `Option`. `#[serde(…)]` and `#[schemars(…)]` work as on the fields
//!   of a struct. An argument of type [`ToolContext`], or a reference to it, is the call's context.
//! - The function returns what [`IntoToolOutput`] takes, or a `Result` of it whose error becomes a
//!   [`ToolError`].
//! - An input that does not fit, or has an unknown argument, goes back to the model with the path
//!   and the reason.
//! - The function must not block its thread, async or not: no limit ends it then, and other calls
//!   wait. What blocks belongs in `tokio::task::spawn_blocking`: see [`ToolSettings::timeout`].
//!
//! | option | what it sets |
//! |---|---|
//! | `name = "…"` | the tool's name; that of the function unless set |
//! | `description = "…"` | the description, a string or a constant, in place of the doc comment |
//! | `strict` | [`FunctionTool::strict`] |
//! | `sequential` | [`FunctionTool::sequential`] |
//! | `timeout = 30` | [`FunctionTool::timeout`], in seconds or as a `Duration` |
//! | `needs_approval` | [`FunctionTool::needs_approval`] |
//! | `confirm = …` | [`FunctionTool::confirm`]: a function or a closure |
//! | `crate = "…"` | the path of this crate, for a crate that re-exports it; on `#[tools]` for its methods |
//! | `prefix = "…"` | on `#[tools]`: what the names of its tools begin with |
//! | `method = "…"` | on `#[tools]`: the method that returns the tools, `tools` unless set; of two blocks of one type, one needs it |

mod accepted;
mod call;
mod check;
mod error;
mod function;
mod guarded;
mod output;
mod run;
mod set;
#[cfg(test)]
mod tests;
mod tool;
mod typed;

pub use call::{ToolCall, ToolContext};
pub use check::ToolsFault;
pub use error::{ToolError, ToolErrorKind};
pub use function::{FunctionTool, NoInput, tool_fn, tool_with};
pub use output::{IntoToolOutput, IntoToolResult, ToolOutput};
pub use run::{
    AfterTool, Approval, Decision, Limit, Outcome, RunEvent, Runner, Transcript, Turn, Waiting,
};
pub use set::{IntoTools, Tools};
pub use tool::{Tool, ToolSettings};
pub use typed::TypedTool;
