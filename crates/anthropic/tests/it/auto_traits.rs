//! Everything public may cross threads, and whatever needn't be pinned to one reader may be shared.
//! The compiler is the judge: what stands here has to build.

use anthropic::jsonl;
use anthropic::operation::{Incoming, OperationInfo, PageShape};
use anthropic::partial_json;
use anthropic::platform::{AttemptContext, MaybeReady, credentials_fn};
use anthropic::retry::RetryPolicy;
use anthropic::sse;
use anthropic::stream::{EventStream, JsonLines, MessageAccumulator, SnapshotEvents, TextStream};
use anthropic::transport::{Body, HttpRequest, TransportError};
use anthropic::types::{Json, Message, MessageCreateParams};
use anthropic::{
    Client, ClientBuilder, CredentialSource, Error, ErrorKind, Form, Items, MessageStream, Page,
    Pages, Poller, RateLimits, Request, RequestOptions, Response, ResponseMeta, StreamLimits,
    Upload,
};

fn crosses<T: Send>() {}

fn is_shared<T: Send + Sync>() {}

fn is_unpin<T: Unpin>() {}

fn sent<T: Send>(_: &T) {}

fn shared<T: Send + Sync>(_: &T) {}

fn hashes<T: Eq + std::hash::Hash>() {}

#[test]
fn descriptions_are_keys() {
    hashes::<CredentialSource>();
    hashes::<PageShape>();
    hashes::<ErrorKind>();
}

#[test]
fn streams_cross_threads() {
    crosses::<MessageStream>();
    crosses::<TextStream>();
    crosses::<SnapshotEvents>();
    crosses::<EventStream<Json>>();
    crosses::<JsonLines<Json>>();
    crosses::<Items<Json>>();
    crosses::<Pages<Json>>();
    crosses::<Poller<Json>>();
    crosses::<Incoming>();
    crosses::<partial_json::ItemReader<Json>>();
    crosses::<MaybeReady<'static, Json>>();
}

#[test]
fn what_is_polled_needs_no_pin() {
    is_unpin::<MessageStream>();
    is_unpin::<TextStream>();
    is_unpin::<SnapshotEvents>();
    is_unpin::<EventStream<Json>>();
    is_unpin::<JsonLines<Json>>();
    is_unpin::<Items<Json>>();
    is_unpin::<Pages<Json>>();
    is_unpin::<Poller<Json>>();
    is_unpin::<Body>();
}

#[test]
fn the_rest_is_shared_too() {
    is_shared::<Client>();
    is_shared::<ClientBuilder>();
    is_shared::<Error>();
    is_shared::<ErrorKind>();
    is_shared::<TransportError>();
    is_shared::<Request<Message>>();
    is_shared::<Response<Message>>();
    is_shared::<Page<Message>>();
    is_shared::<MessageCreateParams>();
    is_shared::<RateLimits>();
    is_shared::<RetryPolicy>();
    is_shared::<OperationInfo>();
    is_shared::<Body>();
    is_shared::<Form>();
    is_shared::<Upload>();
    is_shared::<MessageAccumulator>();
    is_shared::<sse::Decoder>();
    is_shared::<jsonl::Decoder>();
    is_shared::<partial_json::Parser>();
    is_shared::<AttemptContext>();
    is_shared::<CredentialSource>();
    is_shared::<RequestOptions>();
    is_shared::<ResponseMeta>();
    is_shared::<StreamLimits>();
    shared(&credentials_fn(|| async { Ok("token") }));
    #[cfg(feature = "hyper")]
    is_shared::<anthropic::hyper_1::HyperTransport>();
}

