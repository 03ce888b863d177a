//! Documents, and the places in them that a response is from.
//!
//! A document with citations switched on is cited by the text blocks of the response.
//! [`Message::citations`](crate::types::Message::citations) has them in order, and all kinds read
//! the same way: the text, a title or a source, and the place.
//!
//! ```
//! use anthropic::Client;
//! use anthropic::types::{CitationPlace, DocumentBlock, MessageCreateParams, Model};
//! use anthropic_sim::{Citation, Reply, Simulator};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let cited = Citation::characters("The Rhine is 1,233 km long.", 0, 0..27).title("Rivers");
//!     let reply = Reply::new().with_cited_text("It is 1,233 km long.", [cited]);
//!     let simulator = Simulator::builder().reply(reply).start().await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!
//!     let rivers = DocumentBlock::from_bytes("The Rhine is 1,233 km long.")?
//!         .title("Rivers")
//!         .citations(true);
//!     let question = (rivers, "How long is the Rhine?");
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user(question);
//!     let message = client.messages().create(params).await?;
//!     println!("{message}");
//!     for citation in message.citations() {
//!         let source = citation.title().or(citation.source()).unwrap_or("a document");
//!         println!("“{}”: {source}, {:?}", citation.cited_text(), citation.place());
//!         assert_eq!(citation.place(), Some(CitationPlace::Characters(0..27)));
//!     }
//!     Ok(())
//! }
//! ```
//!
//! With an output format, such as [`parse`](crate::resources::Messages::parse) sets, the API
//! refuses citations: ask for the value in one request, and for its sources in another.
