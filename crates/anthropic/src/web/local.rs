//! The bridge from futures that hold JavaScript's values, which stay where they are, to ones that
//! may cross threads, as everything outside of this crate's transport, clock and uploads does.
//!
//! The former run in a task of the global's own queue, and hand what they make through a channel
//! whose other end is `Send`. Dropping that end drops the task's future.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use js_sys::futures::spawn_local;

use crate::BoxFuture;

/// Makes a future that may cross threads of one that may not, such as one that awaits a promise of
/// JavaScript's, for [`Credentials`](crate::Credentials), tools, middlewares and the like.
///
/// The future starts at once, and not when what is returned is polled first; dropping that cancels
/// it.
///
/// ```no_run
/// use anthropic::platform::credentials_fn;
///
/// /// A short-lived token from a server of yours.
/// async fn token() -> anthropic::Result<String> {
///     # let fetched = || async { String::new() };
///     Ok(fetched().await)
/// }
///
/// let credentials = credentials_fn(|| anthropic::web::send(token()));
/// ```
pub fn send<F>(future: F) -> BoxFuture<'static, F::Output>
where
    F: Future + 'static,
    F::Output: Send + 'static,
{
    let mut receiver = spawn(async move |sender: Arc<Sender<F::Output>>| {
        sender.push(future.await);
    });
    Box::pin(async move {
        match std::future::poll_fn(|context| receiver.poll(context)).await {
            Some(output) => output,
            // Only a task that panicked pushes nothing, and with it everything here has ended.
            None => std::future::pending().await,
        }
    })
}

/// Runs `work` in a task of its own, until the receiver is dropped.
pub(crate) fn spawn<T: Send + 'static>(
    work: impl AsyncFnOnce(Arc<Sender<T>>) + 'static,
) -> Receiver<T> {
    let (sender, receiver) = channel();
    run(sender, work);
    receiver
}

/// Runs `work` in a task of its own, until the receiver of what it sends is dropped.
pub(crate) fn run<T: Send + 'static>(
    sender: Sender<T>,
    work: impl AsyncFnOnce(Arc<Sender<T>>) + 'static,
) {
    let sender = Arc::new(sender);
    let mut working = Box::pin(work(sender.clone()));
    spawn_local(std::future::poll_fn(move |context| {
        if sender.poll_closed(context).is_ready() {
            return Poll::Ready(());
        }
        working.as_mut().poll(context)
    }));
}

/// A queue between two tasks.
pub(crate) fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Mutex::new(State {
        queue: VecDeque::new(),
        sender: End::default(),
        receiver: End::default(),
    }));
    (Sender(shared.clone()), Receiver(shared))
}

struct State<T> {
    queue: VecDeque<T>,
    sender: End,
    receiver: End,
}

#[derive(Default)]
struct End {
    is_dropped: bool,
    waker: Option<Waker>,
}

impl End {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn wait(&mut self, context: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
    }
}

fn lock<T>(shared: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The end that values are pushed into.
pub(crate) struct Sender<T>(Arc<Mutex<State<T>>>);

impl<T> Sender<T> {
    pub(crate) fn push(&self, value: T) {
        let mut state = lock(&self.0);
        if !state.receiver.is_dropped {
            state.queue.push_back(value);
            state.receiver.wake();
        }
    }

    /// Waits until everything has been received. Only the work of [`run`] may wait here: its task
    /// is woken by `poll_closed`.
    pub(crate) async fn received(&self) {
        std::future::poll_fn(|_| {
            if lock(&self.0).queue.is_empty() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Ready when the receiver has been dropped. Whoever asked is woken by each receipt, too.
    fn poll_closed(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = lock(&self.0);
        if state.receiver.is_dropped {
            return Poll::Ready(());
        }
        state.sender.wait(context);
        Poll::Pending
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.sender.is_dropped = true;
        state.receiver.wake();
    }
}

/// The end that values come out of, and a stream of them.
pub(crate) struct Receiver<T>(Arc<Mutex<State<T>>>);

impl<T> Receiver<T> {
    /// The next value; `None` when the sender has been dropped.
    pub(crate) fn poll(&mut self, context: &Context<'_>) -> Poll<Option<T>> {
        let mut state = lock(&self.0);
        if let Some(value) = state.queue.pop_front() {
            state.sender.wake();
            return Poll::Ready(Some(value));
        }
        if state.sender.is_dropped {
            return Poll::Ready(None);
        }
        state.receiver.wait(context);
        Poll::Pending
    }

    /// The next value; `None` when the sender has been dropped.
    pub(crate) async fn next(&mut self) -> Option<T> {
        std::future::poll_fn(|context| self.poll(context)).await
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll(context)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let dropped = {
            let mut state = lock(&self.0);
            state.receiver.is_dropped = true;
            state.sender.wake();
            std::mem::take(&mut state.queue)
        };
        // What values do when they are dropped may come back here.
        drop(dropped);
    }
}
