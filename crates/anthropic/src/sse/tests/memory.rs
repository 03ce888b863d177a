//! What the decoder keeps, copies, counts and scans.

use bytes::Bytes;

use super::next;
use crate::sse::{Decoder, KEPT_CAPACITY};

#[test]
fn comments_without_end_take_no_memory() {
    let mut decoder = Decoder::new().max_event_bytes(100);
    decoder.push(b"event: x\n");
    for _ in 0..1000 {
        decoder.push(b": still here\nunknown: field\n");
        assert!(decoder.next_event().is_none());
        assert!(decoder.buffered() < 100, "{decoder:?}");
    }
    decoder.push(b"data: y\n\n");
    assert_eq!(next(&mut decoder), Some(("x".into(), "y".into(), true)));
}

#[test]
fn a_large_event_is_scanned_once_and_its_memory_given_back() {
    const SIZE: usize = 16 << 20;
    let mut body = b"event: big\ndata: ".to_vec();
    body.resize(SIZE, b'x');
    body.extend_from_slice(b"\n\n");
    for chunk_size in [1 << 10, body.len()] {
        let mut decoder = Decoder::new();
        for chunk in body.chunks(chunk_size) {
            assert!(decoder.next_event().is_none());
            decoder.push(chunk);
        }
        assert_eq!(
            next(&mut decoder).unwrap().1.len(),
            SIZE - "event: big\ndata: ".len()
        );
        assert!(
            decoder.input.scanned.get() <= body.len() as u64,
            "{}",
            decoder.input.scanned.get()
        );
        assert!(next(&mut decoder).is_none());
        assert_eq!(decoder.carry.capacity(), 0);
    }
}

#[test]
fn an_event_inside_a_chunk_is_not_copied() {
    let body = Bytes::from_static(b"event: a\ndata: hello\n\ndata: cut");
    let mut decoder = Decoder::new();
    decoder.feed(body.clone());
    let data = decoder.next_event().unwrap().unwrap().data().as_ptr();
    assert_eq!(data, body[15..].as_ptr());
    assert!(decoder.carry.capacity() == 0 && decoder.lasting.joined.capacity() == 0);
}

#[test]
fn the_data_of_a_large_event_in_pieces_can_be_taken() {
    let text = "x".repeat(4 * KEPT_CAPACITY);
    let body = format!("event: a\ndata: <{text}>\n\ndata: next\n\n");
    for (size, is_loose) in [(1 << 10, true), (body.len(), false)] {
        let mut decoder = Decoder::new();
        let mut chunks = body.as_bytes().chunks(size);
        let data = loop {
            match decoder.next_raw() {
                Some(event) => break event.map(|it| (it.is_loose(), it.data().len())).unwrap(),
                None => decoder.push(chunks.next().unwrap()),
            }
        };
        assert_eq!(data, (is_loose, text.len() + 2));
        if is_loose {
            assert_eq!(decoder.take_data(1..text.len() + 1), text.as_bytes());
        }
        chunks.for_each(|chunk| decoder.push(chunk));
        assert_eq!(next(&mut decoder).unwrap().1, "next");
        assert_eq!(decoder.carry.capacity(), 0);
    }
}

#[test]
fn the_bytes_of_an_open_event_are_counted_and_those_of_a_read_chunk_let_go() {
    let mut decoder = Decoder::new();
    let body = Bytes::from("data: a\n\ndata: bc".to_owned());
    decoder.feed(body.clone());
    assert_eq!(next(&mut decoder).unwrap().1, "a");
    assert!(next(&mut decoder).is_none());
    assert_eq!(decoder.buffered(), "data: bc".len());
    assert!(format!("{decoder:?}").contains("buffered: 8"));
    assert!(body.is_unique(), "it is kept");
    decoder.push(b"d\n\n");
    assert_eq!(next(&mut decoder).unwrap().1, "bcd");
    assert_eq!(decoder.buffered(), 0);
}

#[test]
fn a_decoder_is_used_up_when_there_is_nothing_to_read_and_to_give_back() {
    let mut decoder = Decoder::new();
    assert!(decoder.is_used_up());
    decoder.push(b"data: a\n\ndata: b\n\n");
    assert_eq!(next(&mut decoder).unwrap().1, "a");
    assert!(!decoder.is_used_up(), "there is another event");
    assert_eq!(next(&mut decoder).unwrap().1, "b");
    assert!(decoder.is_used_up());
    for piece in ["data: ", "c\n\n"] {
        assert!(next(&mut decoder).is_none());
        decoder.push(piece.as_bytes());
    }
    assert_eq!(next(&mut decoder).unwrap().1, "c");
    assert!(!decoder.is_used_up(), "it was put together");
    assert!(next(&mut decoder).is_none());
    assert!(decoder.is_used_up());
}

/// Most events begin alike; to find the end of what is known takes no search.
#[test]
fn the_usual_name_is_not_searched_for_its_end() {
    let mut decoder = Decoder::new();
    decoder.push(b"event: content_block_delta\ndata: x\n\n");
    assert_eq!(next(&mut decoder).unwrap().1, "x");
    assert_eq!(decoder.input.scanned.get(), "data: x\n".len() as u64);
}

#[test]
fn memory_is_kept_for_the_next_event_up_to_a_size() {
    // It grows by doubling, and so to exactly that size.
    let pieces = |length: usize| format!("data: {}\n\n", "x".repeat(length));
    for (length, is_kept) in [(KEPT_CAPACITY - 100, true), (KEPT_CAPACITY + 100, false)] {
        let body = pieces(length);
        let mut decoder = Decoder::new();
        for chunk in body.as_bytes().chunks(1 << 10) {
            decoder.push(chunk);
            if let Some(event) = decoder.next_raw() {
                let event = event.unwrap();
                assert_eq!((event.data().len(), event.is_loose()), (length, !is_kept));
            }
        }
        assert!(next(&mut decoder).is_none());
        let kept = if is_kept { KEPT_CAPACITY } else { 0 };
        assert_eq!(decoder.carry.capacity(), kept);
    }
    // What is small, or was joined, is not taken either.
    let long = "x".repeat(2 * KEPT_CAPACITY);
    for body in ["data: x\n\n", &format!("data: {long}\ndata: y\n\n")] {
        let mut decoder = Decoder::new();
        let mut loose = Vec::new();
        for chunk in body.as_bytes().chunks(5) {
            decoder.push(chunk);
            loose.extend(decoder.next_raw().map(|event| event.unwrap().is_loose()));
        }
        assert_eq!(loose, [false]);
    }
}
