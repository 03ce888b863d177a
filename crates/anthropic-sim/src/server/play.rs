//! How a fault is written to a request's socket.

use axum::response::Response;

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
