//! Contract suites for the [Anthropic SDK](anthropic): what a transport or a platform of your own
//! has to do, as checks that it runs against itself.
//!
//! - [`transport`] runs a [`Transport`](anthropic::transport::Transport) against a server on
//!   127.0.0.1.
//! - [`platform`] runs a [`Platform`](anthropic::Platform), with its credentials, over a transport
//!   in memory; the platform's servers are a [`Service`] of yours.
//!
//! - [`Logs`] keeps what a process logs, to look for secrets in.
//!
//! A suite returns a [`Report`] with one line for each check; in a test, [`Report::assert`] fails
//! with all of it.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The README, whose example has to compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod platform;
mod report;
mod server;
mod transport;

pub use platform::{
    FirstParty, Logs, PlatformSuite, Received, Request, Response, Service, platform,
};
pub use report::{Check, Outcome, Report};
pub use transport::transport;
