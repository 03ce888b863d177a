//! Random streams of frames, whole and corrupted, cut anywhere: what AWS's own decoder reads is
//! read, and what it refuses is refused.
//!
//! They differ in three things, which [`expected`] knows: headers that describe the frame have to
//! be strings here, which AWS's decoder leaves to what reads the message; text is not checked to be
//! UTF-8 here, since headers that nobody reads may be anything; and there is no limit to a frame
//! there, which makes one that is too long an incomplete one.

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_types::DateTime;
use fastrand::Rng;

use super::*;

/// The headers that are read.
const KNOWN: [&str; 5] = [
    ":message-type",
    ":event-type",
    ":exception-type",
    ":error-code",
    ":error-message",
];

fn text(rng: &mut Rng, most: usize) -> String {
    let mut text = String::new();
    let len = rng.usize(..=most);
    while text.len() < len {
        text.push(match rng.u8(..8) {
            0 => rng.char(..),
            _ => rng.char(' '..='~'),
        });
    }
    let end = (0..=most.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or_default());
    text
}

fn bytes(rng: &mut Rng, most: usize) -> Vec<u8> {
    let len = rng.usize(..=most);
    std::iter::repeat_with(|| rng.u8(..)).take(len).collect()
}

fn value(rng: &mut Rng) -> HeaderValue {
    match rng.u8(..10) {
        0 => HeaderValue::Bool(rng.bool()),
        1 => HeaderValue::Byte(rng.i8(..)),
        2 => HeaderValue::Int16(rng.i16(..)),
        3 => HeaderValue::Int32(rng.i32(..)),
        4 => HeaderValue::Int64(rng.i64(..)),
        5 => {
            let most = if rng.u8(..20) == 0 { 0x7fff } else { 40 };
            HeaderValue::ByteArray(bytes(rng, most).into())
        }
        6 => HeaderValue::Timestamp(DateTime::from_millis(rng.i64(..))),
        7 => HeaderValue::Uuid(rng.u128(..)),
        _ => {
            let most = if rng.u8(..20) == 0 { 0x7fff } else { 40 };
            HeaderValue::String(text(rng, most).into())
        }
    }
}

fn random_message(rng: &mut Rng) -> Message {
    let most = match rng.u8(..20) {
        0 => 70_000,
        1..4 => 1_000,
        4 => 0,
        _ => 50,
    };
    let mut message = Message::new(bytes(rng, most));
    for _ in 0..rng.usize(..8) {
        let header = match rng.u8(..20) {
            0..10 => {
                let value = HeaderValue::String(text(rng, 60).into());
                Header::new(KNOWN[rng.usize(..5)], value)
            }
            10 => Header::new(KNOWN[rng.usize(..5)], value(rng)),
            11 => Header::new(text(rng, 255), value(rng)),
            _ => Header::new(text(rng, 12), value(rng)),
        };
        message = message.add_header(header);
    }
    message
}

/// Writes the checksums of a frame anew, where it has both.
fn seal(frame: &mut [u8]) {
    if frame.len() < PRELUDE + TRAILER {
        return;
    }
    let prelude = crc32fast::hash(&frame[..8]);
    frame[8..12].copy_from_slice(&prelude.to_be_bytes());
    let end = frame.len() - TRAILER;
    let whole = crc32fast::hash(&frame[..end]);
    frame[end..].copy_from_slice(&whole.to_be_bytes());
}

/// A frame in which a few bytes are others, and in most cases checksums that are right again, so
/// that what is behind them is read.
fn corrupted(rng: &mut Rng) -> Vec<u8> {
    let mut frame = encoded(&random_message(rng));
    let headers = usize::from(frame[6]) << 8 | usize::from(frame[7]);
    for _ in 0..rng.usize(1..4) {
        let end = frame.len();
        match rng.u8(..12) {
            // The lengths.
            0 => frame[3] = frame[3].wrapping_add(rng.u8(..4)),
            1 => frame[7] = frame[7].wrapping_add(rng.u8(..4)),
            2 => frame[rng.usize(..8.min(end))] = rng.u8(..),
            // The headers.
            3..9 if headers > 0 => {
                let place = PRELUDE + rng.usize(..headers);
                if let Some(byte) = frame.get_mut(place) {
                    *byte = [rng.u8(..), rng.u8(..12), byte.wrapping_add(1)][rng.usize(..3)];
                }
            }
            9 => frame.truncate(rng.usize(PRELUDE..=end)),
            10 => frame.insert(rng.usize(PRELUDE..=end), rng.u8(..)),
            _ => frame[rng.usize(..end)] ^= 1 << rng.u8(..8),
        }
    }
    if rng.u8(..5) > 0 {
        let len = u32::try_from(frame.len()).unwrap();
        if rng.bool() {
            frame[..4].copy_from_slice(&len.to_be_bytes());
        }
        seal(&mut frame);
    }
    frame
}

