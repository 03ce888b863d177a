//! A transport of your own: HTTP/1.0 over one plain TCP connection per request, to a simulator.
//!
//! It has no TLS and no pool, and it reads a response to its end before it returns it, so that a
//! stream arrives whole: enough for a test, not for a chat. Retries, redirects, time limits and
//! authentication happen above it.

use anthropic::transport::{Body, BoxError, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::{MessageCreateParams, Model};
use anthropic::{BoxFuture, Client};
use http::uri::Scheme;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[derive(Debug)]
struct Plain;

impl Transport for Plain {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let uri = request.uri();
            // Without TLS the key would travel in the clear to a host that offers more.
            if uri.scheme() != Some(&Scheme::HTTP) {
                return Err(TransportError::other(
                    "this transport speaks plain http only",
                ));
            }
            let host = uri.authority().map_or("", |host| host.as_str());
            let socket = match uri.port() {
                Some(_) => TcpStream::connect(host).await,
                None => TcpStream::connect(format!("{host}:80")).await,
            };
            let socket = socket.map_err(TransportError::connect)?;
            exchange(socket, request).await.map_err(TransportError::io)
        })
    }
}

async fn exchange(mut socket: TcpStream, request: HttpRequest) -> Result<HttpResponse, BoxError> {
    let (parts, body) = request.into_parts();
    let body = body.bytes().await?;
    let target = parts.uri.path_and_query().ok_or("the URL has no path")?;
    let mut head = format!("{} {target} HTTP/1.0\r\n", parts.method).into_bytes();
    for (name, value) in &parts.headers {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    head.extend(format!("content-length: {}\r\n\r\n", body.len()).into_bytes());
    socket.write_all(&[&head, &*body].concat()).await?;

    let mut received = Vec::new();
    socket.read_to_end(&mut received).await?;
    let end = received.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = received.split_at(end.ok_or("the response has no end of headers")? + 4);
    let mut lines = std::str::from_utf8(head)?.lines();
    let status = lines.next().unwrap_or_default().split(' ').nth(1);
    let mut response = http::Response::builder().status(status.ok_or("there is no status")?);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        response = response.header(name, value.trim());
    }
    Ok(response.body(Body::from(body.to_vec()))?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let sim = anthropic_sim::Simulator::start().await?;
    let client = Client::builder().api_key(sim.api_key()).base_url(sim.url());
    let client = client.transport(Plain).build()?;
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name three rivers.");
    println!("{}", client.messages().create(params).await?.text());
    Ok(())
}
