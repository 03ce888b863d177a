//! Typed messages in a batch's rows.

use anthropic_types::{MessageBatchIndividualResponse, MessageBatchResult};
use serde::de::DeserializeOwned;

use super::parsed::Parsed;
use crate::{Error, ErrorKind, Result};

/// Reads a batch's row as a value of a type: `row.parse::<T>()`.
///
/// ```no_run
/// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
/// use anthropic::typed::ParseRow;
///
/// #[derive(serde::Deserialize)]
/// struct River {
///     name: String,
/// }
///
/// let mut rows = client.messages().batches().results("msgbatch_01").await?;
/// while let Some(row) = rows.try_next().await? {
///     let river = row.parse::<River>()?.into_output()?;
///     println!("{}: {}", row.custom_id, river.name);
/// }
/// # Ok(())
/// # }
/// ```
///
/// The requests have [`output_format`](super::output_format) as their format.
pub trait ParseRow {
    /// The row's message, and the value in it.
    ///
    /// # Errors
    ///
    /// The error of the row, with the [kind](ErrorKind) that it has in a response; with
    /// [`Api`](ErrorKind::Api) where the request was cancelled, or not reached in time.
    fn parse<T: DeserializeOwned>(&self) -> Result<Parsed<T>>;
}

impl ParseRow for MessageBatchIndividualResponse {
    fn parse<T: DeserializeOwned>(&self) -> Result<Parsed<T>> {
        match &self.result {
            MessageBatchResult::Succeeded(row) => Ok(Parsed::from(row.message.clone())),
            other => Err(failed(other)),
        }
    }
}

fn failed(result: &MessageBatchResult) -> Error {
    if let MessageBatchResult::Errored(row) = result {
        return Error::new(ErrorKind::from(&row.error), row.error.to_string());
    }
    let name = result.type_name();
    let fault = format!("there is no message in the row: its result is `{name}`");
    Error::new(ErrorKind::Api, fault).retryable(false)
}
