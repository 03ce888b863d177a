//! Uses both against a simulator in the same process: `cargo run` in this folder needs no key and
//! no network.

use std::error::Error;
use std::net::SocketAddr;

use anthropic::types::{MessageCountTokensParams, MessageCreateParams};
use anthropic::{Client, ErrorKind};
use anthropic_sim::Simulator;
use outside::{Gateway, Tokens};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::start().await?;
    let login = TcpListener::bind("127.0.0.1:0").await?;
    let address = login.local_addr()?;
    tokio::spawn(issue(login, simulator.api_key().to_owned()));
    let params = || MessageCreateParams::new("quick", 64).user("Name a river.");

    // A platform of one's own, which knows the model by another name.
    let gateway = Gateway::new(simulator.url().parse()?, "maps", tokens(address)?);
    let client = Client::builder().platform(gateway).build()?;
    let message = client.messages().create(params()).await?;
    println!("platform: {} from {}", message.text(), message.model);
    let stream = client.messages().stream(params()).await?;
    println!(
        "platform, streamed: {}",
        stream.final_message().await?.text()
    );

    // It refuses what it lacks before anything is sent.
    let count = MessageCountTokensParams::new("quick").user("Name a river.");
    match client.messages().count_tokens(count).await {
        Err(error) if error.kind() == ErrorKind::Unsupported => println!("platform: {error}"),
        other => return Err(format!("counted: {other:?}").into()),
    }

    // The tokens alone, for the API itself.
    let client = Client::builder()
        .credentials(tokens(address)?)
        .base_url(simulator.url())
        .build()?;
    let params = MessageCreateParams::new("claude-haiku-5-5", 64).user("Name a lake.");
    println!(
        "credentials: {}",
        client.messages().create(params).await?.text()
    );
    Ok(())
}

fn tokens(login: SocketAddr) -> Result<Tokens, http::uri::InvalidUri> {
    Ok(Tokens::new(format!("http://{login}/token").parse()?))
}

/// The login service: every connection gets a token.
async fn issue(listener: TcpListener, token: String) -> std::io::Result<()> {
    let length = token.len();
    let response =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{token}");
    loop {
        let (mut socket, _) = listener.accept().await?;
        // A request without a body fits into one read.
        let _ = socket.read(&mut [0; 4096]).await;
        let _ = socket.write_all(response.as_bytes()).await;
    }
}
