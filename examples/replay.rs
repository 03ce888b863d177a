//! Replays a captured stream through a socket, and prints the events and the final message.
//!
//! `cargo run --example replay -- examples/transcripts/thinking_tool_use.crlf.sse`

use std::error::Error;

use anthropic::Client;
use anthropic::types::MessageCreateParams;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: replay <transcript.sse>")?;
    let transcript = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = Client::builder()
        .api_key("none-needed")
        .base_url(format!("http://{}", listener.local_addr()?))
        .max_retries(0)
        .build()?;

    let read = async {
        let params = MessageCreateParams::new("claude-opus-5-5", 1024).user("Replay, please.");
        let mut stream = client.messages().stream(params).await?;
        while let Some(event) = stream.try_next().await? {
            println!("{event:?}");
        }
        stream.final_message().await
    };
    let (served, message) = tokio::join!(serve(&listener, &transcript), read);
    served?;
    println!("\n{}", serde_json::to_string_pretty(&message?)?);
    Ok(())
}

/// Responds to one request with the transcript, a few bytes at a time, as a slow network would.
async fn serve(listener: &TcpListener, transcript: &[u8]) -> std::io::Result<()> {
    let (mut socket, _) = listener.accept().await?;
    read_request(&mut socket).await?;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                request-id: req_replay\r\nconnection: close\r\n\r\n";
    socket.write_all(head.as_bytes()).await?;
    for piece in transcript.chunks(97) {
        socket.write_all(piece).await?;
        tokio::task::yield_now().await;
    }
    socket.shutdown().await
}

/// Reads up to the end of the headers and the length that they announce.
async fn read_request(socket: &mut TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !is_whole(&request) {
        if socket.read_buf(&mut request).await? == 0 {
            break;
        }
    }
    Ok(())
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    length
        .and_then(|length| length.trim().parse().ok())
        .is_none_or(|length: usize| body.len() >= length)
}
