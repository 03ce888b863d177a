//! Conversations that the API holds. Needs the feature `tools`.
//!
//! Each turn of a [`Thread`](crate::threads::Thread) sends only what is new. The conversation is
//! here, too, so that one that the API has lost is begun again within the same call.
//!
//! ```
//! use anthropic::Client;
//! use anthropic::types::{MessageCreateParams, Model};
//! use anthropic_sim::Simulator;
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let simulator = Simulator::start().await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).system("Be brief.");
//!     let mut thread = client.beta().messages().thread(params);
//!     println!("{}", thread.send("Name three rivers.").await?.text());
//!
//!     let mut stream = thread.stream("Which is the longest?").await?;
//!     while let Some(event) = stream.try_next().await? {
//!         print!("{}", event.text().unwrap_or_default());
//!     }
//!     // The turn is the thread's, since it was read to its end.
//!
//!     let sent = &simulator.requests()[1].json();
//!     assert_eq!(sent["thread"]["type"], "continue");
//!     assert_eq!(sent["messages"].as_array().map(Vec::len), Some(1));
//!     assert_eq!(thread.messages().len(), 4);
//!     Ok(())
//! }
//! ```
//!
//! - A run has a thread by [`Runner::thread`](crate::tools::Runner::thread).
//! - System prompt and tools are those of the thread's first turn. Changing them by
//!   [`params_mut`](crate::threads::Thread::params_mut), or what was sent, begins a new thread with
//!   the whole conversation.
//! - A turn that fails, is refused, or whose stream is dropped before its end is taken back.
//! - Where the API can't thread a request, the turn fails;
//!   [`or_unthreaded`](crate::threads::Thread::or_unthreaded) goes on without a thread, as a run
//!   does.
