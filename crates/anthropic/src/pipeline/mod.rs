//! How a request is sent: attempts, middlewares, the platform, redirects, the transport.

pub(crate) mod deadline;
pub(crate) mod execute;
pub(crate) mod middleware;
pub(crate) mod platform;
mod redirect;
pub mod retry;
pub(crate) mod trace;
pub mod transport;

pub use middleware::{Attempt, Middleware, Next, middleware_fn};
pub use platform::Platform;
