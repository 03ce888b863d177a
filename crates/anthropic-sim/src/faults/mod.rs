//! Servers that misbehave on purpose, over real sockets, for testing what a client does then.
//!
//! A [`Fault`] is one answer, made by one of its constructors; [`Fault::then`] strings several into a [`Script`],
//! of which each request gets the next and the last one repeats. [`FaultServer`] plays it and remembers what it was
//! asked. [`Transcript`] is a sequence of stream events to do things to.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! use anthropic_sim::faults::{Fault, FaultServer, Transcript};
//!
//! let stream = Transcript::sample();
//! let server = FaultServer::start(
//!     Fault::error(529, "overloaded_error", "Overloaded")
//!         .then(Fault::reset_after(&stream, 3))
//!         .then(Fault::sse(&stream)),
//! )
//! .await?;
//! println!("point a client at {}", server.url());
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here goes through an HTTP library: what is written is what the constructor says, byte for byte.

mod fault;
mod request;
mod server;
mod transcript;

pub use fault::{Fault, Script};
pub use request::SeenRequest;
pub use server::{FaultServer, refused_url};
pub use transcript::{LineEnd, Transcript};
