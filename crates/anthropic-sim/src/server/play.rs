//! How a fault is written to a request's socket.

use axum::response::Response;
use bytes::Bytes;

use super::access::Allowed;
use super::socket::RequestSocket;
use crate::scripting::faults::{Flow, Step, take};

/// Writes the steps of a fault. The response is for the HTTP library; what it writes is discarded.
pub(super) async fn play(
    steps: &[Step],
    socket: &RequestSocket,
    written: &mut (dyn FnMut(&[u8]) + Send),
) -> Response {
    for step in steps {
        // An error means that the client has disconnected.
        if take(socket.tcp(), step, written)
            .await
            .unwrap_or(Flow::Over)
            == Flow::Over
        {
            socket.break_off();
            return Response::default();
        }
    }
    socket.mute();
    Response::default()
}

/// Lets a page of another origin read what is written, if it has a head.
pub(super) fn allow(steps: &mut [Step], allowed: &Allowed) {
    let Some(Step::Write(bytes) | Step::Drip(bytes, _)) = steps.first_mut() else {
        return;
    };
    let Some(end) = bytes.windows(2).position(|it| it == b"\r\n") else {
        return;
    };
    if bytes.starts_with(b"HTTP/1.1 ") {
        let (line, rest) = bytes.split_at(end + 2);
        *bytes = Bytes::from([line, &allowed.lines(), rest].concat());
    }
}
