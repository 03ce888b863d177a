//! The attributes [`macro@tool`] and [`macro@tools`] of the crate `anthropic`, which re-exports
//! them with its feature `macros`, and documents them with examples.
//!
//! An expansion names everything by its full path from `anthropic`, so that neither the names
//! around it nor a missing prelude change what it means.

mod argument;
mod call;
mod description;
mod fault;
mod function;
mod methods;
mod options;
mod signature;
#[cfg(test)]
mod tests;
mod types;

use proc_macro::TokenStream;

/// Makes a tool for the model out of a function, async or not.
///
/// The function stays as it is and can be called; `NAME::tool()` beside it returns the tool.
///
/// - The doc comment of the function is the tool's description, and the doc comment of an argument
///   is the argument's: the model decides by them what to call, and with what. One that is missing
///   is an error. An argument of a type of your own, or an `Option` of one, may leave its
///   description to the type's doc comment.
/// - An argument has a type that implements `serde::Deserialize` and `schemars::JsonSchema`, and
///   owns what is in it. One that is an `Option` can be left out by the model.
/// - `#[serde(…)]` and `#[schemars(…)]` on arguments work as on the fields of a struct.
/// - An argument of the type `ToolContext`, or a reference to it, is the call's context, and not
///   the model's to fill in.
/// - What is returned is the tool's result, or a `Result` of one, whose error the model sees: a
///   `ToolError`, any error, a boxed one, a text, or a value, whose JSON it sees.
/// - It must not block its thread, async or not: no time limit ends it then, and other calls wait.
///   What blocks belongs in `tokio::task::spawn_blocking`.
///
/// Options, in parentheses:
///
/// - `name = "…"`: the tool's name; that of the function unless set.
/// - `description = "…"`: the tool's description, a string or a constant, in place of the doc
///   comment.
/// - `strict`: the API makes sure that the input fits the schema.
/// - `sequential`: calls of this tool never run beside others.
/// - `timeout = 30`: seconds, or a `Duration`, after which a call fails, unless it blocks its
///   thread.
/// - `needs_approval`: each call ends the run, until somebody decides about it.
/// - `confirm = …`: a function of the call that asks before it runs, and returns a future of
///   `bool`.
/// - `crate = "…"`: the path of the crate `anthropic`, for a crate that re-exports it.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    function::expand(options.into(), &item.into()).into()
}

/// Makes tools for the model out of the methods of an `impl` block that are marked `#[tool]`.
///
/// `value.tools()` returns them, and `Type::shared_tools(arc)` does so for a value in an `Arc`,
/// which they share: nothing is cloned for a tool or for a call. The marked methods take `&self`,
/// or no value; otherwise they are as functions with [`macro@tool`], and take its options. Methods
/// that are not marked stay out of the model's reach.
///
/// Options, in parentheses:
///
/// - `prefix = "…"`: put before the name of each tool.
/// - `method = "…"`: the method that returns the tools, in place of `tools`; the one for a shared
///   value is called `shared_…` then. A type with two such blocks needs it on one of them.
/// - `crate = "…"`: the path of the crate `anthropic`, for a crate that re-exports it.
#[proc_macro_attribute]
pub fn tools(options: TokenStream, item: TokenStream) -> TokenStream {
    methods::expand(options.into(), &item.into()).into()
}