/// Never run: it is enough that it builds.
#[expect(dead_code, reason = "the compiler is the judge")]
#[expect(clippy::too_many_arguments, reason = "one of each")]
fn futures_cross_threads(
    client: &Client,
    mut poller: Poller<Json>,
    mut message: MessageStream,
    other: MessageStream,
    mut events: EventStream<Json>,
    mut snapshots: SnapshotEvents,
    mut lines: JsonLines<Json>,
    mut items: Items<Json>,
    mut pages: Pages<Json>,
    mut text: TextStream,
    mut body: Body,
    next: anthropic::Next<'static>,
    page: &Page<Json>,
    context: &AttemptContext,
) {
    let request = || client.get::<Json>("/v1/thing");
    sent(&request().send());
    sent(&request().with_response());
    sent(&request().with_raw_json());
    sent(&request().raw());
    sent(&async move { request().await });
    sent(&poller.next());
    sent(&poller.try_next());
    sent(&async move { poller.await });
    sent(&message.next());
    sent(&message.try_next());
    sent(&message.final_message());
    sent(&other.final_text());
    sent(&events.next());
    sent(&events.try_next());
    sent(&snapshots.next());
    sent(&snapshots.try_next());
    sent(&lines.next());
    sent(&lines.try_next());
    sent(&items.next());
    sent(&items.try_next());
    sent(&pages.next());
    sent(&pages.try_next());
    sent(&text.next());
    sent(&text.try_next());
    sent(&body.next());
    sent(&body.try_next());
    sent(&body.bytes());
    sent(&Body::empty().json::<Json>());
    sent(&next.run(HttpRequest::new(Body::empty())));
    sent(&page.fetch_next());
    sent(&page.fetch_prev());
    sent(&context.send(HttpRequest::new(Body::empty())));
}

/// Never run: it is enough that it builds.
#[cfg(feature = "tokio")]
#[expect(dead_code, reason = "the compiler is the judge")]
fn files_that_are_written_cross_threads() {
    let save = || Body::empty().save_to("file");
    sent(&save());
    sent(&save().into_future());
    sent(&save().on_progress(|_, _| {}).into_future());
}

/// Never run: it is enough that it builds.
#[cfg(feature = "schemars-1")]
#[expect(dead_code, reason = "the compiler is the judge")]
fn typed_answers_cross_threads(
    client: &Client,
    params: fn() -> MessageCreateParams,
    mut stream: anthropic::typed::ParsedStream<Shared>,
) {
    sent(&stream.next());
    sent(&stream.try_next());
    sent(&stream.finish());
    let parse = || client.messages().parse::<Shared>(params());
    sent(&parse().send());
    sent(&parse().with_response());
    sent(&async move { parse().await });
    sent(&client.messages().parse_stream::<Shared>(params()).send());
    crosses::<anthropic::typed::Parsed<Shared>>();
    crosses::<anthropic::typed::ParsedStream<Shared>>();
}

/// A type of the caller's.
#[cfg(feature = "schemars-1")]
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[expect(dead_code, reason = "the compiler is the judge")]
struct Shared {
    name: String,
}

/// Never run: it is enough that it builds.
#[cfg(feature = "tools")]
#[expect(dead_code, reason = "the compiler is the judge")]
fn threads_of_messages_cross_threads(
    mut thread: anthropic::threads::Thread,
    mut other: anthropic::threads::Thread,
    mut stream: anthropic::threads::ThreadStream<'_>,
) {
    crosses::<anthropic::threads::Thread>();
    crosses::<anthropic::threads::ThreadStream<'_>>();
    sent(&thread.send("Hello"));
    sent(&other.stream("Hello"));
    sent(&stream.next());
    sent(&stream.try_next());
    sent(&stream.final_message());
}

#[cfg(feature = "operations")]
#[test]
fn calls_by_name_cross_threads() {
    use anthropic::operations::{Answer, Call};
    crosses::<Answer>();
    is_shared::<Call>();
    is_unpin::<Call>();
    is_unpin::<Answer>();
    crosses::<<Call as IntoFuture>::IntoFuture>();
}

#[cfg(feature = "tools")]
#[test]
fn runs_cross_threads() {
    use anthropic::tools::{
        Approval, Outcome, RunEvent, Runner, ToolError, Tools, Transcript, Waiting,
    };
    crosses::<Runner>();
    is_unpin::<Runner>();
    crosses::<Tools>();
    is_shared::<Outcome>();
    is_shared::<RunEvent>();
    is_shared::<Waiting>();
    is_shared::<Approval>();
    is_shared::<Transcript>();
    is_shared::<ToolError>();
}

/// Never run: it is enough that it builds.
#[cfg(feature = "tools")]
#[expect(dead_code, reason = "the compiler is the judge")]
fn futures_of_runs_cross_threads(mut run: anthropic::tools::Runner) {
    sent(&run.next());
    sent(&run.try_next());
    sent(&async move { run.await });
}

#[tokio::test]
async fn a_request_is_spawned_by_its_send() {
    use crate::support::{Reply, Script, client};
    let client = client(&Script::new([Reply::json("7")]));
    let task = tokio::spawn(client.get::<u32>("/v1/thing").send());
    assert_eq!(task.await.unwrap().unwrap(), 7);
}
