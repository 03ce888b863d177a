use std::pin::Pin;
use std::sync::Mutex;
use std::task::Waker;

use hyper::rt::{Read, ReadBufCursor};
use hyper_util::client::legacy::connect::{Connected, Connection as Connects};

use super::super::fake::Fake;
use super::super::wire::HyperIo;
use super::*;
use crate::pipeline::transport::hyper_1::connect::Connection;
use crate::transport::Body;

#[test]
fn the_end_of_a_head_is_seen_however_it_arrives() {
    for head in [
        "HTTP/1.1 200 OK\r\na: b\r\n\r\n",
        "HTTP/1.1 200 OK\na: b\n\n",
        "a\n\r\n",
    ] {
        let bytes = head.as_bytes();
        for known in 1..bytes.len() {
            assert!(ends_head(bytes, known), "{head:?} after {known}");
            for end in known..bytes.len() {
                let begun = bytes.get(..end).unwrap();
                assert!(!ends_head(begun, known), "{begun:?} after {known}");
            }
        }
    }
}

/// Takes a few bytes every other time, and flushes at the second try, as TLS over a slow
/// network; then there is a response, whose head may come before.
#[derive(Default)]
struct Slow {
    taken: Arc<Mutex<Vec<u8>>>,
    is_ready: bool,
    flushes: usize,
    /// Of how many bytes the head is there.
    early: Option<usize>,
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";

impl Read for Slow {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let taken = lock(&self.taken).len();
        if self.early.is_some_and(|early| taken >= early) {
            self.early = None;
            room.put_slice(HEAD);
            return Poll::Ready(Ok(()));
        }
        if self.flushes < 2 {
            return Poll::Pending;
        }
        if self.early.is_none() && room.remaining() > 0 {
            room.put_slice(b"ok");
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Slow {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.is_ready = !self.is_ready;
        if self.is_ready {
            return Poll::Pending;
        }
        let few = bytes.len().min(7);
        lock(&self.taken).extend_from_slice(&bytes[..few]);
        Poll::Ready(Ok(few))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flushes += 1;
        if self.flushes < 2 {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Connects for Slow {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

fn request(url: &str, body: &'static str) -> Request<Outgoing> {
    let body = Outgoing::new(Body::from(body), &http::Extensions::new());
    let request = Request::post(url).header("a", "b").header("host", "h");
    request.body(body).unwrap()
}

const SENT: &str = "POST /v1/x?y HTTP/1.1\r\na: b\r\nhost: h\r\ncontent-length: 6\r\n\r\na body";

/// The server has all of the request before the body of its response comes.
#[test]
fn a_request_is_written_and_flushed_to_its_end() {
    for early in [0, 1, 20, SENT.len() - 3, SENT.len()] {
        let slow = Slow {
            early: Some(early),
            ..Slow::default()
        };
        let taken = slow.taken.clone();
        let wire = Wire::new(Connection::new(slow));
        let request = request("/v1/x?y", "a body");
        let mut exchange = Exchange::of(&wire, &request, false).unwrap();
        let context = &mut Context::from_waker(Waker::noop());
        // As often as it has something to do, and no more.
        let received = (0..100).find_map(|_| match exchange.poll(context) {
            Poll::Ready(received) => Some(received.unwrap()),
            Poll::Pending => None,
        });
        let received = received.unwrap();
        assert!(received.head.is_last, "{early}");
        let mut body = exchange.into_body(&received.head, received.first);
        let data = (0..100).find_map(|_| match body.poll_data(context) {
            Poll::Ready(data) => Some(data.unwrap()),
            Poll::Pending => None,
        });
        assert_eq!(data.unwrap(), "ok", "{early}");
        assert_eq!(String::from_utf8_lossy(&lock(&taken)), SENT, "{early}");
    }
}

#[test]
fn hyper_leaves_the_socket_alone_meanwhile() {
    let slow = Slow::default();
    let wire = Wire::new(Connection::new(slow));
    let exchange = Exchange::of(&wire, &request("/", ""), false);
    let context = &mut Context::from_waker(Waker::noop());
    let mut hyper = HyperIo(wire.clone());
    // The socket's would not be over at the first try.
    assert!(Pin::new(&mut hyper).poll_flush(context).is_ready());
    let mut room = [0; 8];
    let mut room = ReadBuf::new(&mut room);
    assert!(
        Pin::new(&mut hyper)
            .poll_read(context, room.unfilled())
            .is_pending()
    );
    drop(exchange);
}

#[test]
fn the_target_of_a_request_begins_with_a_slash() {
    let line = |url: &str| {
        let head = head(&request(url, ""), 0);
        let head = String::from_utf8(head).unwrap();
        head.split("\r\n").next().unwrap().to_owned()
    };
    assert_eq!(line("/a?b"), "POST /a?b HTTP/1.1");
    assert_eq!(line("http://h:1/a"), "POST http://h:1/a HTTP/1.1");
    assert_eq!(line("http://h?x=1"), "POST http://h/?x=1 HTTP/1.1");
    assert_eq!(line("http://h"), "POST http://h/ HTTP/1.1");
    assert_eq!(line("*"), "POST * HTTP/1.1");
    let parts = "http://h?x=1".parse::<http::Uri>().unwrap().into_parts();
    let path = http::Uri::from(parts.path_and_query.unwrap());
    let mut bare = request("/", "");
    *bare.uri_mut() = path;
    assert!(head(&bare, 0).starts_with(b"POST /?x=1 HTTP/1.1\r\n"));
}

/// What the request has for a response, read in such pieces.
fn responded(
    request: &Request<Outgoing>,
    response: &[u8],
    piece: usize,
) -> Result<Received, NoHead> {
    let pieces: Vec<&[u8]> = response.chunks(piece).collect();
    let wire = Wire::new(Connection::new(Fake::of(&pieces)));
    let mut exchange = Exchange::of(&wire, request, false).unwrap();
    match exchange.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(received) => received,
        Poll::Pending => panic!("it has the response"),
    }
}

#[test]
fn a_head_has_a_limit_however_it_arrives() {
    let request = request("/", "");
    for piece in [1_000, 17_408, usize::MAX] {
        for (length, is_read) in [
            (MAX_HEAD - 1, true),
            (MAX_HEAD, true),
            (MAX_HEAD + 1, false),
        ] {
            let mut head = b"HTTP/1.1 200 OK\r\na: ".to_vec();
            head.resize(length - 4, b'b');
            head.extend_from_slice(b"\r\n\r\n");
            let received = responded(&request, &head, piece);
            let found = match received {
                Ok(received) => received.head.response.headers().len() == 1,
                Err(NoHead::Invalid(Invalid::TooLarge)) => false,
                Err(why) => panic!("{why:?}"),
            };
            assert_eq!(found, is_read, "{length} in pieces of {piece}");
        }
    }
}

/// Before a head they are skipped, and none of them is kept.
#[test]
fn empty_lines_before_a_head_have_its_limit() {
    let request = request("/", "");
    let last = b"HTTP/1.1 200 OK\r\n\r\n";
    for line in [&b"\n"[..], b"\r\n"] {
        let most = (MAX_HEAD - last.len()) / line.len();
        for (count, is_read) in [(1, true), (most, true), (most + 1, false)] {
            let mut response = line.repeat(count);
            response.extend_from_slice(last);
            for piece in [997, usize::MAX] {
                let received = responded(&request, &response, piece);
                assert_eq!(received.is_ok(), is_read, "{count} in pieces of {piece}");
            }
            let received = responded(&request, &line.repeat(2 * MAX_HEAD), 997);
            assert!(matches!(received, Err(NoHead::Invalid(Invalid::TooLarge))));
        }
    }
}

#[test]
fn what_is_kept_of_empty_lines_is_nothing() {
    let wire = Wire::new(Connection::new(Fake::of(&[b"\n\r\n\n", b"HTTP"])));
    let mut exchange = Exchange::of(&wire, &request("/", ""), false).unwrap();
    let _ = exchange.poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!((&*exchange.read, exchange.heads), (&b"HTTP"[..], 4));
}

/// Those that come before it are a part of it, however many there are.
#[test]
fn informational_heads_have_a_limit() {
    let request = request("/", "");
    let hint = b"HTTP/1.1 103 Early Hints\r\n\r\n";
    let last = b"HTTP/1.1 200 OK\r\n\r\n";
    let most = (MAX_HEAD - last.len()) / hint.len();
    for (count, is_read) in [(1, true), (most, true), (most + 1, false)] {
        let mut response = hint.repeat(count);
        response.extend_from_slice(last);
        for piece in [997, usize::MAX] {
            let received = responded(&request, &response, piece);
            assert_eq!(received.is_ok(), is_read, "{count} in pieces of {piece}");
        }
        // One that never ends is given up.
        let received = responded(&request, &hint.repeat(most * 2), usize::MAX);
        assert!(matches!(received, Err(NoHead::Invalid(Invalid::TooLarge))));
    }
}

/// The body's first bytes are none of the head's.
#[test]
fn a_long_head_may_have_a_long_body_with_it() {
    let request = request("/", "");
    for piece in [1_000, usize::MAX] {
        let mut response = b"HTTP/1.1 200 OK\r\na: ".to_vec();
        response.resize(MAX_HEAD - 4, b'b');
        response.extend_from_slice(b"\r\n\r\n");
        response.resize(MAX_HEAD + 200_000, b'c');
        let received = responded(&request, &response, piece);
        assert!(received.is_ok(), "{piece}");
    }
}

#[test]
fn a_connection_is_closed_if_one_of_the_two_wants_it() {
    for asks in [false, true] {
        for has in [false, true] {
            let mut request = request("/", "");
            if asks {
                let close = http::HeaderValue::from_static("close");
                request.headers_mut().insert("connection", close);
            }
            let option = if has { "close" } else { "x" };
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: {option}\r\ncontent-length: 0\r\n\r\n");
            let received = responded(&request, head.as_bytes(), usize::MAX).unwrap();
            assert_eq!(received.head.is_last, asks || has, "{asks} {has}");
        }
    }
}

#[test]
fn what_is_out_of_the_usual_goes_by_hyper() {
    let goes = |change: &dyn Fn(&mut Request<Outgoing>)| {
        let wire = Wire::new(Connection::new(Slow::default()));
        let mut request = request("/", "ab");
        change(&mut request);
        Exchange::of(&wire, &request, false).is_some()
    };
    let with = |name: &'static str, value: &'static str| {
        let value = http::HeaderValue::from_static(value);
        goes(&|request| drop(request.headers_mut().insert(name, value.clone())))
    };
    assert!(goes(&|_| {}));
    assert!(with("connection", "close"));
    assert!(!with("content-length", "2"));
    assert!(!with("transfer-encoding", "chunked"));
    assert!(goes(&|request| *request.method_mut() = Method::GET));
    assert!(!goes(&|request| *request.method_mut() = Method::CONNECT));
    assert!(!goes(&|request| *request.version_mut() = Version::HTTP_10));
    let long = |length: usize| {
        goes(&|request| {
            let body = Body::from(vec![b'a'; length]);
            *request.body_mut() = Outgoing::new(body, &http::Extensions::new());
        })
    };
    assert!(long(64 << 10));
    assert!(!long((64 << 10) + 1));
}

#[test]
fn the_length_is_named_where_there_may_be_a_body() {
    let named = |method: Method, length: usize| {
        let mut request = request("/", "");
        *request.method_mut() = method;
        let head = String::from_utf8(head(&request, length)).unwrap();
        let lengths: Vec<&str> = head.matches("content-length: ").collect();
        let line = format!("\r\ncontent-length: {length}\r\n");
        (lengths.len(), head.contains(&line))
    };
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        assert_eq!(named(method.clone(), 0), (1, true), "{method}");
        assert_eq!(named(method.clone(), 7), (1, true), "{method}");
    }
    for method in [Method::GET, Method::HEAD, Method::DELETE] {
        assert_eq!(named(method.clone(), 0), (0, false), "{method}");
        assert_eq!(named(method.clone(), 1), (1, true), "{method}");
    }
}
