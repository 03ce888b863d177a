//! An HTTP/1 connection, and who drives it.
//!
//! A task of its own does, since a connection has to be looked after between two requests, too. But
//! while a response arrives piece by piece, its reader does: the task would be woken for each
//! piece, wake the reader, and be woken by it once more, and those are two of three runs of tasks.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use hyper::body::Incoming;
use hyper::client::conn::http1;

use super::connect::Connection;
use super::context::lock;
use crate::BoxFuture;
use crate::transport::shared::Outgoing;

type Http1 = http1::Connection<Connection, Outgoing>;

/// A connection that its task and the reader of a response have in common.
///
/// It is also what the connection wakes while a reader drives it. So the connection may hold it,
/// until its task ends or is dropped.
pub(super) struct Driven {
    /// Who drives it: its task, or a reader.
    driver: Mutex<Waker>,
    state: AtomicU8,
    is_read: AtomicBool,
    /// Until it is over.
    connection: Mutex<Option<Http1>>,
}

/// Nothing has woken the driver; nothing has, while it polls the connection, which would wake it
/// for what it does itself; something has.
const AWAY: u8 = 0;
const POLLS: u8 = 1;
const WOKEN: u8 = 2;

impl Driven {
    pub(super) fn new(connection: Http1) -> Arc<Self> {
        Arc::new(Self {
            driver: Mutex::new(Waker::noop().clone()),
            state: AtomicU8::new(AWAY),
            is_read: AtomicBool::new(false),
            connection: Mutex::new(Some(connection)),
        })
    }

    /// What is to be spawned.
    pub(super) fn task(self: &Arc<Self>) -> BoxFuture<'static, ()> {
        Box::pin(Task {
            driven: self.clone(),
            is_known: false,
        })
    }

    /// From here on the reader of a response drives it.
    #[inline(never)]
    pub(super) fn read(self: &Arc<Self>) -> Reading {
        self.is_read.store(true, Ordering::Release);
        let task = lock(&self.driver).clone();
        Reading {
            driven: self.clone(),
            waker: self.clone().into(),
            reader: task.clone(),
            task,
        }
    }

    fn set_driver(&self, waker: &Waker) {
        let old = std::mem::replace(&mut *lock(&self.driver), waker.clone());
        self.state.store(AWAY, Ordering::Release);
        // Not under the lock, as it may be the last of a task.
        drop(old);
    }
}

fn poll(connection: &mut Option<Http1>, context: &mut Context<'_>) -> Poll<()> {
    if let Some(open) = connection {
        // What fails here fails for the request, too, which reports it.
        if Pin::new(open).poll(context).is_pending() {
            return Poll::Pending;
        }
        *connection = None;
    }
    Poll::Ready(())
}

impl Wake for Driven {
    fn wake(self: Arc<Self>) {
        if self.state.swap(WOKEN, Ordering::AcqRel) == AWAY {
            let driver = lock(&self.driver).clone();
            driver.wake();
        }
    }
}

/// The task of a connection.
struct Task {
    driven: Arc<Driven>,
    is_known: bool,
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if !self.is_known {
            self.is_known = true;
            self.driven.set_driver(context.waker());
        }
        let mut connection = lock(&self.driven.connection);
        // The end of the reading wakes it. Under the lock, since a reader that began between this
        // and the poll would not be woken: the last one to poll is.
        if self.driven.is_read.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        self.driven.state.store(AWAY, Ordering::Release);
        poll(&mut connection, context)
    }
}

impl Drop for Task {
    /// The runtime is over, or the connection is.
    fn drop(&mut self) {
        *lock(&self.driven.connection) = None;
    }
}

/// The reader of a response, who drives its connection.
pub(super) struct Reading {
    driven: Arc<Driven>,
    /// The same, as what is woken.
    waker: Waker,
    reader: Waker,
    task: Waker,
}

impl Reading {
    /// The next frame of the body that comes over the connection.
    pub(super) fn poll_frame(
        &mut self,
        body: &mut Incoming,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let driven = &*self.driven;
        if !self.reader.will_wake(context.waker()) {
            self.reader.clone_from(context.waker());
            driven.set_driver(&self.reader);
        }
        driven.state.store(POLLS, Ordering::Release);
        let relayed = &mut Context::from_waker(&self.waker);
        // Whatever it comes to, the body shows it.
        let _ = poll(&mut lock(&driven.connection), relayed);
        let frame = Pin::new(body).poll_frame(relayed);
        if driven.state.swap(AWAY, Ordering::AcqRel) == WOKEN && frame.is_pending() {
            self.reader.wake_by_ref();
        }
        frame
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.driven.is_read.store(false, Ordering::Release);
        self.driven.set_driver(&self.task);
        // It has to look at what the connection waits for.
        self.task.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_driver_is_woken_once_unless_it_runs() {
        let driven = Arc::new(Driven {
            driver: Mutex::new(Waker::noop().clone()),
            state: AtomicU8::new(AWAY),
            is_read: AtomicBool::new(false),
            connection: Mutex::new(None),
        });
        let waker = Waker::from(driven.clone());
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let woken = || count.0.swap(0, Ordering::Relaxed);
        driven.set_driver(&count.clone().into());
        waker.wake_by_ref();
        waker.wake_by_ref();
        assert_eq!(woken(), 1);
        driven.state.store(POLLS, Ordering::Release);
        waker.wake_by_ref();
        assert_eq!(woken(), 0);
        // Another one has not been woken yet.
        driven.set_driver(&count.clone().into());
        waker.wake_by_ref();
        assert_eq!(woken(), 1);
    }
}
