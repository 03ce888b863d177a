//! The SDK's types beside borrowed structs of the same fields, written by hand.

use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::{Message, ModelInfo, ModelListParams, from_slice};
use anthropic::{BoxFuture, Client};
use bench_decode::borrowed::{self, Block, Flat};
use bench_decode::document;
use divan::Bencher;
use divan::counter::BytesCount;
use tokio::runtime::Builder;

fn main() {
    divan::main();
}

/// Reads a document again and again.
fn read<T>(bencher: Bencher<'_, '_>, document: &str, read: impl Fn(&[u8]) -> T) {
    let bytes = document.as_bytes();
    bencher
        .counter(BytesCount::of_slice(bytes))
        .bench_local(|| read(divan::black_box(bytes)));
}

#[divan::bench(name = "message: ours")]
fn message(bencher: Bencher) {
    let document = document::message();
    let decoded: Message = from_slice(document.as_bytes()).expect("it decodes");
    assert!(
        decoded
            .content
            .iter()
            .all(|block| !matches!(block, anthropic::types::ContentBlock::Unrecognized(_)))
    );
    read(bencher, &document, |bytes| {
        from_slice::<Message>(bytes).unwrap()
    });
}

#[divan::bench(name = "message: borrowed, flat")]
fn message_flat(bencher: Bencher) {
    let document = document::message();
    let bytes = document.as_bytes();
    bencher
        .counter(BytesCount::of_slice(bytes))
        .bench_local(|| {
            serde_json::from_slice::<borrowed::Message<Flat>>(divan::black_box(bytes)).unwrap()
        });
}

#[divan::bench(name = "message: borrowed, tagged")]
fn message_tagged(bencher: Bencher) {
    let document = document::message();
    let bytes = document.as_bytes();
    bencher
        .counter(BytesCount::of_slice(bytes))
        .bench_local(|| {
            serde_json::from_slice::<borrowed::Message<Block>>(divan::black_box(bytes)).unwrap()
        });
}

/// The data of the page, decoded as one list.
#[divan::bench(name = "models: ours, the list")]
fn models(bencher: Bencher) {
    let document = document::models();
    let from = document.find('[').expect("a list");
    let to = document.rfind(']').expect("a list");
    read(bencher, &document[from..=to], |bytes| {
        from_slice::<Vec<ModelInfo>>(bytes).unwrap()
    });
}

/// A whole call, answered from memory: the page and all that is around it.
#[divan::bench(name = "models: ours, a call")]
fn call(bencher: Bencher) {
    let document: &'static str = document::models().leak();
    let runtime = Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let client = Client::builder()
        .api_key("sk-bench")
        .transport(Canned(document))
        .build()
        .expect("a client");
    bencher
        .counter(BytesCount::of_str(document))
        .bench_local(|| {
            runtime.block_on(async {
                client
                    .models()
                    .list(ModelListParams::default())
                    .await
                    .unwrap()
            })
        });
}

#[divan::bench(name = "models: borrowed")]
fn models_borrowed(bencher: Bencher) {
    let document = document::models();
    let bytes = document.as_bytes();
    bencher
        .counter(BytesCount::of_slice(bytes))
        .bench_local(|| {
            serde_json::from_slice::<borrowed::Models>(divan::black_box(bytes)).unwrap()
        });
}

/// Answers every request with the same document.
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
