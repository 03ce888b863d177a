//! Calls that somebody decides about, later and elsewhere. Needs the feature `tools`.
//!
//! A tool that [needs approval](crate::tools::FunctionTool::needs_approval) ends the run before it
//! runs. The state of the run is plain data: it is stored, and whoever decides goes on from it, in
//! this process or in another.
//!
//! ```
//! use anthropic::Client;
//! use anthropic::tools::{Outcome, ToolCall, Waiting, tool_with};
//! use anthropic::types::{MessageCreateParams, Model, Tool};
//! use anthropic_sim::{Reply, Simulator};
//! use serde::Deserialize;
//! use serde_json::json;
//!
//! #[derive(Deserialize)]
//! struct Refund {
//!     order: String,
//!     euros: u32,
//! }
//!
//! fn refund() -> anthropic::tools::FunctionTool {
//!     let schema = json!({
//!         "type": "object",
//!         "properties": {"order": {"type": "string"}, "euros": {"type": "integer"}},
//!         "required": ["order", "euros"],
//!     });
//!     let tool = Tool::new(schema, "refund").description("Pays back money for an order.");
//!     tool_with(tool, |refund: Refund, _| async move {
//!         format!("{} € paid back for {}", refund.euros, refund.order)
//!     })
//!     .needs_approval()
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let simulator = Simulator::builder()
//!         .reply(Reply::tool_use("refund", json!({"order": "A-17", "euros": 20})))
//!         .reply(Reply::text("The 20 € are on their way."))
//!         .start()
//!         .await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Refund A-17.");
//!     let outcome = client.messages().run(params).tools(refund()).await?;
//!     let Outcome::Waiting(waiting) = outcome else {
//!         return Err("the model did not call the tool".into());
//!     };
//!     let stored = serde_json::to_string(&waiting)?;
//!
//!     // Later, maybe elsewhere. Take the state out of its store first: what is approved runs.
//!     let waiting: Waiting = serde_json::from_str(&stored)?;
//!     let decide = |call: &ToolCall| match call.input_as::<Refund>() {
//!         Ok(refund) if refund.euros <= 50 => call.approve(),
//!         _ => call.deny("refunds above 50 € are not paid"),
//!     };
//!     let approvals: Vec<_> = waiting.calls().map(decide).collect();
//!     let outcome = client.messages().resume(waiting, approvals).tools(refund()).await?;
//!     assert_eq!(outcome.text()?, "The 20 € are on their way.");
//!     Ok(())
//! }
//! ```
//!
//! - An approval names the call's id and a digest of its input: it is of what was shown, and of no
//!   other call.
//! - The state's version rises with each step, so a store can refuse a second resume: the example
//!   `approval` of the repository does that with files.
//! - Where somebody can be asked at once, [`confirm`](crate::tools::FunctionTool::confirm) does it
//!   within the run; what depends on the call is decided by
//!   [`before_tool`](crate::tools::Runner::before_tool).
