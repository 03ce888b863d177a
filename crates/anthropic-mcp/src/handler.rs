//! What a server may ask of its client: nothing. None of it is declared, and rmcp's handler refuses
//! sampling, has an empty list of roots, and declines questions to the user.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rmcp::ClientHandler;
use rmcp::model::{ClientCapabilities, ClientConfig, Implementation};
use rmcp::service::{NotificationContext, RoleClient};

/// How often a server has announced that its tools are others.
#[derive(Debug, Default)]
pub(crate) struct News(AtomicU64);

impl News {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// The client's side of a session.
#[derive(Debug, Clone)]
pub(crate) struct Handler {
    pub(crate) news: Arc<News>,
}

impl ClientHandler for Handler {
    fn get_info(&self) -> ClientConfig {
        let own = Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), own)
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.news.0.fetch_add(1, Ordering::Release);
    }
}
