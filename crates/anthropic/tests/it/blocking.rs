//! The client without async.

use anthropic::operation::{Operation, PageShape};
use anthropic::types::Json;
use anthropic::{ErrorKind, Page, blocking};
use http::Method;
use serde_json::Value;

use crate::support::server::Server;
use crate::support::{Reply, Script, client};

static LIST: Operation<Page<Json>> =
    Operation::page("things.list", Method::GET, "/v1/things", PageShape::Cursor);

#[test]
fn a_request_is_sent_and_waited_for_over_tcp() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(Server::start());
    let url = server.url("http");
    let serving = std::thread::spawn(move || {
        runtime.block_on(async {
            let mut connection = server.accept().await;
            connection.request().await;
            connection
                .answer("500 Internal Server Error", "retry-after-ms: 1\r\n", "")
                .await;
            connection.request().await;
            connection.answer("200 OK", "", "{\"a\":1}").await;
        });
    });
    let client = anthropic::Client::builder()
        .api_key("k")
        .base_url(url)
        .build()
        .unwrap();
    assert_eq!(
        client.get::<Value>("/v1/thing").send_blocking().unwrap()["a"],
        1
    );
    serving.join().unwrap();
}

#[test]
fn a_stream_is_iterated_over() {
    let pages = [r#"{"data":[1,2],"next_page":"p"}"#, r#"{"data":[3]}"#];
    let script = Script::new(pages.map(Reply::json));
    let items = blocking::iter(client(&script).request(&LIST, &[]).items()).unwrap();
    let items: Vec<_> = items
        .map(|item| item.unwrap().as_str().to_owned())
        .collect();
    assert_eq!(items, ["1", "2", "3"]);
}

#[tokio::test]
async fn blocking_inside_a_runtime_does_not_panic() {
    // A task that has used up its turn: tokio would answer "not yet" for ever.
    for _ in 0..300 {
        let script = Script::new([Reply::status(500), Reply::json("{}")]);
        let request = client(&script).get::<Value>("/v1/thing").max_retries(0);
        let error = request.send_blocking().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
    }
    let script = Script::new([
        Reply::new(500, &[("retry-after-ms", "1")], ""),
        Reply::json("{}"),
    ]);
    client(&script)
        .get::<Value>("/v1/thing")
        .send_blocking()
        .unwrap();
}
