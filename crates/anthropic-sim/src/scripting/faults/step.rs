//! What a response that goes wrong does to its socket, step by step: the one place where the bytes
//! are written.
//!
//! The fault server and the simulator both play steps on the bare socket, past any HTTP library, so
//! that what is written is what the constructor describes, byte for byte.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;

use crate::base::clock::sleep;

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Write(Bytes),
    /// Writes one byte at a time.
    Drip(Bytes, Duration),
    Wait(Duration),
    /// Writes the same again and again, for as long as the client stays connected.
    Repeat(Bytes, Duration),
    /// Writes nothing more, for as long as the client stays connected.
    Silence,
    /// Ends the connection in good order, whatever was promised.
    Close,
    /// Breaks the connection off with a TCP reset.
    Reset,
}

/// Whether the connection goes on after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    On,
    /// The socket is to be dropped.
    Over,
}

/// Takes one step; an error means that the client has disconnected.
pub(crate) async fn take(
    socket: &TcpStream,
    step: &Step,
    written: &mut (dyn FnMut(&[u8]) + Send),
) -> io::Result<Flow> {
    match step {
        Step::Write(bytes) => write(socket, bytes, written).await?,
        Step::Drip(bytes, pause) => {
            for byte in bytes.chunks(1) {
                write(socket, byte, written).await?;
                rest(*pause).await;
            }
        }
        Step::Wait(delay) => sleep(*delay).await,
        Step::Repeat(bytes, every) => loop {
            write(socket, bytes, written).await?;
            rest(*every).await;
        },
        Step::Silence => std::future::pending().await,
        Step::Close => return Ok(Flow::Over),
        Step::Reset => {
            socket.set_zero_linger()?;
            return Ok(Flow::Over);
        }
    }
    Ok(Flow::On)
}

async fn write(
    socket: &TcpStream,
    bytes: &[u8],
    written: &mut (dyn FnMut(&[u8]) + Send),
) -> io::Result<()> {
    let mut left = bytes;
    while !left.is_empty() {
        socket.writable().await?;
        match socket.try_write(left) {
            Ok(written) => left = left.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    written(bytes);
    Ok(())
}

/// A timer is no finer than a millisecond; no pause at all is only a turn for the others.
async fn rest(pause: Duration) {
    if pause.is_zero() {
        tokio::task::yield_now().await;
    } else {
        sleep(pause).await;
    }
}
