//! A whole call of the SDK, whose response is in memory.

use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::{ModelInfo, ModelListParams};
use anthropic::{BoxFuture, Client, Page};
use tokio::runtime::{Builder, Runtime};

/// A client that gets the same document to every request.
pub struct Call {
    runtime: Runtime,
    client: Client,
}

impl Call {
    pub fn new(document: &'static str) -> Self {
        let client = Client::builder()
            .api_key("sk-bench")
            .transport(Canned(document));
        Self {
            runtime: Builder::new_current_thread()
                .enable_time()
                .build()
                .expect("a runtime"),
            client: client.build().expect("a client"),
        }
    }

    pub fn models(&self) -> Page<ModelInfo> {
        let request = self.client.models().list(ModelListParams::default());
        self.runtime
            .block_on(async { request.await.expect("a page") })
    }
}

#[derive(Debug)]
struct Canned(&'static str);

impl Transport for Canned {
    fn send(&self, _: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let response = http_response(self.0);
        Box::pin(std::future::ready(Ok(response)))
    }
}

fn http_response(document: &'static str) -> HttpResponse {
    let mut response = HttpResponse::new(Body::from(document));
    let json = "application/json".parse().expect("a header value");
    response.headers_mut().insert("content-type", json);
    response
}
