//! Functions of yours that the model calls. Needs the feature `macros`.
//!
//! An agent with three tools, two of which share a value. The run asks the model, runs what it
//! calls, sends the results and asks again, until it is done; it ends in an
//! [`Outcome`](crate::tools::Outcome) with a variant for every end.
//!
//! ```
//! use std::collections::HashMap;
//!
//! use anthropic::tools::{Outcome, ToolError};
//! use anthropic::types::{MessageCreateParams, Model};
//! use anthropic::{Client, tool, tools};
//! use anthropic_sim::{Reply, Simulator, When};
//! use serde_json::json;
//!
//! /// What a parcel of a weight costs to send, in cents.
//! #[tool]
//! async fn postage(
//!     /// In grams.
//!     weight: u32,
//! ) -> u32 {
//!     490 + weight / 10
//! }
//!
//! struct Shop {
//!     prices: HashMap<&'static str, u32>,
//! }
//!
//! #[tools]
//! impl Shop {
//!     /// The price of an article, in cents.
//!     #[tool]
//!     async fn price(
//!         &self,
//!         /// The article's name, in the singular.
//!         article: String,
//!     ) -> Result<u32, ToolError> {
//!         let price = self.prices.get(&*article).copied();
//!         price.ok_or_else(|| ToolError::new(format!("there is no `{article}`; see `articles`")))
//!     }
//!
//!     /// The names of all articles.
//!     #[tool(timeout = 5)]
//!     async fn articles(&self) -> Vec<&'static str> {
//!         self.prices.keys().copied().collect()
//!     }
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let simulator = Simulator::builder()
//!         .when(When::any().answered("price"), Reply::text("A saw is 19.50."))
//!         .when(When::any(), Reply::tool_use("price", json!({"article": "saw"})))
//!         .start()
//!         .await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!
//!     let shop = Shop { prices: HashMap::from([("saw", 1950), ("nail", 2)]) };
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("What is a saw?");
//!     let run = client.messages().run(params).tools([postage::tool(), shop.tools()]);
//!     let outcome = run.max_turns(8).await?;
//!     match &outcome {
//!         Outcome::Answer(_) => println!("{}", outcome.text()?),
//!         Outcome::Refusal(_) => println!("The model refuses."),
//!         Outcome::Cut(_) => println!("`max_tokens` is too small."),
//!         Outcome::Limit { limit, .. } => println!("A limit was reached: {limit:?}"),
//!         _ => println!("{outcome:?}"),
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # What the model sees
//!
//! - The doc comments, as descriptions: they state what a tool does, when to use it, and in which
//!   units its arguments are. One that is missing does not compile.
//! - The result: text as it is, any other value as JSON, content blocks as blocks
//!   ([`IntoToolOutput`](crate::tools::IntoToolOutput)).
//! - An error: its text and its causes, so that the model can try in another way. What it must not
//!   see is hidden by [`ToolError::hide_from_model`](crate::tools::ToolError::hide_from_model).
//! - Where its input does not fit, the path and the reason; the tool does not run.
//!
//! A function stays a function: `postage(100).await` works as ever, and is how to test it.
//!
//! # What blocks
//!
//! Calls run beside each other in one task. One that blocks its thread, async or not, as
//! `std::thread::sleep`, `std::process::Command` or a database's synchronous driver does, holds up
//! all others, and no time limit ends it. Such work goes to a thread of its own:
//!
//! ```
//! use anthropic::tool;
//! use anthropic::tools::ToolError;
//!
//! /// The number of lines of a file.
//! #[tool(timeout = 10)]
//! async fn lines(
//!     /// The path of the file.
//!     path: String,
//! ) -> Result<usize, ToolError> {
//!     let count = move || std::fs::read_to_string(path).map(|text| text.lines().count());
//!     Ok(tokio::task::spawn_blocking(count).await??)
//! }
//! # let _ = lines::tool();
//! ```
//!
//! The limit ends the wait, and the model sees an error; the thread goes on until its work is done.
