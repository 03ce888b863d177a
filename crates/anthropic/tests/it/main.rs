//! What the pipeline promises, each promise as a test: over a scripted transport where no socket
//! matters, over TCP on this machine where one does.

mod support;

mod cancel;
mod defaults;
mod environment;
mod errors;
mod middleware;
mod pages;
mod poll;
mod raw;
mod retries;
mod secrets;
mod timeouts;
mod trust;
mod uploads;
