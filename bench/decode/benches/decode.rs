//! The SDK's types beside borrowed structs of the same fields, written by hand.

use anthropic::types::{Message, ModelInfo, from_slice};
use bench_decode::borrowed::{self, Block, Flat};
use bench_decode::call::Call;
use bench_decode::document;
use divan::Bencher;
use divan::counter::BytesCount;

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
    read(bencher, document::list(&document), |bytes| {
        from_slice::<Vec<ModelInfo>>(bytes).unwrap()
    });
}

/// A whole call, answered from memory: the page and all that is around it.
#[divan::bench(name = "models: ours, a call")]
fn call(bencher: Bencher) {
    let document: &'static str = document::models().leak();
    let call = Call::new(document);
    bencher
        .counter(BytesCount::of_str(document))
        .bench_local(|| call.models());
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
