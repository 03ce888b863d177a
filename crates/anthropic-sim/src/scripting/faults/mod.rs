//! Things that go wrong on purpose, over real sockets, for testing what a client does then.
//!
//! A [`Fault`] is one response, made by one of its constructors. There are two servers for it:
//!
//! - [`FaultServer`] knows no API: it plays a [`Script`], of which each request gets the next fault
//!   and the last one repeats, and remembers what it was asked. [`Transcript`] is a sequence of
//!   stream events to do things to.
//! - The [simulator](crate::Simulator) responds like the API, except where a [`Rule`] or the
//!   request's own header `anthropic-sim-fault` applies. A fault made with [`Fault::on_stream`]
//!   then works on the stream that the simulator would have sent.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! use anthropic_sim::{Simulator, faults::{Fault, FaultServer, Rule, Transcript}};
//!
//! let stream = Transcript::sample();
//! let server = FaultServer::start(
//!     Fault::status(529)
//!         .then(Fault::reset_after(&stream, 3))
//!         .then(Fault::sse(&stream)),
//! )
//! .await?;
//! println!("point a client at {}", server.url());
//!
//! let rule = Rule::new(Fault::status(429).header("retry-after", "1")).path("/v1/messages").times(2);
//! let simulator = Simulator::builder().fault(rule).start().await?;
//! println!("or at {}", simulator.url());
//! # Ok(())
//! # }
//! ```
//!
//! What is written is what the constructor describes, byte for byte, past any HTTP library; only a
//! plain error of the simulator goes the usual way, with the usual headers. The simulator plays
//! faults on HTTP/1.1 connections.
//!
//! # As text
//! The header `anthropic-sim-fault` and the program's `--fault` take one fault and any of the rest,
//! split by semicolons: `status=429; retry-after=1`.
//!
//! | fault | what happens |
//! |---|---|
//! | `status=CODE` | that error; with `retry-after=SECONDS`, `should-retry=true` or `false`, `type=…`, `message=…` |
//! | `overloaded` | 529; `overloaded=K`: an `overloaded_error` event after K events, 0 for the first |
//! | `error-after=K` | an `error` event after K events; with `type=…`, `message=…` |
//! | `end-after=K`, `cut-after=K`, `reset-after=K` | the stream ends too early: in good order, in the middle of the body, with a TCP reset |
//! | `stall-after=K`, `pings-after=K` | nothing, or nothing but pings (`every=MS`, 100), from there on |
//! | `bad-utf8-after=K`, `bad-json-after=K`, `huge-event-after=K` | such an event in the stream (`bytes=N`, 1 MiB) |
//! | `crlf`, `cr`, `bom`, `rechunk=N` | the same stream in other bytes; `bom` goes with a line end |
//! | `byte-by-byte`, `half` | the response one byte per write (`=MS` apart), or half of its body |
//! | `slow-headers=MS`, `slow-body=MS` | the response after a while, or with pauses; either goes with any other fault |
//! | `content-type=TYPE` | the response under another type |
//! | `html`, `empty` | a web page or nothing, with status 200 or `=CODE` |
//! | `garbage`, `silence`, `hang-up`, `reset` | bytes that aren't HTTP; no response; the end; a TCP reset |
//!
//! | which requests | |
//! |---|---|
//! | `method=M`, `path=P`, `model=M` | with these; `*` at the end stands for any rest |
//! | `nth=N`, `after=N`, `times=N` | only the Nth; not the first N; N times |
//! | `attempts=N` | the first N tries of a request, by the client's `x-stainless-retry-count` |
//!
//! The official clients of other languages send that count. The crate `anthropic` does not, so each
//! of its tries passes for a first one, and `attempts` holds for all of them: use `times` there.
//!
//! Faults of streams leave other responses alone. In the header, `nth`, `after` and `times` see one
//! request only.

mod answer;
mod fault;
mod inject;
mod request;
mod rule;
mod server;
mod step;
mod text;
mod transcript;

pub(crate) use answer::Original;
pub use fault::{Fault, Script};
pub(crate) use inject::{Due, Faults, Way};
pub use request::SeenRequest;
pub(crate) use rule::RequestFacts;
pub use rule::Rule;
pub use server::{FaultServer, refused_url};
pub(crate) use step::{Flow, Step, take};
pub use transcript::{LineEnd, Transcript};
