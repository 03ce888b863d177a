//! One attempt to deliver: a POST over a connection of its own, without redirects or retries.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Request, StatusCode, Uri, header};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::base::clock::sleep;

/// How long a receiver may take.
const LIMIT: Duration = Duration::from_secs(15);

/// The status of the response, or why there is none.
pub(super) async fn post(
    url: &Uri,
    headers: [(&str, String); 3],
    body: Bytes,
) -> Result<StatusCode, String> {
    tokio::select! {
        status = exchange(url, headers, body) => status,
        () = sleep(LIMIT) => Err(format!("no response within {} s", LIMIT.as_secs())),
    }
}

async fn exchange(
    url: &Uri,
    headers: [(&str, String); 3],
    body: Bytes,
) -> Result<StatusCode, String> {
    let host = url.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let socket = TcpStream::connect((bare, url.port_u16().unwrap_or(80))).await;
    let socket = socket.map_err(|error| error.to_string())?;
    let (mut sender, connection) = handshake(TokioIo::new(socket))
        .await
        .map_err(|error| error.to_string())?;
    let path = url.path_and_query().map_or("/", PathAndQuery::as_str);
    let authority = url.authority().map_or(host, |authority| authority.as_str());
    let mut request = Request::post(path)
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, "anthropic-sim");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request
        .body(Body::from(body))
        .map_err(|error| error.to_string())?;
    let response = sender.send_request(request);
    tokio::pin!(response, connection);
    let response = tokio::select! {
        response = &mut response => response,
        ended = &mut connection => match ended {
            Ok(()) => response.await,
            Err(error) => Err(error),
        },
    };
    let response = response.map_err(|error| error.to_string())?;
    Ok(response.status())
}
