//! Dropping a future cancels the request, wherever it is: the server sees the connection close.

use std::time::Duration;

use anthropic::Client;
use anthropic::transport::Body;
use serde_json::Value;
use tokio::time::timeout;

use crate::support::server::{Connection, Server};

/// How soon the server must see it.
const SOON: Duration = Duration::from_millis(50);

fn client(server: &Server, scheme: &str) -> Client {
    Client::builder()
        .api_key("k")
        .base_url(server.url(scheme))
        .build()
        .unwrap()
}

async fn sees_the_close(connection: &mut Connection) {
    timeout(SOON, connection.closed())
        .await
        .expect("the connection is still open");
}

#[tokio::test]
async fn while_connecting() {
    let server = Server::start().await;
    let client = client(&server, "https");
    let mut request = client.get::<Value>("/v1/thing").send();
    // The server takes the connection but never speaks TLS.
    let mut connection = tokio::select! {
        _ = &mut request => panic!("there was no answer to be had"),
        connection = async {
            let mut connection = server.accept().await;
            connection.first_bytes().await;
            connection
        } => connection,
    };
    drop(request);
    sees_the_close(&mut connection).await;
}

#[tokio::test]
async fn while_waiting_for_headers() {
    let server = Server::start().await;
    let client = client(&server, "http");
    let mut request = client.get::<Value>("/v1/thing").send();
    let mut connection = tokio::select! {
        _ = &mut request => panic!("there was no answer to be had"),
        connection = async {
            let mut connection = server.accept().await;
            connection.request().await;
            connection
        } => connection,
    };
    drop(request);
    sees_the_close(&mut connection).await;
}

#[tokio::test]
async fn while_reading_a_body_whole() {
    let server = Server::start().await;
    let client = client(&server, "http");
    let mut request = client.get::<Value>("/v1/thing").send();
    let mut connection = tokio::select! {
        _ = &mut request => panic!("the answer was not complete"),
        connection = async {
            let mut connection = server.accept().await;
            connection.request().await;
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{").await;
            connection
        } => connection,
    };
    assert!(
        timeout(Duration::from_millis(20), &mut request)
            .await
            .is_err()
    );
    drop(request);
    sees_the_close(&mut connection).await;
}

#[tokio::test]
async fn while_holding_a_streamed_body() {
    let server = Server::start().await;
    let client = client(&server, "http");
    let (response, mut connection) = tokio::join!(client.get::<Value>("/v1/thing").raw(), async {
        let mut connection = server.accept().await;
        connection.request().await;
        connection
            .write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")
            .await;
        connection
    });
    let mut body: Body = response.unwrap().into_body();
    assert_eq!(body.try_next().await.unwrap().unwrap(), "abc");
    drop(body);
    sees_the_close(&mut connection).await;
}

#[tokio::test]
async fn while_waiting_for_the_next_attempt() {
    let server = Server::start().await;
    let client = client(&server, "http");
    let mut request = client.get::<Value>("/v1/thing").send();
    let mut connection = tokio::select! {
        _ = &mut request => panic!("the second attempt is far away"),
        connection = async {
            let mut connection = server.accept().await;
            connection.request().await;
            let headers = "retry-after: 30\r\nconnection: close\r\n";
            connection.answer("503 Service Unavailable", headers, "").await;
            connection
        } => connection,
    };
    assert!(
        timeout(Duration::from_millis(20), &mut request)
            .await
            .is_err()
    );
    drop(request);
    sees_the_close(&mut connection).await;
    assert!(
        timeout(SOON, server.accept()).await.is_err(),
        "something went on after the drop"
    );
}
