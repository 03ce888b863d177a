//! A tunnel through a proxy: `CONNECT`, and the proxy's response.

use std::io;
use std::pin::Pin;

use http::HeaderValue;
use hyper::rt::{Read, ReadBuf, Write};

use super::connect::Connection;
use crate::trace::Secrets;

/// The longest response of a proxy.
const MAX_ANSWER: usize = 16 << 10;
/// What one begins with.
const VERSION: &[u8] = b"HTTP/1.";

/// Why there is no tunnel.
pub(super) enum NoTunnel {
    /// The connection to the proxy broke.
    Broken(io::Error),
    /// The proxy's status and reason.
    Refused(u16, String),
    /// The response is not HTTP.
    Nonsense,
}

/// Asks the proxy at the other end of the connection for a tunnel.
pub(super) async fn open(
    connection: &mut Connection,
    target: &str,
    credentials: Option<&HeaderValue>,
) -> Result<(), NoTunnel> {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n").into_bytes();
    if let Some(credentials) = credentials {
        request.extend_from_slice(b"proxy-authorization: ");
        request.extend_from_slice(credentials.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    write_all(connection, &request)
        .await
        .map_err(NoTunnel::Broken)?;
    let mut left = MAX_ANSWER;
    let (status, reason) = loop {
        let head = read_head(connection, left).await?;
        left -= head.len();
        let line = status_line(&head).ok_or(NoTunnel::Nonsense)?;
        // Interim responses come before the one.
        if !(100..200).contains(&line.0) {
            break line;
        }
    };
    if (200..300).contains(&status) {
        return Ok(());
    }
    let reason = without(&reason, credentials);
    let reason = reason.chars().filter(|c| !c.is_control()).take(80);
    Err(NoTunnel::Refused(status, reason.collect()))
}

/// A proxy's words without the credentials, where it has repeated them.
fn without(reason: &str, credentials: Option<&HeaderValue>) -> String {
    let secrets = Secrets::default();
    if let Some(credentials) = credentials {
        secrets.note_value(credentials);
    }
    secrets.mask(reason).into_owned()
}

/// The head of a response of at most that many bytes. Byte by byte, because what follows it belongs
/// to the tunnel; a server behind a tunnel speaks only after the client has.
async fn read_head(connection: &mut Connection, max: usize) -> Result<Vec<u8>, NoTunnel> {
    let mut head = Vec::new();
    while !is_whole(&head) {
        if head.len() >= max || !may_be_http(&head) {
            return Err(NoTunnel::Nonsense);
        }
        let mut byte = [0];
        if read(connection, &mut byte)
            .await
            .map_err(NoTunnel::Broken)?
            == 0
        {
            let end = io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the proxy closed the connection",
            );
            return Err(NoTunnel::Broken(end));
        }
        head.extend_from_slice(&byte);
    }
    Ok(head)
}

/// Whether a head ends here; some leave out the first half of a line's end.
fn is_whole(head: &[u8]) -> bool {
    head.ends_with(b"\r\n\r\n") || head.ends_with(b"\n\n")
}

/// Whether this may become a response. A server of another protocol may send no more, and wait.
fn may_be_http(head: &[u8]) -> bool {
    head.iter()
        .zip(VERSION)
        .all(|(byte, wanted)| byte == wanted)
}

/// The status, and its reason as the proxy wrote it.
fn status_line(head: &[u8]) -> Option<(u16, String)> {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let line = String::from_utf8_lossy(line.strip_prefix(VERSION)?);
    let rest = line.split_once(' ')?.1;
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((status.parse().ok()?, reason.to_owned()))
}

async fn read(connection: &mut Connection, buffer: &mut [u8]) -> io::Result<usize> {
    std::future::poll_fn(|context| {
        let mut buffer = ReadBuf::new(buffer);
        let polled = Pin::new(&mut *connection).poll_read(context, buffer.unfilled());
        polled.map_ok(|()| buffer.filled().len())
    })
    .await
}

async fn write_all(connection: &mut Connection, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written =
            std::future::poll_fn(|context| Pin::new(&mut *connection).poll_write(context, bytes));
        let written = written.await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(written..).unwrap_or_default();
    }
    std::future::poll_fn(|context| Pin::new(&mut *connection).poll_flush(context)).await
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::{status_line, without};

    #[test]
    fn credentials_that_a_proxy_repeats_are_masked() {
        let sent = HeaderValue::from_static("Basic dXNlcjpwYXNz");
        let reason = "bad Basic dXNlcjpwYXNz: dXNlcjpwYXNz user:pass";
        let masked = "bad Basic [masked]: [masked] [masked]";
        assert_eq!(without(reason, Some(&sent)), masked);
        assert_eq!(without(reason, None), reason);
    }

    #[test]
    fn a_status_line_is_read_as_proxies_write_it() {
        for (line, expected) in [
            (
                "HTTP/1.1 200 Connection established\r\n\r\n",
                Some((200, "Connection established")),
            ),
            ("HTTP/1.0 403\r\n\r\n", Some((403, ""))),
            ("HTTP/1.1 403 No\n\n", Some((403, "No"))),
            ("HTTP/1.1 407 \x1b[31mno\r\n\r\n", Some((407, "\x1b[31mno"))),
            ("SSH-2.0-x\r\n\r\n", None),
            ("HTTP/1.1 twohundred\r\n\r\n", None),
            ("", None),
        ] {
            let read = status_line(line.as_bytes());
            assert_eq!(
                read,
                expected.map(|(status, reason)| (status, reason.to_owned())),
                "{line:?}"
            );
        }
    }
}
