//! The connections of a transport: one set for each runtime, since a connection is driven by the
//! runtime that made it.
//!
//! A runtime that isn't running, because its thread is busy elsewhere, would otherwise hold up
//! requests of another one. Each set has one task, the reaper, which closes connections that have
//! been idle for too long and ends with the set or with its runtime.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::Poll;
use std::time::Duration;

use http::Uri;
use tokio::runtime::{Handle, Id};
use tokio::sync::Notify;

use super::context::{Key, LocalContext, Settings, lock};
use super::host::Host;
use super::proxy::Proxies;
use crate::clock::{Clock, TokioClock, earliest};
use crate::transport::TransportError;

/// The sets of connections of all runtimes.
pub(super) struct Pool {
    settings: Settings,
    locals: Mutex<Vec<(Id, Arc<Local>)>>,
}

impl Pool {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            locals: Mutex::default(),
        }
    }

    /// The host's connections on the runtime that runs this.
    pub(super) fn host(&self, url: &Uri, proxies: &Proxies) -> Result<Arc<Host>, TransportError> {
        let runtime = Handle::try_current().map_err(|source| {
            TransportError::other(format!(
                "the transport needs a tokio runtime: {source}; await requests in one, as \
                 `#[tokio::main]` makes it, or use the feature `blocking`"
            ))
        })?;
        self.local(&runtime).host(url, proxies)
    }

    fn local(&self, runtime: &Handle) -> Arc<Local> {
        let id = runtime.id();
        let mut locals = lock(&self.locals);
        let is_current = |(known, local): &&(Id, Arc<Local>)| *known == id && !local.is_gone();
        if let Some((_, local)) = locals.iter().find(is_current) {
            return local.clone();
        }
        locals.retain(|(_, local)| !local.is_gone());
        let local = Local::start(runtime, self.settings);
        locals.push((id, local.clone()));
        local
    }
}

/// The connections of one runtime.
struct Local {
    context: Arc<LocalContext>,
    hosts: Mutex<Vec<Arc<Host>>>,
    is_gone: AtomicBool,
}

impl Local {
    fn start(runtime: &Handle, settings: Settings) -> Arc<Self> {
        let context = Arc::new(LocalContext {
            runtime: runtime.clone(),
            settings,
            reaper: Notify::new(),
            reaper_rests: AtomicBool::new(false),
            has_unusable: AtomicBool::new(false),
        });
        let local = Arc::new(Self {
            context: context.clone(),
            hosts: Mutex::default(),
            is_gone: AtomicBool::new(false),
        });
        let end = EndsWithRuntime(Arc::downgrade(&local));
        let reaper = context.clone();
        context.spawn(Box::pin(async move { reap(&end.0, &reaper).await }));
        local
    }

    fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Acquire)
    }

    fn host(&self, url: &Uri, proxies: &Proxies) -> Result<Arc<Host>, TransportError> {
        let mut hosts = lock(&self.hosts);
        for host in hosts.iter() {
            if host.key.is_of(url) {
                return Ok(host.clone());
            }
        }
        let host = Host::new(Key::of(url)?, self.context.clone(), proxies);
        let host = Arc::new(host);
        hosts.push(host.clone());
        Ok(host)
    }

    /// Closes what has been idle for too long; how long the next one has left, if there is one.
    fn evict(&self) -> Option<Duration> {
        let timeout = self.context.settings.idle_timeout?;
        // Set before looking, so that what becomes idle from now on wakes the reaper.
        self.context.reaper_rests.store(true, Ordering::Release);
        let now = TokioClock.now();
        let mut hosts = lock(&self.hosts);
        let mut left: Option<Duration> = None;
        for host in hosts.iter() {
            left = earliest(left, host.evict(now, timeout));
        }
        hosts.retain(|host| Arc::strong_count(host) > 1 || !host.is_empty());
        if left.is_some() {
            self.context.reaper_rests.store(false, Ordering::Release);
        }
        left
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.context.reaper.notify_one();
    }
}

/// Takes the connections with it when the runtime drops its tasks.
struct EndsWithRuntime(Weak<Local>);

impl Drop for EndsWithRuntime {
    fn drop(&mut self) {
        if let Some(local) = self.0.upgrade() {
            local.is_gone.store(true, Ordering::Release);
            let hosts = std::mem::take(&mut *lock(&local.hosts));
            drop(hosts);
        }
    }
}

async fn reap(local: &Weak<Local>, context: &LocalContext) {
    let mut is_woken = false;
    loop {
        let has_unusable = context.has_unusable.swap(false, Ordering::AcqRel);
        let left = match local.upgrade() {
            // What woke it has just become idle, and may be in use again: a look now would come
            // with every request.
            Some(_) if is_woken && !has_unusable => context.settings.idle_timeout,
            Some(local) => local.evict(),
            None => return,
        };
        let mut notified = pin!(context.reaper.notified());
        let mut sleep = left.map(|left| TokioClock.sleep(left));
        let woken = std::future::poll_fn(|cx| {
            let slept = sleep
                .as_mut()
                .is_some_and(|sleep| sleep.as_mut().poll(cx).is_ready());
            if slept {
                return Poll::Ready(false);
            }
            notified.as_mut().poll(cx).map(|()| true)
        })
        .await;
        // Where something was idle already, it has less time left than what has just become so.
        is_woken = woken && left.is_none();
    }
}

#[cfg(test)]
mod tests;
