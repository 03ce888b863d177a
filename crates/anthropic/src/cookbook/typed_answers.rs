//! Responses as values of your types. Needs the feature `schemars-1`.
//!
//! The type gives the schema, which the API guarantees, so a response that is complete fits it. Doc
//! comments of types and fields are part of the schema: the model reads them.
//!
//! ```
//! use anthropic::Client;
//! use anthropic::typed::Output;
//! use anthropic::types::{MessageCreateParams, Model};
//! use anthropic_sim::{Reply, Simulator};
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//!
//! /// An order, as a customer writes it.
//! #[derive(Debug, Deserialize, JsonSchema)]
//! struct Order {
//!     customer: String,
//!     articles: Vec<Article>,
//!     delivery: Delivery,
//! }
//!
//! #[derive(Debug, Deserialize, JsonSchema)]
//! struct Article {
//!     name: String,
//!     /// How many; 1 where none is said.
//!     count: u32,
//! }
//!
//! #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
//! #[serde(rename_all = "snake_case")]
//! enum Delivery {
//!     Collected,
//!     SentTo { address: String },
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let reply = r#"{"customer": "Ann", "articles": [{"name": "nails", "count": 100}], "delivery": "collected"}"#;
//!     let simulator = Simulator::builder().reply(Reply::text(reply)).start().await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
//!         .user("Ann here. I'll fetch a hundred nails tomorrow.");
//!     let parsed = client.messages().parse::<Order>(params).await?;
//!     let tokens = parsed.message.usage.output_tokens;
//!     match parsed.output {
//!         Output::Value(order) => {
//!             println!("{} orders {:?} ({tokens} tokens)", order.customer, order.articles);
//!             assert_eq!(order.articles[0].count, 100);
//!             assert_eq!(order.delivery, Delivery::Collected);
//!         }
//!         // The model refused: ask in another way, or another model.
//!         Output::Refused => println!("refused: {:?}", parsed.message.stop_details),
//!         // The text was cut off: raise `max_tokens`.
//!         Output::Cut(error) => println!("too long, at `{}`", error.path()),
//!         // The schema was met, and the type has a rule of its own. The model can be asked again:
//!         // `params.message(parsed.message).user(format!("That does not fit: {error}"))`.
//!         Output::Misfit(error) => println!("{error}"),
//!         // The model calls tools first, or paused.
//!         _ => println!("{}", parsed.message),
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Where only the value counts, [`into_output()?`](crate::typed::Parsed::into_output) makes an
//! error of everything else, with the message in [`partial`](crate::Error::partial).
//!
//! A [run](crate::resources::Messages::run) of tools ends in such a value where its parameters have
//! the type's [`output_format`](crate::typed::output_format): see
//! [`Outcome::parse`](crate::tools::Outcome::parse).
//!
//! # What schemas can't have
//!
//! The API guarantees objects with known fields. [`schema::for_strict`](crate::schema::for_strict)
//! moves what it can't guarantee, such as `minimum`, into descriptions, and a request fails before
//! it is sent where that does not help: an open map, a tuple (make it a struct), a type that is no
//! object (`Vec<Order>` and enums go into a field of a struct), or more than 24 optional fields.
//! Nor does the API take documents with [citations](super::citations) switched on beside them.
//!
//! # While it arrives
//!
//! A form that is filled in, or a list that grows, is shown by a stream. The type of the views has
//! defaults for what has not arrived; it may be the type itself.
//!
//! ```
//! use anthropic::Client;
//! use anthropic::types::{MessageCreateParams, Model};
//! use anthropic_sim::{Reply, Simulator};
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Tour {
//!     #[serde(default)]
//!     name: String,
//!     #[serde(default)]
//!     stops: Vec<String>,
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let reply = r#"{"name": "Along the Rhine", "stops": ["Basel", "Strasbourg", "Cologne"]}"#;
//!     let simulator = Simulator::builder().reply(Reply::text(reply)).start().await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Plan a tour.");
//!     let mut stream = client.messages().parse_stream::<Tour>(params).await?;
//!     while stream.try_next().await?.is_some() {
//!         if let Some(tour) = stream.partial::<Tour>() {
//!             println!("{}: {}", tour.name, tour.stops.join(" – "));
//!         }
//!     }
//!     let tour = stream.finish().await?.into_output()?;
//!     assert_eq!(tour.stops.len(), 3);
//!     Ok(())
//! }
//! ```
//!
//! # In batches
//!
//! Each request has the [`output_format`](crate::typed::output_format) of the type, and each row is
//! read as one.
//!
//! ```
//! use std::time::Duration;
//!
//! use anthropic::Client;
//! use anthropic::typed::{ParseRow, output_format};
//! use anthropic::types::{BatchRequest, MessageCreateParams, Model, OutputConfig};
//! use anthropic_sim::{Reply, Simulator};
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Mood {
//!     /// From -5 (angry) to 5 (delighted).
//!     value: i8,
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let replies = [Reply::text(r#"{"value": -4}"#), Reply::text(r#"{"value": 5}"#)];
//!     let simulator = Simulator::builder().replies(replies).start().await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!
//!     let format = OutputConfig::new().format(output_format::<Mood>()?);
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 256).output_config(format);
//!     let letters = ["Where are my nails?", "A hundred nails, all of them straight!"];
//!     let requests = letters.iter().enumerate().map(|(index, letter)| {
//!         BatchRequest::new(format!("letter-{index}"), params.clone().user(*letter))
//!     });
//!     let batches = client.messages().batches();
//!     let batch = batches.create(requests).await?;
//!     // A simulated batch is soon done; a real one is asked for every 30 s without this.
//!     let batch = batches.poll(&batch.id).every(Duration::from_millis(50)).await?;
//!     let mut rows = batches.results(&batch.id).await?;
//!     let mut moods = Vec::new();
//!     while let Some(row) = rows.try_next().await? {
//!         match row.parse::<Mood>().and_then(|parsed| parsed.into_output()) {
//!             Ok(mood) => moods.push((row.custom_id, mood.value)),
//!             Err(error) => println!("{}: {error}", row.custom_id),
//!         }
//!     }
//!     // Rows come in any order; the id names the request that a row is for.
//!     moods.sort();
//!     assert_eq!(moods, [("letter-0".to_owned(), -4), ("letter-1".to_owned(), 5)]);
//!     Ok(())
//! }
//! ```
