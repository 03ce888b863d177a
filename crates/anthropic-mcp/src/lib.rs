//! Tools, prompts and resources of MCP servers, for the [Anthropic SDK](anthropic).
//!
//! A [`Server`] is a program that is started here and talks over its standard input and output, or
//! one that is reached over HTTP, by way of the official Rust SDK of the Model Context Protocol,
//! `rmcp`. What it has becomes ours:
//!
//! | of the server | here |
//! |---|---|
//! | tools | [`ServerTools`], which a [run](anthropic::resources::Messages::run) takes beside other tools |
//! | their results | text, images, PDFs and texts; errors that the model sees |
//! | prompts | turns of a conversation: [`Server::prompt`] |
//! | resources | a block of a message, or a file to upload: [`Server::resource`], [`Server::resource_file`] |
//!
//! ```no_run
//! use anthropic::Client;
//! use anthropic::types::{MessageCreateParams, Model};
//! use anthropic_mcp::Server;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let files = Server::program("npx")
//!     .args(["-y", "@modelcontextprotocol/server-filesystem", "/srv/data"])
//!     .named("files")
//!     .start()
//!     .await?;
//! let search = Server::http("https://mcp.example.com/mcp").bearer("my-token").connect().await?;
//!
//! let client = Client::from_env()?;
//! let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("What is new?");
//! let tools = [files.tools().await?.prefixed("files_")?, search.tools().await?];
//! let outcome = client.messages().run(params).tools(tools).max_turns(8).await?;
//! println!("{}", outcome.text()?);
//! # Ok(())
//! # }
//! ```
//!
//! # What a server may do
//!
//! A server is somebody else's code, and the descriptions of its tools are read by the model.
//!
//! - **A program gets a few variables of the environment**, those that programs need to run
//!   (`PATH`, `HOME` and the like), and what [`env`](Program::env) and
//!   [`inherit`](Program::inherit) name. No key of this process is among them unless it is named.
//! - **Names that collide are refused** by a run, and names that the API does not take.
//!   [`prefixed`](ServerTools::prefixed) sets servers apart, [`without`](ServerTools::without)
//!   leaves a tool out.
//! - **Definitions are approved once.** [`ServerTools::approval`] is plain data to store;
//!   [`approved_by`](ServerTools::approved_by) later reports which tools are new or not what was
//!   approved. When a server announces while it runs that its tools have changed, a call of one
//!   whose definition is another by then fails, and nothing is sent to the server.
//! - **Sampling is refused**, there are no folders to work in (roots), and questions to the user
//!   (elicitation) are declined. For a client that allows them, see [`rmcp_3`].
//! - **Results are checked**: images of the four types and of the sizes that the API takes, PDFs
//!   and text. Other content, such as audio, is left out, with a note for the model; where there is
//!   nothing else, it is an error that the model sees.
//!
//! Whether a tool is harmless is not to be seen from its own annotations. Ask before calls
//! ([`settings`](ServerTools::settings)) of tools that you don't trust.
//!
//! # How long things live
//!
//! Clones of a [`Server`] and its tools share one connection, which lives as long as any of them.
//! [`close`](Server::close) ends it in order, and waits for the program. It runs in tasks of its
//! own on the tokio runtime on which it was started, which needs I/O and time. A session that the
//! server has lost is not made anew, since its tools may be others by then: connect again.
//! Dropping the future of a call, as a run does whose time is over, cancels it on the server, too.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The README, whose example has to compile.
#[cfg(all(doctest, feature = "hyper"))]
#[doc = include_str!("../README.md")]
struct Readme;

mod approval;
mod arguments;
mod convert;
mod error;
mod handler;
mod image;
mod listing;
mod name;
mod program;
mod remote;
pub mod rmcp_3;
mod server;
mod sse;
mod streamable;
mod tool;
mod tools;

pub use approval::{Approval, Change, ChangeKind};
pub use error::{Error, ErrorKind, Result};
pub use listing::{Prompt, PromptArgument, Resource, ResourceTemplate};
pub use program::Program;
pub use remote::Http;
pub use server::Server;
pub use tools::ServerTools;
