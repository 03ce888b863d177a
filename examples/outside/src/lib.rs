//! A company's gateway to the API, as a [`Platform`](anthropic::Platform), and tokens of its login
//! service, as [`Credentials`](anthropic::Credentials).

mod gateway;
mod tokens;

pub use gateway::Gateway;
pub use tokens::Tokens;
