//! Uploads that take longer than the limit for the response's headers, over sockets with small
//! buffers.

use std::time::Duration;

use anthropic::hyper_1::HyperTransport;
use anthropic::transport::Body;
use anthropic::{Client, ErrorKind};
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

const MILLI: Duration = Duration::from_millis(1);
/// More than the buffers of a socket hold.
const LEN: usize = 32 << 20;
const LIMIT: Duration = Duration::from_secs(1);

fn listen() -> (TcpListener, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 << 10).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(8).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn client(url: &str) -> Client {
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let builder = Client::builder().api_key("key").base_url(url);
    let builder = builder.transport(transport).timeout(LIMIT).max_retries(0);
    builder.build().unwrap()
}

/// All kinds of body: in memory, in one piece and in several, and a stream.
fn bodies() -> [Body; 3] {
    let piece = Bytes::from(vec![b'x'; 64 << 10]);
    let pieces = (0..LEN / piece.len()).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
    let in_memory = Body::from(vec![b'x'; LEN]);
    let lengths = [100, LEN - 1_000, 900];
    [
        in_memory,
        Body::pieces(lengths.map(|len| vec![b'x'; len].into())),
        Body::stream(stream::iter(pieces), Some(LEN as u64)),
    ]
}

/// Reads a request, with a pause after each of the first pieces.
async fn read_slowly(stream: &mut TcpStream, times: usize) {
    let mut buffer = vec![0; 512 << 10];
    let mut read = 0;
    let mut paused = 0;
    while read < LEN {
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "the client gave up");
        read += count;
        if paused < times && read / (256 << 10) > paused {
            paused += 1;
            let _ = tokio::time::timeout(50 * MILLI, std::future::pending::<()>()).await;
        }
    }
}

#[tokio::test]
async fn an_upload_that_makes_progress_is_not_late() {
    for body in bodies() {
        let (listener, url) = listen();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            // More than twice the limit.
            read_slowly(&mut stream, 50).await;
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        let request = client(&url)
            .post::<Value>("/v1/thing")
            .body("text/plain", body);
        request.await.unwrap();
        serving.await.unwrap();
    }
}

#[tokio::test]
async fn an_upload_that_stops_is_late() {
    for body in bodies() {
        let (listener, url) = listen();
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            std::future::pending::<()>().await;
            drop(stream);
        });
        let request = client(&url)
            .post::<Value>("/v1/thing")
            .body("text/plain", body);
        let error = request.await.unwrap_err();
        serving.abort();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        let text = error.to_string();
        assert!(
            text.contains("no response headers within 1s (timeout); "),
            "{text}"
        );
        assert!(
            text.contains("of 33554432 bytes of the body were sent"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn the_wait_for_a_response_begins_when_the_body_is_sent_and_ends() {
    let (listener, url) = listen();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_slowly(&mut stream, 0).await;
        std::future::pending::<()>().await;
    });
    let [body, ..] = bodies();
    let request = client(&url)
        .post::<Value>("/v1/thing")
        .body("text/plain", body);
    let error = request.await.unwrap_err();
    serving.abort();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let all = "33554432 of 33554432 bytes of the body were sent";
    assert!(error.to_string().contains(all), "{error}");
}

/// What a server that has answered already does not take.
#[tokio::test]
async fn a_body_that_a_server_never_takes_does_not_stay() {
    for body in bodies() {
        let (listener, url) = listen();
        let answering = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut first = [0; 1024];
            stream.read_exact(&mut first).await.unwrap();
            let answer = "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 2\r\n\r\n{}";
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream
        };
        let client = client(&url);
        let request = client.post::<Value>("/v1/thing");
        let request = request.body("text/plain", body).send();
        let (error, mut stream) = tokio::join!(request, answering);
        assert_eq!(error.unwrap_err().kind(), ErrorKind::RequestTooLarge);
        tokio::task::yield_now().await;
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(31)).await;
        tokio::time::resume();
        // What is in the sockets' buffers, and then the end, in whichever way.
        let mut rest = vec![0; 64 << 10];
        let mut read = 0;
        while read < LEN / 2 {
            match stream.read(&mut rest).await {
                Ok(0) | Err(_) => break,
                Ok(count) => read += count,
            }
        }
        assert!(read < LEN / 2, "{read} bytes");
    }
}
