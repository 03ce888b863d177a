//! Frames against `aws-smithy-eventstream`, split and broken in every way.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};

use super::*;

mod random;

fn encoded(message: &Message) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_message_to(message, &mut bytes).unwrap();
    bytes
}

/// A frame with a header of every type.
fn message(payload: &'static [u8]) -> Message {
    let text = |text: &'static str| HeaderValue::String(text.into());
    Message::new(payload)
        .add_header(Header::new("yes", HeaderValue::Bool(true)))
        .add_header(Header::new("no", HeaderValue::Bool(false)))
        .add_header(Header::new("byte", HeaderValue::Byte(-1)))
        .add_header(Header::new("short", HeaderValue::Int16(-2)))
        .add_header(Header::new("int", HeaderValue::Int32(3)))
        .add_header(Header::new("long", HeaderValue::Int64(4)))
        .add_header(Header::new(
            "bytes",
            HeaderValue::ByteArray(b"abc"[..].into()),
        ))
        .add_header(Header::new(":content-type", text("application/json")))
        .add_header(Header::new(
            "time",
            HeaderValue::Timestamp(aws_smithy_types::DateTime::from_secs(5)),
        ))
        .add_header(Header::new("uuid", HeaderValue::Uuid(6)))
        .add_header(Header::new(":message-type", text("event")))
        .add_header(Header::new(":event-type", text("chunk")))
}

fn read(pieces: &[&[u8]]) -> Result<Vec<Frame>, FrameError> {
    let (mut frames, mut read) = (Frames::default(), Vec::new());
    for piece in pieces {
        frames.push(Bytes::copy_from_slice(piece));
        while let Some(frame) = frames.next()? {
            read.push(frame);
        }
    }
    frames.end()?;
    Ok(read)
}

#[test]
fn frames_are_read_wherever_they_are_split() {
    let mut bytes = encoded(&message(b"{}"));
    let first = bytes.len() as u64;
    bytes.extend(encoded(&message(b"")));
    for split in 0..=bytes.len() {
        let (one, two) = bytes.split_at(split);
        let frames = read(&[one, two]).unwrap();
        assert_eq!(frames.len(), 2);
        assert_eq!(&frames[0].payload[..], b"{}");
        assert_eq!(&frames[0].headers.message_type[..], b"event");
        assert_eq!(&frames[0].headers.event_type[..], b"chunk");
        assert_eq!((frames[0].offset, frames[1].offset), (0, first));
        assert!(frames[1].payload.is_empty());
    }
}

#[test]
fn only_a_frame_that_is_split_is_copied() {
    let frame = encoded(&message(b"{}"));
    let bytes = Bytes::from([frame.clone(), frame.clone(), frame.clone()].concat());
    let (one, two) = (
        bytes.slice(..frame.len() + 20),
        bytes.slice(frame.len() + 20..),
    );
    let (mut frames, mut copied) = (Frames::default(), Vec::new());
    for chunk in [one, two] {
        frames.push(chunk);
        while let Some(frame) = frames.next().unwrap() {
            copied.push(!bytes.as_ptr_range().contains(&frame.payload.as_ptr()));
        }
        assert!(frames.start.len() < frame.len(), "no more is copied");
    }
    assert_eq!(copied, [false, true, false]);
}

#[test]
fn frames_are_read_byte_by_byte_and_from_chunks_that_are_not_drained() {
    let bytes = encoded(&message(b"{}")).repeat(3);
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(read(&single).unwrap().len(), 3);
    let mut frames = Frames::default();
    for piece in bytes.chunks(50) {
        frames.push(Bytes::copy_from_slice(piece));
    }
    let all = std::iter::from_fn(|| frames.next().unwrap());
    assert_eq!(all.count(), 3);
    frames.end().unwrap();
}

#[test]
fn a_byte_that_changed_is_noticed_wherever_it_is() {
    let bytes = encoded(&message(b"{\"bytes\":\"\"}"));
    for place in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[place] ^= 0x10;
        assert_eq!(
            read(&[&broken]).unwrap_err().kind(),
            FrameErrorKind::Checksum,
            "byte {place}"
        );
    }
}

#[test]
fn a_stream_that_ends_in_a_frame_is_incomplete() {
    let bytes = encoded(&message(b"{}"));
    for end in 1..bytes.len() {
        let error = read(&[&bytes[..end]]).unwrap_err();
        assert_eq!(error, FrameError::new(FrameErrorKind::Incomplete, 0));
    }
}

/// A frame with these lengths, whatever they are, and right checksums.
fn frame(total: u32, headers_len: u32, rest: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(total.to_be_bytes());
    bytes.extend(headers_len.to_be_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes.extend(rest);
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes
}

#[test]
fn lengths_that_cant_be_are_refused_before_anything_is_waited_for() {
    for (total, headers_len) in [
        (0, 0),
        (15, 0),
        (16, 1),
        (u32::MAX, u32::MAX),
        (u32::MAX, 0),
        (16, u32::MAX),
        ((128 << 10) + 17, (128 << 10) + 1),
        ((24 << 20) + 17, 0),
    ] {
        let error = read(&[&frame(total, headers_len, b"")[..12]]).unwrap_err();
        assert_eq!(
            error.kind(),
            FrameErrorKind::Length,
            "{total} {headers_len}"
        );
    }
}

#[test]
fn headers_that_are_cut_or_unknown_are_refused() {
    for headers in [
        &b"\x05ab"[..],
        b"\x01a",
        b"\x01a\x0a",
        b"\x01a\x07\x00",
        b"\x01a\x07\x00\x05abc",
        b"\x01a\x06\xff\xff",
        b"\x01a\x09abc",
        b"\x0d:message-type\x02\x01",
    ] {
        let len = u32::try_from(headers.len()).unwrap();
        let error = read(&[&frame(len + 16, len, headers)]).unwrap_err();
        assert_eq!(error.kind(), FrameErrorKind::Headers, "{headers:?}");
    }
}

#[test]
fn the_usual_headers_are_those_that_awss_encoder_writes() {
    let text = |text: &'static str| HeaderValue::String(text.into());
    let message = Message::new(&b"{}"[..])
        .add_header(Header::new(":event-type", text("chunk")))
        .add_header(Header::new(":content-type", text("application/json")))
        .add_header(Header::new(":message-type", text("event")));
    let bytes = encoded(&message);
    assert_eq!(&bytes[PRELUDE..bytes.len() - TRAILER - 2], USUAL);
    let frames = read(&[&bytes]).unwrap();
    assert_eq!(&frames[0].headers.message_type[..], b"event");
    assert_eq!(&frames[0].headers.event_type[..], b"chunk");
    assert_eq!(&frames[0].payload[..], b"{}");
}
