//! Everything a running simulator knows, shared by its handlers.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    batches::Batches,
    builder::Config,
    clock::Clock,
    faults::Faults,
    files::Files,
    ids::Ids,
    journal::Journal,
    messages::{Cache, Threads},
    ratelimits::Buckets,
    record::Recorder,
    recording::Source,
    resources::Resources,
    skills::Skills,
};

pub(crate) type App = Arc<State>;

#[derive(Debug)]
pub(crate) struct State {
    /// `http://127.0.0.1:port`, without a slash at the end.
    pub(crate) url: String,
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) recorder: Recorder,
    pub(crate) journal: Journal,
    pub(crate) limits: Buckets,
    pub(crate) faults: Faults,
    pub(crate) source: Source,
    pub(crate) batches: Batches,
    pub(crate) files: Files,
    pub(crate) skills: Skills,
    pub(crate) resources: Resources,
    pub(crate) cache: Cache,
    pub(crate) threads: Threads,
}

impl State {
    pub(crate) fn new(url: String, mut config: Config) -> io::Result<Self> {
        let clock = Clock::new(config.clock_step, config.clock_start);
        Ok(Self {
            url,
            ids: Ids::default(),
            recorder: Recorder::new(config.record_limit),
            journal: Journal::default(),
            limits: Buckets::new(config.http.limits, clock.now()),
            faults: Faults::new(std::mem::take(&mut config.http.rules)),
            source: std::mem::take(&mut config.http.source).open()?,
            clock,
            batches: Batches::default(),
            files: Files::default(),
            skills: Skills::default(),
            resources: Resources::default(),
            cache: Cache::default(),
            threads: Threads::default(),
            config,
        })
    }
}

/// A panic elsewhere while the lock was held leaves plain data behind; carry on with it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
