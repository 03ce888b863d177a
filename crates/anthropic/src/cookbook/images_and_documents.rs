//! Images, PDFs and texts from files and bytes.
//!
//! [`media::image`](crate::media::image) and [`media::document`](crate::media::document) read a
//! file, `from_bytes` and `from_reader` of [`ImageBlock`](crate::types::ImageBlock) and
//! [`DocumentBlock`](crate::types::DocumentBlock) take what is none. Their type is seen from the
//! bytes: JPEG, PNG, GIF and WebP images, PDFs, text in UTF-8; anything else is an error before it
//! is sent. They travel inside of the request, in Base64.
//!
//! ```
//! use anthropic::types::{DocumentBlock, ImageBlock, MessageCreateParams, Model};
//! use anthropic::{Client, media};
//! use anthropic_sim::{Reply, Simulator};
//!
//! /// One pixel.
//! const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let reply = Reply::text("A pixel, a letter and a manifest.");
//!     let simulator = Simulator::builder().reply(reply).start().await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!
//!     let pixel = ImageBlock::from_bytes(PIXEL)?;
//!     let letter = media::document("src/cookbook/letter.pdf")?.title("A letter");
//!     let manifest = media::document("Cargo.toml")?.title("Cargo.toml");
//!     let question = (pixel, letter, manifest, "What are these?");
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user(question);
//!     let message = client.messages().create(params).await?;
//!     assert_eq!(message.text(), "A pixel, a letter and a manifest.");
//!
//!     let sent = simulator.requests()[0].json();
//!     let content = &sent["messages"][0]["content"];
//!     let types = [0, 1, 2].map(|file| content[file]["source"]["media_type"].clone());
//!     assert_eq!(types, ["image/gif", "application/pdf", "text/plain"]);
//!
//!     assert!(ImageBlock::from_bytes("no image").is_err());
//!     assert!(DocumentBlock::from_bytes([0, 1, 2]).is_err());
//!     Ok(())
//! }
//! ```
//!
//! # Uploaded once
//!
//! What is sent more than once is better uploaded, and then named by its id. An upload is streamed,
//! and `content_block()` of what comes back is the part that its MIME type makes of it: an image, a
//! document, or a file in the container of the model's code execution.
//!
//! ```
//! use anthropic::types::{DocumentBlock, FileUploadParams, MessageCreateParams, Model};
//! use anthropic::{Client, Upload};
//! use anthropic_sim::{Reply, Simulator};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let replies = [Reply::text("It is about nails."), Reply::text("Ann wrote it.")];
//!     let simulator = Simulator::builder().replies(replies).start().await?;
//!     let client = Client::builder()
//!         .api_key(simulator.api_key())
//!         .base_url(simulator.url())
//!         .build()?;
//!
//!     // A file on disk is `Upload::from_path("letter.txt")?`.
//!     let letter = Upload::bytes("letter.txt", "A hundred nails, please. Ann");
//!     let file = client.files().upload(letter, FileUploadParams::new()).await?;
//!     let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
//!     let question = (file.content_block(), "What is the letter about?");
//!     let message = client.messages().create(params.clone().user(question)).await?;
//!     assert_eq!(message.text(), "It is about nails.");
//!
//!     // With a title, or citations: a block of its own, with the file as its source.
//!     let letter = DocumentBlock::new(&file).title("A letter");
//!     let question = (letter, "Who wrote it?");
//!     let message = client.messages().create(params.user(question)).await?;
//!     assert_eq!(message.text(), "Ann wrote it.");
//!     Ok(())
//! }
//! ```
