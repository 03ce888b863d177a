//! Text completions, which exist only in the API version 2023-06-01.

use anthropic_types::{Completion, CompletionCreateParams};
use http::Method;

use crate::generated::completions::root::Completions;
use crate::operation::AnswerKind;
use crate::stream::{EventStream, open_event_stream};
use crate::{Operation, OperationInfo, Request};

const PATH: &str = "/v1/complete";
const VERSION: &str = "2023-06-01";

pub(crate) static CREATE_INFO: OperationInfo =
    OperationInfo::new("completions.create", Method::POST, PATH, AnswerKind::Json)
        .of_area("completions")
        .of_version(VERSION)
        .streams_as(&STREAM_INFO);
pub(crate) static CREATE: Operation<Completion> = Operation::listed_json(&CREATE_INFO);

static STREAM_INFO: OperationInfo =
    OperationInfo::new("completions.stream", Method::POST, PATH, AnswerKind::Events)
        .of_area("completions")
        .of_version(VERSION)
        .ends_with("completion");
static STREAM: Operation<EventStream<Completion>> = Operation::listed(&STREAM_INFO, |incoming| {
    open_event_stream(incoming, |piece: &Completion| piece.stop_reason.is_some())
});

impl Completions<'_> {
    /// Completes a prompt (`POST /v1/complete`), for the models of the API version 2023-06-01.
    ///
    /// The request is sent with that version whatever the client's is. Newer models support only
    /// [`messages`](crate::Client::messages).
    ///
    /// Needs the crate feature `completions`.
    /// [API reference](https://platform.claude.com/docs/en/api/completions/create)
    ///
    /// ```no_run
    /// # use anthropic::{Client, types::*};
    /// # async fn run(client: Client) -> anthropic::Result<()> {
    /// let params = CompletionCreateParams::new("claude-2.1", "\n\nHuman: Hello\n\nAssistant:", 100_u64);
    /// let completion = client.completions().create(params).await?;
    /// println!("{}", completion.completion);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, params: impl Into<CompletionCreateParams>) -> Request<Completion> {
        let params = params.into();
        self.0
            .request(&CREATE, &[])
            .params(&params)
            .api_version(VERSION)
    }

    /// Completes a prompt and streams the pieces of the completion (`POST /v1/complete`).
    ///
    /// The last piece has a stop reason; a stream that ends without one is an error.
    ///
    /// Needs the crate feature `completions`.
    /// [API reference](https://platform.claude.com/docs/en/api/completions/create)
    ///
    /// ```no_run
    /// # use anthropic::{Client, types::*};
    /// # async fn run(client: Client) -> anthropic::Result<()> {
    /// let params = CompletionCreateParams::new("claude-2.1", "\n\nHuman: Hello\n\nAssistant:", 100_u64);
    /// let mut pieces = client.completions().stream(params).await?;
    /// while let Some(piece) = pieces.try_next().await? {
    ///     print!("{}", piece.completion);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(
        &self,
        params: impl Into<CompletionCreateParams>,
    ) -> Request<EventStream<Completion>> {
        let params = params.into();
        let request = self
            .0
            .request(&STREAM, &[])
            .params(&params)
            .api_version(VERSION);
        request.extra_body("stream", true)
    }
}
