//! What the `conformance` program is made of.
//!
//! Development only: it shows the SDK to checks that are not written in Rust, and nothing of it is
//! published. It uses the public typed API alone, so what it can do, a user can do.

mod calls;
mod driver;
mod generated;
mod object;
#[cfg(feature = "platforms")]
pub mod platforms;
mod runs;
mod types;
mod via;

pub use driver::Driver;
pub use types::{Passed, inspect, is_known, round_trip};
pub use via::{Via, pass};
