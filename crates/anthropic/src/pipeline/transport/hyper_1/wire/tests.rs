use std::collections::VecDeque;

use hyper_util::client::legacy::connect::{Connected, Connection as Connects};

use super::*;

/// A socket that is looked into.
#[derive(Clone, Default)]
struct Fake(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// What there is to read, a piece a time; after it there is nothing yet.
    pieces: VecDeque<&'static [u8]>,
    flushes: usize,
    shutdowns: usize,
    is_vectored: bool,
}

impl Fake {
    fn of(pieces: &[&'static str]) -> (Self, Arc<Wire>) {
        let fake = Self::default();
        let pieces = pieces.iter().map(|piece| piece.as_bytes());
        lock(&fake.0).pieces.extend(pieces);
        let wire = Wire::new(Connection::new(fake.clone()));
        (fake, wire)
    }
}

impl Read for Fake {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match lock(&self.0).pieces.pop_front() {
            Some(piece) => room.put_slice(&piece[..piece.len().min(room.remaining())]),
            None => return Poll::Pending,
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Fake {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.0).flushes += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.0).shutdowns += 1;
        Poll::Ready(Ok(()))
    }

    fn is_write_vectored(&self) -> bool {
        lock(&self.0).is_vectored
    }
}

impl Connects for Fake {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// A body behind a head of such a framing.
fn body(wire: &Arc<Wire>, framing: Framing, first: &'static str) -> WireBody {
    let head = Head {
        response: http::Response::new(()),
        framing,
        is_last: false,
    };
    wire.direct_body(&head, Bytes::from(first), None)
}

#[test]
fn an_idle_connection_is_taken_from_hyper() {
    let (_, wire) = Fake::of(&[]);
    assert!(wire.take_over());
    assert!(matches!(lock(&wire.shared).reader, Reader::Direct(_)));
    // What was not waited for, or the connection's end.
    for piece in ["x", ""] {
        let (_, wire) = Fake::of(&[piece]);
        wire.expect_head(false);
        assert!(!wire.take_over(), "{piece:?}");
        assert!(matches!(lock(&wire.shared).reader, Reader::Hyper));
    }
}

#[test]
fn hyper_uses_the_socket_while_it_has_it() {
    let (fake, wire) = Fake::of(&[]);
    wire.expect_head(true);
    let mut hyper = HyperIo(wire);
    assert!(!hyper.is_write_vectored());
    lock(&fake.0).is_vectored = true;
    assert!(hyper.is_write_vectored());
    assert!(Pin::new(&mut hyper).poll_flush(&mut context()).is_ready());
    let shut = Pin::new(&mut hyper).poll_shutdown(&mut context());
    assert!(shut.is_ready());
    let state = lock(&fake.0);
    assert_eq!((state.flushes, state.shutdowns), (1, 1));
}

/// A body that came with its head needs no second look.
#[test]
fn a_whole_body_is_taken_as_it_is() {
    let (_, wire) = Fake::of(&[]);
    let mut whole = body(&wire, Framing::Length(2), "ok");
    assert_eq!(whole.whole().unwrap(), "ok");
    assert!(whole.is_over() && !whole.is_followed);
    for first in ["o", "ok!"] {
        let mut part = body(&wire, Framing::Length(2), first);
        assert_eq!(part.whole(), None, "{first}");
        assert!(!part.is_over());
    }
}

/// A server that waits is not waited for.
#[test]
fn what_is_no_chunk_is_an_error_at_once() {
    let (_, wire) = Fake::of(&[]);
    let mut nothing = body(&wire, Framing::Chunked, "zz\r\n");
    assert!(matches!(
        nothing.poll_data(&mut context()),
        Poll::Ready(Err(_))
    ));
    let mut some = body(&wire, Framing::Chunked, "2\r\nok\r\nzz\r\n");
    assert!(matches!(some.poll_data(&mut context()), Poll::Ready(Ok(data)) if data == "ok"));
    assert!(matches!(
        some.poll_data(&mut context()),
        Poll::Ready(Err(_))
    ));
}

#[test]
fn a_connection_with_more_than_the_response_is_not_used_again() {
    for (pieces, is_free) in [(&["k"][..], true), (&["k!"], false), (&["k", "!"], false)] {
        let (_, wire) = Fake::of(pieces);
        lock(&wire.shared).hyper = Some(Waker::noop().clone());
        let mut body = body(&wire, Framing::Length(2), "o");
        for expected in ["o", "k", ""] {
            let data = body.poll_data(&mut context());
            assert!(matches!(data, Poll::Ready(Ok(data)) if data == expected));
        }
        assert_eq!(body.release(), is_free, "{pieces:?}");
    }
}
