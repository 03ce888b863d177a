//! Results of a batch, and waiting for its end.

use anthropic_types::{MessageBatch, MessageBatchIndividualResponse, MessageBatchProcessingStatus};

use crate::generated::core::beta_messages_batches::{self, BetaMessagesBatches};
use crate::generated::core::messages_batches::{self, MessagesBatches};
use crate::stream::{JsonLines, open_json_lines};
use crate::{Client, Operation, Poller, Request};

/// The results of a batch, line by line.
pub type BatchResults = JsonLines<MessageBatchIndividualResponse>;

pub(crate) static RESULTS: Operation<BatchResults> = Operation::listed(
    &messages_batches::RESULTS_INFO,
    open_json_lines::<MessageBatchIndividualResponse>,
);
pub(crate) static BETA_RESULTS: Operation<BatchResults> = Operation::listed(
    &beta_messages_batches::RESULTS_INFO,
    open_json_lines::<MessageBatchIndividualResponse>,
);

fn has_ended(batch: &MessageBatch) -> bool {
    batch.processing_status == MessageBatchProcessingStatus::Ended
}

/// Waits for the batch behind `operation`.
fn poll(
    client: &Client,
    operation: &'static Operation<MessageBatch>,
    id: &str,
) -> Poller<MessageBatch> {
    let id = id.to_owned();
    let ask = move |client: &Client| client.request(operation, &[&id]);
    Poller::new(client, ask, has_ended)
}

impl MessagesBatches<'_> {
    /// The results of an ended batch, as they arrive
    /// (`GET /v1/messages/batches/{message_batch_id}/results`).
    ///
    /// Their order is not that of the requests: match them by `custom_id`. Memory doesn't grow with
    /// their number.
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/messages/batches/results)
    ///
    /// ```no_run
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let mut results = client.messages().batches().results("msgbatch_01").await?;
    /// while let Some(line) = results.try_next().await? {
    ///     println!("{}: {}", line.custom_id, line.result.type_name());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn results(&self, message_batch_id: impl AsRef<str>) -> Request<BatchResults> {
        self.0.request(&RESULTS, &[message_batch_id.as_ref()])
    }

    /// The results at a batch's `results_url`.
    ///
    /// Another origin than the client's is refused, since it would get the credential, unless
    /// [`allow_host`](Request::allow_host) names it.
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/messages/batches/results)
    ///
    /// ```no_run
    /// # async fn run(client: anthropic::Client, batch: anthropic::types::MessageBatch) -> anthropic::Result<()> {
    /// if let Some(url) = &batch.results_url {
    ///     let mut results = client.messages().batches().results_from(url).await?;
    ///     while let Some(line) = results.try_next().await? {
    ///         println!("{}", line.custom_id);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn results_from(&self, results_url: impl Into<String>) -> Request<BatchResults> {
        self.0
            .request(&RESULTS, &["results"])
            .absolute_url(results_url)
    }

    /// Waits until a batch has ended: a future of its end, and a stream of its states
    /// (`GET /v1/messages/batches/{message_batch_id}`). No webhook reports it.
    ///
    /// ```no_run
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// use std::time::Duration;
    ///
    /// let poller = client.messages().batches().poll("msgbatch_01");
    /// let batch = poller.every(Duration::from_secs(30)).await?;
    /// println!("{:?}", batch.request_counts);
    /// # Ok(())
    /// # }
    /// ```
    pub fn poll(&self, message_batch_id: impl AsRef<str>) -> Poller<MessageBatch> {
        poll(
            self.0,
            &messages_batches::RETRIEVE,
            message_batch_id.as_ref(),
        )
    }
}

impl BetaMessagesBatches<'_> {
    /// The results of an ended batch, as they arrive
    /// (`GET /v1/messages/batches/{message_batch_id}/results`).
    ///
    /// Their order is not that of the requests: match them by `custom_id`. Memory doesn't grow with
    /// their number.
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/beta/messages/batches/results)
    ///
    /// ```no_run
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let mut results = client.beta().messages().batches().results("msgbatch_01").await?;
    /// while let Some(line) = results.try_next().await? {
    ///     println!("{}: {}", line.custom_id, line.result.type_name());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn results(&self, message_batch_id: impl AsRef<str>) -> Request<BatchResults> {
        self.0.request(&BETA_RESULTS, &[message_batch_id.as_ref()])
    }

    /// The results at a batch's `results_url`.
    ///
    /// Another origin than the client's is refused, since it would get the credential, unless
    /// [`allow_host`](Request::allow_host) names it.
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/beta/messages/batches/results)
    ///
    /// ```no_run
    /// # async fn run(client: anthropic::Client, batch: anthropic::types::MessageBatch) -> anthropic::Result<()> {
    /// if let Some(url) = &batch.results_url {
    ///     let mut results = client.beta().messages().batches().results_from(url).await?;
    ///     while let Some(line) = results.try_next().await? {
    ///         println!("{}", line.custom_id);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn results_from(&self, results_url: impl Into<String>) -> Request<BatchResults> {
        self.0
            .request(&BETA_RESULTS, &["results"])
            .absolute_url(results_url)
    }

    /// Waits until a batch has ended: a future of its end, and a stream of its states
    /// (`GET /v1/messages/batches/{message_batch_id}`). No webhook reports it.
    ///
    /// ```no_run
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// use std::time::Duration;
    ///
    /// let poller = client.beta().messages().batches().poll("msgbatch_01");
    /// let batch = poller.every(Duration::from_secs(30)).await?;
    /// println!("{:?}", batch.request_counts);
    /// # Ok(())
    /// # }
    /// ```
    pub fn poll(&self, message_batch_id: impl AsRef<str>) -> Poller<MessageBatch> {
        poll(
            self.0,
            &beta_messages_batches::RETRIEVE,
            message_batch_id.as_ref(),
        )
    }
}
