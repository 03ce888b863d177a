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
    crosses::<partial_json::Items<Json>>();
    crosses::<MaybeReady<'static, Json>>();
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
    mut events: EventStream<Json>,
    mut snapshots: SnapshotEvents,
    mut lines: JsonLines<Json>,
    mut items: Items<Json>,
    mut pages: Pages<Json>,
    mut text: TextStream,
    mut body: Body,
    page: &Page<Json>,
    context: &AttemptContext,
) {
    let request = || client.get::<Json>("/v1/thing");
    sent(&request().send());
    sent(&request().with_response());
    sent(&request().raw());
    sent(&async move { request().await });
    sent(&poller.next());
    sent(&poller.try_next());
    sent(&async move { poller.await });
    sent(&message.next());
    sent(&message.try_next());
    sent(&message.final_message());
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
    sent(&page.fetch_next());
    sent(&page.fetch_prev());
    sent(&context.send(HttpRequest::new(Body::empty())));
}

#[tokio::test]
async fn a_request_is_spawned_by_its_send() {
    use crate::support::{Reply, Script, client};
    let client = client(&Script::new([Reply::json("7")]));
    let task = tokio::spawn(client.get::<u32>("/v1/thing").send());
    assert_eq!(task.await.unwrap().unwrap(), 7);
}
