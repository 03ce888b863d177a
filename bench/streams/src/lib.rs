//! What the programs of the streaming benchmark share: the bodies that the server sends, the shape
//! of what the clients read out of them, and the line that each client reports.

pub mod body;
pub mod report;

use serde::Deserialize;

/// The tool input, as a user would type it.
#[derive(Debug, Deserialize)]
pub struct Document {
    pub rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
pub struct Row {
    pub id: u64,
    pub name: String,
    pub score: f64,
    pub tags: Vec<String>,
    pub note: String,
}
