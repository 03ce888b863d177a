//! A prompt that is cached while the conversation grows. Needs the feature `tools` for the run.
//!
//! The API caches a prompt up to each block with `cache_control`. What never changes gets one of
//! its own; the one at the end of the conversation moves with it.
//!
//! ```
//! use anthropic::types::{CacheControlEphemeral, MessageCreateParams, Model, TextBlock, Tool};
//! use anthropic::tools::tool_with;
//! use anthropic::{Client, caching};
//! use anthropic_sim::{Reply, Simulator};
//! use serde_json::json;
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let simulator = Simulator::start().await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!     let cache = CacheControlEphemeral::new;
//!
//!     // By hand: before each request.
//!     let manual = TextBlock::new("The manual, of many pages. ".repeat(500)).cache_control(cache());
//!     let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).system(vec![manual]);
//!     for question in ["How is it switched on?", "And off?"] {
//!         params = params.user(question);
//!         caching::move_breakpoint(&mut params, cache());
//!         let message = client.messages().create(params.clone()).await?;
//!         let usage = &message.usage;
//!         println!("{:?} read from the cache", usage.cache_read_input_tokens);
//!         params = params.message(message);
//!     }
//!
//!     // In a run.
//!     simulator.reply(Reply::tool_use("look", json!({})));
//!     simulator.reply(Reply::text("It is off."));
//!     let tool = Tool::new(json!({"type": "object", "properties": {}}), "look");
//!     let look = tool_with(tool.description("Looks at the lamp."), |_: serde_json::Value, _| async { "off" });
//!     let run = client.messages().run(params.user("Is it off now?")).tools(look);
//!     let outcome = run.cache_prompt(cache()).await?;
//!     println!("{:?}", outcome.usage().cache_read_input_tokens);
//!     Ok(())
//! }
//! ```
//!
//! - A request has at most four breakpoints; [`move_breakpoint`](crate::caching::move_breakpoint)
//!   keeps the newest ones of the conversation, and leaves those of tools and system prompt alone.
//! - The order of tools and of keys in their schemas stays the same from request to request. In a
//!   run, [`add_tools`](crate::tools::Turn::add_tools) offers more of them without changing the
//!   beginning of the prompt.
//! - Entries live for five minutes after their last use; `ttl` makes it an hour.
