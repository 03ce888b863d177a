//! The API's subjects. Each owns its state and has the routes on it; the rest of what the API
//! describes is in [`resources`].

pub(crate) mod batches;
pub(crate) mod completions;
pub(crate) mod files;
pub(crate) mod messages;
pub(crate) mod models;
pub(crate) mod resources;
mod shelf;
pub(crate) mod skills;
