//! A transport in memory, event streams by AWS's own encoder, and credentials.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::MessageCreateParams;
use anthropic::{BoxFuture, Client};
use anthropic_aws::{AwsBuilder, bedrock};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use serde_json::{Value, json};

type Respond = Box<dyn Fn(&HttpRequest) -> http::Response<Bytes> + Send + Sync>;

/// A transport that records the requests and sends each a scripted response.
#[derive(Clone)]
pub(crate) struct Server(Arc<(Mutex<Vec<HttpRequest>>, Respond)>);

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server")
    }
}

impl Server {
    pub(crate) fn new<B: Into<Bytes>>(
        respond: impl Fn(&HttpRequest) -> http::Response<B> + Send + Sync + 'static,
    ) -> Self {
        let respond = move |request: &HttpRequest| respond(request).map(Into::into);
        Self(Arc::new((Mutex::default(), Box::new(respond))))
    }

    pub(crate) fn requests(&self) -> Vec<HttpRequest> {
        std::mem::take(&mut self.0.0.lock().unwrap())
    }

    pub(crate) fn client(&self, aws: AwsBuilder) -> Client {
        let client = Client::builder().platform(aws.platform().unwrap());
        client
            .transport(self.clone())
            .max_retries(0)
            .build()
            .unwrap()
    }
}

impl Transport for Server {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let response = (self.0.1)(&request).map(Into::into);
        self.0.0.lock().unwrap().push(request);
        Box::pin(async move {
            // Requests of the same time are all sent before the first one has its response.
            tokio::task::yield_now().await;
            Ok(response)
        })
    }
}

pub(crate) fn message(_: &HttpRequest) -> http::Response<String> {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": [{"type": "text", "text": "Rhine"}], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 3, "output_tokens": 1}
    });
    let response = http::Response::builder().header("content-type", "application/json");
    let response = response.header("x-amzn-requestid", "aws-7");
    response.body(message.to_string()).unwrap()
}

pub(crate) fn keyed() -> AwsBuilder {
    bedrock().region("eu-west-1").api_key("key")
}

pub(crate) fn params(model: &str) -> MessageCreateParams {
    MessageCreateParams::new(model, 100).user("Name a river.")
}

/// The media type of an event stream.
pub(crate) const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

/// Appends a frame with these headers.
pub(crate) fn frame(
    headers: [(&'static str, &'static str); 2],
    payload: &Value,
    out: &mut Vec<u8>,
) {
    let content_type = (":content-type", "application/json");
    let mut frame = Message::new(payload.to_string());
    for (name, value) in headers.into_iter().chain([content_type]) {
        frame = frame.add_header(Header::new(name, HeaderValue::String(value.into())));
    }
    write_message_to(&frame, out).unwrap();
}

/// Appends the frame of one of the API's events.
pub(crate) fn chunk(data: &str, out: &mut Vec<u8>) {
    let bytes = base64_simd::STANDARD.encode_to_string(data);
    let headers = [(":event-type", "chunk"), (":message-type", "event")];
    frame(headers, &json!({"bytes": bytes, "p": "abcdefgh"}), out);
}

/// Credentials that expire in an hour, are others each time, and take a moment. Clones count
/// together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Role(Arc<AtomicU32>);

impl Role {
    pub(crate) const SECRET: &str = "canary-secret-key";
    pub(crate) const SESSION: &str = "canary-session-token";

    /// How often they were fetched.
    pub(crate) fn fetched(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl ProvideCredentials for Role {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            let expiry = Some(SystemTime::now() + Duration::from_hours(1));
            let (id, token) = (format!("AKID{number}"), Some(Self::SESSION.to_owned()));
            Ok(Credentials::new(id, Self::SECRET, token, expiry, "test"))
        })
    }
}

/// Credentials that never arrive.
#[derive(Debug)]
pub(crate) struct Hanging;

impl ProvideCredentials for Hanging {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(std::future::pending())
    }
}
