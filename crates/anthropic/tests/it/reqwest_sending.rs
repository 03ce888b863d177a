//! What reqwest sends, and how what it fails with is named.

use anthropic::reqwest_0_13::{ReqwestTransport, preset};
use anthropic::{Client, ErrorKind};
use serde_json::Value;

use crate::support::get;
use crate::support::server::Server;

fn client(url: &str) -> Client {
    let http = preset().unwrap().no_proxy().build().unwrap();
    let builder = Client::builder().api_key("key").base_url(url);
    let transport = ReqwestTransport::new(http).unwrap();
    builder.transport(transport).max_retries(0).build().unwrap()
}

#[tokio::test]
async fn bodies_short_and_long_arrive_whole() {
    for len in [2, 1 << 20] {
        let server = Server::start().await;
        let body = "x".repeat(len);
        let request = client(&server.url("http")).post::<Value>("/v1/thing");
        let request = request.body("text/plain", body.clone());
        let (answered, received) = tokio::join!(request.send(), async {
            let mut connection = server.accept().await;
            let (_, received) = connection.request().await;
            let json = "content-type: application/json\r\n";
            connection.answer("200 OK", json, "{}").await;
            received
        });
        answered.unwrap();
        assert!(received == body.as_bytes(), "{} bytes", received.len());
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_reached_is_no_connection_that_breaks() {
    let gone = Server::start().await.url("http");
    let error = get(&client(&gone)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    let place = &gone["http://".len()..];
    assert!(error.to_string().contains(place), "{error}");

    let server = Server::start().await;
    let breaking = client(&server.url("http"));
    let (answered, ()) = tokio::join!(get(&breaking), async {
        server.accept().await.request().await;
    });
    assert_eq!(answered.unwrap_err().kind(), ErrorKind::Body);
}
