use super::super::fake::Fake;
use super::*;

fn with(pieces: &[&str]) -> (Fake, Arc<Wire>) {
    let fake = Fake::of(pieces);
    let wire = Wire::new(Connection::new(fake.clone()));
    (fake, wire)
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
    let (_, wire) = with(&[]);
    assert!(wire.take_over());
    assert!(matches!(lock(&wire.shared).reader, Reader::Direct(_)));
    // What was not waited for, or the connection's end.
    for piece in ["x", ""] {
        let (_, wire) = with(&[piece]);
        wire.expect_head(false);
        assert!(!wire.take_over(), "{piece:?}");
        assert!(matches!(lock(&wire.shared).reader, Reader::Hyper));
    }
}

#[test]
fn hyper_uses_the_socket_while_it_has_it() {
    let (fake, wire) = with(&[]);
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
    let (_, wire) = with(&[]);
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
    let (_, wire) = with(&[]);
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
        let (_, wire) = with(pieces);
        lock(&wire.shared).hyper = Some(Waker::noop().clone());
        let mut body = body(&wire, Framing::Length(2), "o");
        for expected in ["o", "k", ""] {
            let data = body.poll_data(&mut context());
            assert!(matches!(data, Poll::Ready(Ok(data)) if data == expected));
        }
        assert_eq!(body.release(), is_free, "{pieces:?}");
    }
}
