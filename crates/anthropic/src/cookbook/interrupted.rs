//! Going on after an error in the middle of a stream, or of a run. A run needs the feature `tools`,
//! and `#[tool]` the feature `macros`.
//!
//! Until its first output the client sends a request again by itself. What breaks later is the
//! program's to decide about, since somebody may have seen the beginning. An awaited run shows
//! nothing before its end, so all of its requests are retried; a run that is read as a stream of
//! events ends with what broke a message whose beginning it has returned:
//!
//! | what broke | the error has | to go on |
//! |---|---|---|
//! | a stream | [`partial::<Message>()`](crate::Error::partial): the message so far | send its text back, and ask for the rest |
//! | a run | [`partial::<Transcript>()`](crate::Error::partial): the conversation so far | start a run with [`into_messages()`](crate::tools::Transcript::into_messages) |
//!
//! In a transcript every call has its result, so that no tool of an earlier turn runs again. The
//! message that broke off is not in its messages but in
//! [`partial_message()`](crate::tools::Transcript::partial_message), unless calls of it had begun
//! ([`eager_tools`](crate::tools::Runner::eager_tools)); the next run asks for it anew.
//!
//! ```
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! use anthropic::tools::{Outcome, RunEvent, Transcript};
//! use anthropic::types::{Message, MessageCreateParams, MessageParam, Model};
//! use anthropic::{Client, Error, ErrorKind, tool};
//! use anthropic_sim::faults::Rule;
//! use anthropic_sim::{Reply, Simulator, When};
//! use serde_json::json;
//!
//! /// Whether to ask once more. A stream that broke is not marked as an error that may pass.
//! fn may_pass(error: &Error) -> bool {
//!     let broke = matches!(error.kind(), ErrorKind::StreamTruncated | ErrorKind::StreamStalled);
//!     broke || error.is_retryable()
//! }
//!
//! /// Streams a response to its end.
//! async fn stream(client: &Client, params: &MessageCreateParams) -> anthropic::Result<Message> {
//!     let mut stream = client.messages().stream(params).await?;
//!     while let Some(event) = stream.try_next().await? {
//!         print!("{}", event.text().unwrap_or_default());
//!     }
//!     stream.final_message().await
//! }
//!
//! /// A text, in up to three parts.
//! async fn text(client: &Client, params: MessageCreateParams) -> anthropic::Result<String> {
//!     let mut text = String::new();
//!     let mut next = params.clone();
//!     for attempts_left in (0..3).rev() {
//!         match stream(client, &next).await {
//!             Ok(message) => return Ok(text + &message.text()),
//!             Err(error) if attempts_left > 0 && may_pass(&error) => {
//!                 text += &error.partial().map(Message::text).unwrap_or_default();
//!             }
//!             Err(error) => return Err(error),
//!         }
//!         // The API takes no empty text, and no white space at the end of the model's.
//!         if !text.trim().is_empty() {
//!             let so_far = MessageParam::assistant(text.trim_end());
//!             let rest = "You were interrupted. Go on exactly where you stopped.";
//!             next = params.clone().message(so_far).user(rest);
//!         }
//!     }
//!     Ok(text)
//! }
//!
//! static BOOKED: AtomicU32 = AtomicU32::new(0);
//!
//! /// Books a table.
//! #[tool]
//! async fn book(
//!     /// For so many.
//!     guests: u32,
//! ) -> String {
//!     BOOKED.fetch_add(1, Ordering::Relaxed);
//!     format!("A table for {guests} is booked.")
//! }
//!
//! /// Shows a run to its end.
//! async fn show(client: &Client, params: MessageCreateParams) -> anthropic::Result<Outcome> {
//!     let mut run = client.messages().run(params).tools(book::tool()).stream(true);
//!     while let Some(event) = run.try_next().await? {
//!         match event {
//!             RunEvent::Model(event) => print!("{}", event.text().unwrap_or_default()),
//!             RunEvent::Finished(outcome) => return Ok(*outcome),
//!             _ => {}
//!         }
//!     }
//!     unreachable!("the outcome is the last event")
//! }
//!
//! static INTERRUPTED: AtomicU32 = AtomicU32::new(0);
//!
//! /// A run, begun up to three times; what was done before an error stays done.
//! async fn run(client: &Client, params: MessageCreateParams) -> anthropic::Result<String> {
//!     let mut messages = params.messages.clone();
//!     for attempts_left in (0..3).rev() {
//!         match show(client, params.clone().messages(messages)).await {
//!             Ok(outcome) => return outcome.text(),
//!             Err(error) if attempts_left > 0 && may_pass(&error) => {
//!                 let Some(so_far) = error.partial::<Transcript>() else { return Err(error) };
//!                 println!("{error}; {} calls are done", so_far.calls());
//!                 messages = so_far.clone().into_messages();
//!                 INTERRUPTED.fetch_add(1, Ordering::Relaxed);
//!             }
//!             Err(error) => return Err(error),
//!         }
//!     }
//!     unreachable!("the last attempt returns")
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let simulator = Simulator::builder()
//!         // The first request's stream is cut, the fourth one's has an error in it.
//!         .fault(Rule::parse("cut-after=5; nth=1")?)
//!         .fault(Rule::parse("overloaded=4; nth=4")?)
//!         .when(When::text("You were interrupted"), Reply::text("… and they lived happily."))
//!         .when(When::text("story"), Reply::text("There was a king who had a daughter and a frog."))
//!         .when(When::any().answered("book"), Reply::text("Your table for two is booked."))
//!         .when(When::text("table"), Reply::tool_use("book", json!({"guests": 2})))
//!         .start()
//!         .await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
//!
//!     let story = text(&client, params.clone().user("Tell me a story.")).await?;
//!     assert!(story.starts_with("There was") && story.ends_with("… and they lived happily."));
//!
//!     let booked = run(&client, params.user("A table for two, please.")).await?;
//!     assert_eq!(booked, "Your table for two is booked.");
//!     // The run was interrupted and begun once more; the table was booked once.
//!     assert_eq!(INTERRUPTED.load(Ordering::Relaxed), 1);
//!     assert_eq!(BOOKED.load(Ordering::Relaxed), 1);
//!     assert_eq!(simulator.requests().len(), 5);
//!     Ok(())
//! }
//! ```
//!
//! - Thinking and calls of tools that broke off can't be sent back; the text alone can, as above.
//! - A run whose future or stream was dropped has no error: take
//!   [`transcript()`](crate::tools::Runner::transcript) of the [`Runner`](crate::tools::Runner)
//!   before, and go on with that.
//! - A limit, a message that was cut off and a hook's stop are no errors but
//!   [`Outcome`](crate::tools::Outcome)s. They go on alike, with the messages of
//!   [`into_transcript()`](crate::tools::Outcome::into_transcript) and a limit that is higher.
//!   Calls that wait for a decision go on with [`resume`](crate::resources::Messages::resume): see
//!   [`approval`](super::approval).
//! - A call that ran when the run ended has an error as its result, by which the model sees that
//!   what it has done is not known. A tool that must not act twice takes a key from
//!   [`ToolCall::id`](crate::tools::ToolCall::id) or from its input.
//! - What a message that broke off used is not in
//!   [`Transcript::usage`](crate::tools::Transcript::usage), whose docs have more.
