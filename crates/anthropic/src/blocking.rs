//! The same client for programs without async: wait for a future, iterate over a stream.
//!
//! There is no second API: every request, response, stream and poller is the async one, and is
//! waited for. The future is polled on the calling thread; timers and connections live on one
//! background thread, started when it is first needed; after a `fork` the new process gets a thread
//! of its own. That works inside an async runtime as well (where it blocks a worker, so prefer
//! `.await` there), and never panics.
//!
//! It deadlocks on what runs on the very thread that it blocks: in a `#[tokio::test]`, which has
//! one thread by default, for a server or an `anthropic-sim` started there. Use
//! `#[tokio::test(flavor = "multi_thread")]`, or a plain `#[test]` whose server has a runtime of
//! its own.

use std::future::{Future, IntoFuture};
use std::io;
use std::pin::{Pin, pin};
use std::process;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use futures_core::Stream;
use tokio::runtime::{Builder, Handle};

use crate::request::Request;
use crate::{Error, Result};

impl<T: 'static> Request<T> {
    /// Sends the request and waits for the response.
    ///
    /// ```no_run
    /// let client = anthropic::Client::from_env()?;
    /// let models: serde_json::Value = client.get("/v1/models").send_blocking()?;
    /// # Ok::<(), anthropic::Error>(())
    /// ```
    pub fn send_blocking(self) -> Result<T> {
        wait(self.send())?
    }
}

/// Waits for any future of this crate.
///
/// ```no_run
/// let client = anthropic::Client::from_env()?;
/// let request = client.get::<serde_json::Value>("/v1/models");
/// let response = anthropic::blocking::wait(request.with_response())??;
/// println!("{:?}", response.request_id());
/// # Ok::<(), anthropic::Error>(())
/// ```
///
/// # Errors
///
/// When the background thread can't be started.
pub fn wait<F: IntoFuture>(future: F) -> Result<F::Output> {
    let _context = runtime()?.enter();
    // The caller may be a task that has used up its turn; waiting must go on all the same.
    let mut future = pin!(tokio::task::unconstrained(future.into_future()));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return Ok(output),
            Poll::Pending => thread::park(),
        }
    }
}

/// Iterates over any stream of this crate.
///
/// ```no_run
/// # fn run(events: impl futures_core::Stream<Item = anthropic::Result<String>> + Unpin)
/// # -> anthropic::Result<()> {
/// for event in anthropic::blocking::iter(events)? {
///     println!("{}", event?);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// When the background thread can't be started.
pub fn iter<S: Stream + Unpin>(stream: S) -> Result<Iter<S>> {
    runtime()?;
    Ok(Iter { stream })
}

/// An iterator over a stream.
#[derive(Debug)]
pub struct Iter<S> {
    stream: S,
}

impl<S> Iter<S> {
    /// The stream, as far as it has been read.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Stream + Unpin> Iterator for Iter<S> {
    type Item = S::Item;

    fn next(&mut self) -> Option<S::Item> {
        let next = std::future::poll_fn(|context| Pin::new(&mut self.stream).poll_next(context));
        // The runtime stood when the iterator was made, and it stands for ever.
        wait(next).ok().flatten()
    }
}

/// Wakes a thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The runtime of this process, driven by a thread of its own as long as the process lives.
fn runtime() -> Result<&'static Handle> {
    static FIRST: OfProcess = OfProcess::new();
    FIRST.runtime(process::id())
}

/// A process and its runtime. A process that was forked has none of its parent's threads, so it
/// gets a runtime of its own, and the parent's is left alone.
struct OfProcess {
    started: OnceLock<(u32, io::Result<Handle>)>,
    /// That of a process forked from this one, or further down.
    child: OnceLock<Box<Self>>,
}

impl OfProcess {
    const fn new() -> Self {
        Self {
            started: OnceLock::new(),
            child: OnceLock::new(),
        }
    }

    fn runtime(&'static self, process: u32) -> Result<&'static Handle> {
        let (owner, started) = self.started.get_or_init(|| (process, start()));
        if *owner != process {
            let child = self.child.get_or_init(|| Box::new(Self::new()));
            return child.runtime(process);
        }
        started.as_ref().map_err(|error| {
            let cause = io::Error::new(error.kind(), error.to_string());
            Error::config("the thread for blocking calls can't be started").caused_by(cause)
        })
    }
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let drive = move || runtime.block_on(std::future::pending::<()>());
    thread::Builder::new()
        .name("anthropic-blocking".to_owned())
        .spawn(drive)?;
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use super::OfProcess;

    #[test]
    fn each_process_has_a_runtime_of_its_own() {
        static FIRST: OfProcess = OfProcess::new();
        let mut seen = Vec::new();
        for process in [1, 2, 3] {
            let runtime = FIRST.runtime(process).unwrap();
            assert!(!seen.contains(&runtime.id()));
            // A thread drives it.
            let (done, wait) = std::sync::mpsc::channel();
            runtime.spawn(async move { done.send(()) });
            wait.recv_timeout(std::time::Duration::from_secs(10))
                .unwrap();
            // The same one the next time.
            assert_eq!(FIRST.runtime(process).unwrap().id(), runtime.id());
            seen.push(runtime.id());
        }
    }
}