/// A frame whose headers have any type, one that there is or not, and now and then another length
/// than that of their type.
fn untyped(rng: &mut Rng) -> Vec<u8> {
    let mut headers = Vec::new();
    for _ in 0..rng.usize(..4) {
        let name = [":error-code", "name", ""][rng.usize(..3)];
        headers.push(u8::try_from(name.len()).unwrap());
        headers.extend(name.as_bytes());
        let kind = rng.u8(..12);
        headers.push(kind);
        let len = match kind {
            2 => 1,
            3 => 2,
            4 => 4,
            5 | 8 => 8,
            6 | 7 => {
                let len = rng.u8(..5);
                headers.extend([0, len]);
                usize::from(len)
            }
            9 => 16,
            _ => 0,
        };
        let other = rng.u8(..20) == 0;
        let len = if other { rng.usize(..20) } else { len };
        headers.extend(std::iter::repeat_with(|| rng.u8(..128)).take(len));
    }
    let len = u32::try_from(headers.len()).unwrap();
    headers.extend(bytes(rng, 20));
    let total = u32::try_from(PRELUDE + headers.len() + TRAILER).unwrap();
    frame(total, len, &headers)
}

/// Frames, and where they end.
type Reading = (Vec<Frame>, End);

#[derive(Debug, PartialEq)]
enum End {
    Read,
    Refused,
    /// Text that is no UTF-8, which is not looked at here.
    Unread,
}

/// What AWS's decoder makes of a stream.
fn expected(stream: &[u8]) -> Reading {
    let (mut frames, mut rest) = (Vec::new(), stream);
    let mut decoder = MessageFrameDecoder::new();
    loop {
        let offset = (stream.len() - rest.len()) as u64;
        if rest.is_empty() {
            return (frames, End::Read);
        }
        let message = match decoder.decode_frame(&mut rest) {
            Ok(DecodedFrame::Complete(message)) => message,
            Err(error) if format!("{error:?}").contains("InvalidUtf8String") => {
                return (frames, End::Unread);
            }
            Ok(DecodedFrame::Incomplete) | Err(_) => return (frames, End::Refused),
        };
        let mut headers = Headers::default();
        for header in message.headers() {
            let place = match header.name().as_str() {
                ":message-type" => &mut headers.message_type,
                ":event-type" => &mut headers.event_type,
                ":exception-type" => &mut headers.exception_type,
                ":error-code" => &mut headers.error_code,
                ":error-message" => &mut headers.error_message,
                _ => continue,
            };
            let Ok(text) = header.value().as_string() else {
                return (frames, End::Refused);
            };
            *place = text.as_bytes().clone();
        }
        frames.push(Frame {
            headers,
            payload: message.payload().clone(),
            offset,
        });
    }
}

/// What is read here of a stream that comes in random pieces.
fn found(rng: &mut Rng, stream: &[u8]) -> Reading {
    let (mut reader, mut frames, mut rest) = (Frames::default(), Vec::new(), stream);
    let most = [1, 20, 500, stream.len()][rng.usize(..4)];
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rng.usize(..=most).min(rest.len()));
        rest = behind;
        reader.push(Bytes::copy_from_slice(piece));
        loop {
            match reader.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, End::Refused),
            }
        }
    }
    let end = reader.end().map_or(End::Refused, |()| End::Read);
    (frames, end)
}

#[test]
fn frames_are_read_as_awss_own_decoder_reads_them() {
    let mut rng = Rng::with_seed(1);
    let (mut read, mut kept) = (0, 0);
    for round in 0..1_000 {
        let messages: Vec<_> = (0..rng.usize(1..4))
            .map(|_| random_message(&mut rng))
            .collect();
        let stream: Vec<u8> = messages.iter().flat_map(encoded).collect();
        let expected = expected(&stream);
        assert_eq!(found(&mut rng, &stream), expected, "round {round}");
        read += expected.0.len();
        kept += usize::from(expected.1 == End::Read);
    }
    // A header that describes the frame and is no string is in some.
    assert!(
        read > 1_500 && (600..1_000).contains(&kept),
        "{read} {kept}"
    );
}

#[test]
fn what_awss_own_decoder_refuses_is_refused_and_nothing_else() {
    let mut rng = Rng::with_seed(2);
    let mut ends = [0; 3];
    for round in 0..2_000 {
        let mut stream = Vec::new();
        let count = rng.usize(1..4);
        let bad = rng.usize(..count);
        for number in 0..count {
            stream.extend(match (number == bad, rng.u8(..4)) {
                (true, 0) => untyped(&mut rng),
                (true, _) => corrupted(&mut rng),
                (false, _) => encoded(&random_message(&mut rng)),
            });
        }
        let (expected, end) = expected(&stream);
        let (found, found_end) = found(&mut rng, &stream);
        ends[match end {
            End::Read => 0,
            End::Refused => 1,
            End::Unread => 2,
        }] += 1;
        if end == End::Unread {
            assert_eq!(found[..expected.len()], expected, "round {round}");
            continue;
        }
        assert_eq!((found, found_end), (expected, end), "round {round}");
    }
    assert!(ends.iter().all(|count| *count > 50), "{ends:?}");
}
