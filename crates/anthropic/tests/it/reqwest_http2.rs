//! HTTP/2 by way of reqwest: what its preset does about a connection that is dead.

use std::time::Duration;

use anthropic::Client;
use anthropic::reqwest_0_13::{ReqwestTransport, preset};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PREFACE: usize = 24;
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
/// The head of a response with status 200 and no body, on the first stream.
const OK: &[u8] = &[0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88];
const HEADERS: u8 = 1;

/// Answers the first request of a connection and never anything again, a ping neither.
async fn answer_once(stream: &mut TcpStream) {
    stream.write_all(SETTINGS).await.unwrap();
    stream.read_exact(&mut [0; PREFACE]).await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let [high, middle, low, kind, ..] = head;
        let len = u32::from_be_bytes([0, high, middle, low]);
        let mut payload = vec![0; usize::try_from(len).unwrap()];
        stream.read_exact(&mut payload).await.unwrap();
        if kind == HEADERS {
            return stream.write_all(OK).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_connection_that_answers_no_ping_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let mut silent = Vec::new();
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            answer_once(&mut stream).await;
            silent.push(stream);
        }
        std::future::pending::<()>().await;
    });
    // As the preset sets it, but sooner.
    let interval = Duration::from_millis(100);
    let http = preset().unwrap().no_proxy().http2_prior_knowledge();
    let http = http
        .http2_keep_alive_interval(interval)
        .http2_keep_alive_timeout(interval);
    let transport = ReqwestTransport::new(http.build().unwrap()).unwrap();
    let client = Client::builder().api_key("key").base_url(url);
    let client = client.transport(transport).build().unwrap();
    for _ in 0..2 {
        // The request's own limit is ten minutes.
        let request = client.get::<Value>("/v1/thing").raw();
        let response = tokio::time::timeout(Duration::from_secs(10), request).await;
        assert_eq!(response.unwrap().unwrap().status(), 200);
    }
    serving.abort();
}
