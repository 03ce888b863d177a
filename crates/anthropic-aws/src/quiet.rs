//! What AWS's crates log while they fetch credentials, without the secrets: their traces have whole
//! requests, and not all of the headers that name a secret are left out there.

use std::pin::Pin;
use std::task::{Context, Poll};

use tracing::dispatcher::{self, Dispatch};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, NoSubscriber};
use tracing::{Event, Level, Metadata, Subscriber};

/// A future in which AWS's crates log what has no secrets only.
pub(crate) fn quiet<F: Future>(future: F) -> Quiet<F> {
    Quiet {
        future: Box::pin(future),
        dispatch: None,
    }
}

pub(crate) struct Quiet<F> {
    future: Pin<Box<F>>,
    /// That of the first poll, of which spans are that last longer than a poll.
    dispatch: Option<Dispatch>,
}

impl<F: Future> Future for Quiet<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        if self.dispatch.is_none() {
            let given = dispatcher::get_default(Dispatch::clone);
            // One more would end what goes to `log` in programs that have no subscriber.
            if given.is::<NoSubscriber>() {
                return self.future.as_mut().poll(context);
            }
            let level = LevelFilter::current();
            self.dispatch = Some(Dispatch::new(Filter { given, level }));
        }
        let Self { future, dispatch } = &mut *self;
        match dispatch {
            Some(dispatch) => dispatcher::with_default(dispatch, || future.as_mut().poll(context)),
            None => future.as_mut().poll(context),
        }
    }
}

/// The subscriber that there is, but for what may have secrets.
struct Filter {
    given: Dispatch,
    level: LevelFilter,
}

/// Whether it may have secrets: requests, responses and properties of files are logged in `TRACE`
/// and `DEBUG`. The chain's steps, in which nothing is found or missing but a name, are shown.
fn is_hidden(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let is_step = *metadata.level() == Level::DEBUG && target.starts_with("aws_config");
    target.starts_with("aws_") && *metadata.level() > Level::INFO && !is_step
}

impl Subscriber for Filter {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_hidden(metadata) {
            return Interest::never();
        }
        self.given.register_callsite(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !is_hidden(metadata) && self.given.enabled(metadata)
    }

    // Without one all levels would be, in the whole program.
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.given.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.given.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.given.record_follows_from(span, follows);
    }

    fn event(&self, event: &Event<'_>) {
        self.given.event(event);
    }

    fn enter(&self, span: &Id) {
        self.given.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.given.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.given.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.given.try_close(id)
    }
}
