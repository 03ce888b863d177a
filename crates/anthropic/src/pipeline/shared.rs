//! What all clones of a client share, and what every request of theirs needs.

use std::sync::Arc;

use super::middleware::Middleware;
use super::platform::Platform;
use super::transport::Transport;
use crate::clock::Clock;
use crate::config::Config;
use crate::trace::Secrets;

pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) middleware: Vec<Arc<dyn Middleware>>,
    /// What no error and no log may show.
    pub(crate) secrets: Arc<Secrets>,
}
