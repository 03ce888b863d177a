//! A simulator in place of the API when there is no key: what examples start with.

use std::io;

use crate::Simulator;

/// The variables that hold a credential for the real API.
const CREDENTIALS: [&str; 2] = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"];

impl Simulator {
    /// Starts a simulator unless the environment has a credential for the real API, and notes it on
    /// standard error.
    ///
    /// # Errors
    ///
    /// When no port of 127.0.0.1 can be had.
    pub async fn start_unless_keyed() -> io::Result<Option<Self>> {
        if CREDENTIALS.iter().any(|name| is_set(name)) {
            return Ok(None);
        }
        let simulator = Self::start().await?;
        eprintln!(
            "No key: talking to a simulator of the API on {}, which is not a model.\n\
             Set {} to talk to the Claude API.",
            simulator.url(),
            CREDENTIALS[0]
        );
        Ok(Some(simulator))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the simulator reads the environment"
)]
fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty())
}
