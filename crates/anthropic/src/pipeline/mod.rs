//! How a request is sent: options resolved, attempts, middlewares, the platform, redirects, the
//! transport.

mod asked;
mod attempt;
pub(crate) mod debug_log;
pub(crate) mod execute;
mod finish;
mod gate;
pub(crate) mod middleware;
pub mod platform;
mod redirect;
mod resend;
pub(crate) mod resolved;
pub mod retry;
pub(crate) mod shared;
pub mod transport;
pub(crate) mod upload;

pub use debug_log::{DebugLog, LogLevel, debug_log};
pub use middleware::{Attempt, Middleware, Next, middleware_fn};
