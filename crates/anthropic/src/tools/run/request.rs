//! What a run sends: the parameters, with the conversation that is lent to them while they are
//! written.

use std::sync::{Arc, Mutex};

use anthropic_types::{Beta, ContextEdit, Message, MessageCreateParams};

use super::eager::{Eager, Next};
use super::event::RunEvent;
use super::reply::Kept;
use super::sync::lock;
use super::transcript::Transcript;
use super::turns::Run;
use crate::caching;
use crate::resources::messages::{created, streamed};
use crate::{BoxFuture, Client, Error, MessageStream, Request, RequestOptions, Result};

/// How a request is made of parameters: plain or streamed.
pub(super) type Make<T> = fn(&Client, bool, &MessageCreateParams) -> Request<T>;

/// A stream whose message so far is kept where a time limit cancels the run.
struct Arriving {
    /// Gone once the message is complete.
    stream: Option<MessageStream>,
    shared: Arc<Mutex<Transcript>>,
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            lock(&self.shared).cut = stream.abort().map(Box::new);
        }
    }
}

impl Run {
    /// Asks for the next message, and takes it into the conversation: it is large, and not moved
    /// about.
    pub(super) async fn ask(&mut self) -> Result<Kept> {
        loop {
            if self.eager.is_on() {
                self.eager = Eager::default();
            }
            let asked = if self.settings.stream {
                // What only some runs do is no part of every run's future.
                let streamed: BoxFuture<'_, _> = Box::pin(self.streamed());
                streamed.await
            } else {
                self.request(created).await
            };
            let error = match asked {
                Ok(message) => return Ok(self.keep(message)),
                Err(error) => error,
            };
            let thread = self.thread.as_mut();
            let begun = self.eager.has_begun();
            if begun || !thread.is_some_and(|thread| thread.recovers(&error)) {
                return Err(error);
            }
            // A thread that is lost, or that can't be: it goes on with the whole conversation, and
            // what had arrived of a message is not kept.
            lock(&self.shared).cut = None;
        }
    }

    async fn streamed(&mut self) -> Result<Message> {
        if self.settings.eager && self.params.fallbacks.is_none() {
            self.eager = Eager::new(lock(&self.shared).ids.clone());
        }
        let stream = self.request(streamed).await?;
        if stream.meta().is_spliced() {
            // Calls before a fallback are not to run, and a middleware may make one.
            self.eager = Eager::default();
        }
        let mut arriving = Arriving {
            stream: Some(stream),
            shared: Arc::clone(&self.shared),
        };
        // A message that nobody sees before it is complete is read faster in one go.
        let seen = self.out.is_read() || self.settings.time_limit.is_some() || self.eager.is_on();
        while let Some(stream) = arriving.stream.as_mut().filter(|_| seen) {
            let event = match self.next_of(stream).await? {
                Next::Event(event) => event,
                Next::Decided(place, call, decision) => {
                    self.start_early(place, call, decision).await;
                    continue;
                }
                Next::End => break,
            };
            let complete = self.eager.follow(&event, |index| stream.block(index));
            if self.out.is_read() {
                self.out.emit(RunEvent::Model(Box::new(event))).await;
            }
            if let Some(call) = complete {
                self.ask_early(call);
            }
        }
        match arriving.stream.take() {
            Some(stream) => stream.final_message().await,
            None => Err(Error::request("the stream is over; start another run")),
        }
    }

    /// The next request of the conversation. The parameters, which are large, stay where they are.
    fn request<T>(&mut self, make: Make<T>) -> Request<T> {
        let params = &mut *self.params;
        let mut transcript = lock(&self.shared);
        if self.settings.cache.is_some() || self.thread.is_some() {
            // Breakpoints come and go.
            transcript.complete();
        }
        params.messages = std::mem::take(&mut transcript.messages);
        if let Some(cache) = &self.settings.cache {
            caching::move_breakpoint(params, cache.clone());
            if let Some(thread) = &mut self.thread {
                thread.forget();
            }
        }
        let changed = self.seen.has_changes(&params.messages);
        let lent = self.thread.as_mut().map(|thread| thread.lend(params));
        let options = self.settings.options.as_deref();
        let mut request = written(&self.client, self.beta, params, make, options, changed);
        if let Some(lent) = lent {
            if lent.is_threaded() {
                request = request.beta(Beta::MESSAGE_THREADS_2026_08_12);
            }
            lent.give_back(params);
        }
        transcript.messages = std::mem::take(&mut params.messages);
        request
    }
}

/// A request of these parameters, with a run's options and the betas that the parameters need.
pub(super) fn written<T>(
    client: &Client,
    beta: bool,
    params: &mut MessageCreateParams,
    make: Make<T>,
    options: Option<&RequestOptions>,
    has_changes: bool,
) -> Request<T> {
    // A header here, and no key of the body.
    let user = params.user_profile_id.take();
    let mut request = make(client, beta, params);
    if let Some(user) = &user {
        request = request.user_profile_id(user);
    }
    params.user_profile_id = user;
    if let Some(config) = &params.context_management {
        request = request.beta(Beta::CONTEXT_MANAGEMENT_2025_06_27);
        let mut edits = config.edits.iter().flatten();
        if edits.any(|edit| matches!(edit, ContextEdit::Compact20260112(_))) {
            request = request.beta(Beta::COMPACT_2026_01_12);
        }
    }
    if has_changes {
        request = request.beta(Beta::INLINE_TOOLS_2026_09_15);
    }
    match options {
        Some(options) => request.options(options.clone()),
        None => request,
    }
}
