//! The event decoder against a plain line splitter, over every way to cut a body.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use super::{Decoder, SseError};

mod memory;

/// Name, data, whether a blank line ended it.
type Owned = (String, String, bool);

const LINE_ENDS: [&str; 3] = ["\n", "\r\n", "\r"];

fn next(decoder: &mut Decoder) -> Option<Owned> {
    let event = decoder.next_event()?.unwrap();
    Some((
        event.name().to_owned(),
        event.data().to_owned(),
        event.is_terminated(),
    ))
}

fn decode<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Owned> {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.push(chunk);
        events.extend(std::iter::from_fn(|| next(&mut decoder)));
    }
    while let Some(event) = decoder.finish() {
        let event = event.unwrap();
        events.push((
            event.name().to_owned(),
            event.data().to_owned(),
            event.is_terminated(),
        ));
    }
    events
}

fn bytewise(body: &[u8]) -> Vec<Owned> {
    decode(body.chunks(1))
}

/// Whether `body`, cut at `at`, holds exactly these events. Copies nothing: it runs for each byte
/// of a body.
fn cut_decodes_to(body: &Bytes, at: usize, expected: &[Owned]) -> bool {
    let mut decoder = Decoder::new();
    let mut expected = expected.iter();
    for chunk in [body.slice(..at), body.slice(at..)] {
        decoder.feed(chunk);
        while let Some(event) = decoder.next_event() {
            let event = event.unwrap();
            let found = (event.name(), event.data(), event.is_terminated());
            if expected
                .next()
                .map(|(name, data, end)| (&**name, &**data, *end))
                != Some(found)
            {
                return false;
            }
        }
    }
    decoder.finish().is_none() && expected.next().is_none()
}

/// The same job done the obvious way, for bodies with `\n` line ends.
fn reference(body: &str) -> Vec<Owned> {
    body.split("\n\n")
        .filter_map(|block| {
            let values = |field: &str| {
                let lines = block.lines().filter_map(|line| line.strip_prefix(field));
                lines
                    .map(|value| value.strip_prefix(' ').unwrap_or(value))
                    .collect::<Vec<_>>()
            };
            let (names, data) = (values("event:"), values("data:"));
            let name = (*names.last()?).to_owned();
            Some((name, data.join("\n"), true))
        })
        .collect()
}

fn transcripts() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/transcripts");
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().is_some_and(|path| path.ends_with(".lf.sse")))
        .map(|path| {
            (
                path.to_str().unwrap().to_owned(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    found.sort();
    assert!(found.len() >= 7, "transcripts are missing: {found:?}");
    found
}

#[test]
fn transcripts_come_in_three_line_ends() {
    for (path, lf) in transcripts() {
        for (kind, end) in [("crlf", "\r\n"), ("cr", "\r")] {
            let body = fs::read_to_string(path.replace(".lf.", &format!(".{kind}."))).unwrap();
            assert_eq!(body, lf.replace('\n', end), "{path} as {kind}");
        }
    }
}

#[test]
fn transcripts_decode_alike_however_they_are_cut() {
    for (path, lf) in transcripts() {
        let expected = reference(&lf);
        assert_eq!(expected.last().unwrap().0, "message_stop", "{path}");
        for (end, bom) in LINE_ENDS
            .into_iter()
            .flat_map(|end| [(end, ""), (end, "\u{feff}")])
        {
            let body = format!("{bom}{}", lf.replace('\n', end));
            assert_eq!(
                bytewise(body.as_bytes()),
                expected,
                "{path} {end:?} bytewise"
            );
            for size in [2, 3, 7, 64, 1000, body.len()] {
                let found = decode(body.as_bytes().chunks(size));
                assert!(found == expected, "{path} {end:?} in chunks of {size}");
            }
            // A cut matters to the event it is in and to the next one. Checking these two for every
            // cut takes a hundredth of the time that the whole body takes; the short bodies are cut
            // whole.
            let blocks: Vec<&str> = lf.split_inclusive("\n\n").collect();
            let width = if lf.len() < 2000 { blocks.len() } else { 2 };
            for pair in blocks.windows(width) {
                let expected = reference(&pair.concat());
                let part = Bytes::from(format!("{bom}{}", pair.concat().replace('\n', end)));
                for at in 0..=part.len() {
                    assert!(cut_decodes_to(&part, at, &expected), "{part:?} cut at {at}");
                }
            }
        }
    }
}

#[test]
fn a_cut_body_yields_the_events_before_the_cut() {
    let (_, body) = transcripts().swap_remove(0);
    let whole = reference(&body);
    for at in 0..body.len() {
        let mut decoder = Decoder::new();
        decoder.push(&body.as_bytes()[..at]);
        let events: Vec<_> = std::iter::from_fn(|| next(&mut decoder)).collect();
        assert_eq!(events, whole[..events.len()], "cut at {at}");
        let ends = body.as_bytes()[..at]
            .windows(2)
            .filter(|pair| pair == b"\n\n")
            .count();
        assert_eq!(events.len(), ends);
        match decoder.finish() {
            Some(Ok(event)) => assert!(!event.is_terminated()),
            Some(Err(error)) => {
                assert_eq!(
                    error,
                    SseError::EndInCharacter {
                        event: events.len() as u64 + 1
                    }
                );
            }
            None => {}
        }
        assert!(decoder.finish().is_none());
    }
}

/// Bodies and the events they hold: (name, data), all ended by a blank line.
const CASES: &[(&str, &[(&str, &str)])] = &[
    ("data: a\n\n", &[("", "a")]),
    ("data:a\n\n", &[("", "a")]),
    ("data:  a \n\n", &[("", " a ")]),
    ("data: a\ndata:b\ndata\ndata: c\n\n", &[("", "a\nb\n\nc")]),
    ("data:\n\n", &[("", "")]),
    ("data\n\n", &[("", "")]),
    ("event: ping\n\n", &[("ping", "")]),
    ("event: ping\ndata: \n\n", &[("ping", "")]),
    ("event: a\nevent: b\ndata: x\n\n", &[("b", "x")]),
    ("event\ndata: x\n\n", &[("", "x")]),
    (
        ": hello\n\n\n\ndata: x\n: inside\ndata: y\n\n",
        &[("", "x\ny")],
    ),
    ("id: 7\n\nretry: 100\n\nx: y\n\ndata: z\n\n", &[("", "z")]),
    (
        "dat: x\ndatax: y\nDATA: z\n data: u\ndata: v\n\n",
        &[("", "v")],
    ),
    (
        "data: a:b\n\n:\n\ndata: c\u{2028}d\u{85}\u{b}\n\n",
        &[("", "a:b"), ("", "c\u{2028}d\u{85}\u{b}")],
    ),
    (
        "data: \u{feff}x\n\n\u{feff}data: y\n\n",
        &[("", "\u{feff}x")],
    ),
    ("data: 1\n\ndata: 2\n\n", &[("", "1"), ("", "2")]),
    (
        "data: a\nunknown: b\nevent: c\n: d\n\ndata: e\n\n",
        &[("c", "a"), ("", "e")],
    ),
    // What the decoder expects most, where it stands for something else.
    (
        "event: content_block_delta\ndata: a\n\nevent: content_block_delta\ndata: b\ndata: c\n\n",
        &[
            ("content_block_delta", "a"),
            ("content_block_delta", "b\nc"),
        ],
    ),
    (
        "event: content_block_delta\ndata:a\n\n",
        &[("content_block_delta", "a")],
    ),
    (
        "data: a\nevent: content_block_delta\ndata: b\n\n",
        &[("content_block_delta", "a\nb")],
    ),
    (
        "event: content_block_delta\ndata: a\nevent: content_block_delta\ndata: b\n\n",
        &[("content_block_delta", "a\nb")],
    ),
    (
        ": x\nid: 1\nevent: content_block_delta\ndata: a\nid: 2\nevent: b\n\n",
        &[("b", "a")],
    ),
    (
        "event: content_block_delta\ndata: \n\nevent: content_block_delta\ndata:  a\n\n",
        &[("content_block_delta", ""), ("content_block_delta", " a")],
    ),
    ("", &[]),
    ("\n\n\n", &[]),
];

#[test]
fn fields_are_read_as_the_standard_says() {
    for (body, expected) in CASES {
        let expected: Vec<Owned> = expected
            .iter()
            .map(|(name, data)| ((*name).into(), (*data).into(), true))
            .collect();
        for end in LINE_ENDS {
            let body = body.replace('\n', end).into_bytes();
            assert_eq!(bytewise(&body), expected, "{body:?}");
            for at in 0..=body.len() {
                let (head, tail) = body.split_at(at);
                assert_eq!(decode([head, tail]), expected, "{body:?} cut at {at}");
            }
        }
    }
}

#[test]
fn line_ends_can_be_mixed() {
    let body = b"data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\rdata: e\n\n";
    let expected = [("a\nb\nc"), "d", "e"].map(|data| (String::new(), data.to_owned(), true));
    assert_eq!(bytewise(body), expected);
    assert_eq!(decode([&body[..]]), expected);
}

#[test]
fn an_event_is_handed_out_at_its_blank_line_without_waiting_for_more() {
    let mut decoder = Decoder::new();
    decoder.push(b"data: a\r\n\r");
    assert_eq!(next(&mut decoder).unwrap().1, "a");
    decoder.push(b"\ndata: b\r\r");
    assert_eq!(next(&mut decoder).unwrap().1, "b");
    assert!(next(&mut decoder).is_none());
}

#[test]
fn only_one_byte_order_mark_is_dropped_and_only_at_the_start() {
    let expected = [(String::new(), "x".to_owned(), true)];
    assert_eq!(bytewise("\u{feff}data: x\n\n".as_bytes()), expected);
    assert_eq!(bytewise("\u{feff}\u{feff}data: x\n\n".as_bytes()), []);
    // Two of its three bytes, then something else: an unknown field.
    assert_eq!(bytewise(b"\xEF\xBBdata: x\n\ndata: x\n\n"), expected);
    assert_eq!(
        decode([&b"\xEF\xBB"[..], b"data: x\n\ndata: x\n\n"]),
        expected
    );
    assert_eq!(bytewise(b"\xEF\xBB"), []);
}

#[test]
fn an_event_left_open_is_handed_out_by_finish() {
    for (body, name, data) in [
        ("event: message_stop\ndata: {}", "message_stop", "{}"),
        ("event: message_stop\ndata: {}\n", "message_stop", "{}"),
        ("event: message_stop\ndata: {}\r", "message_stop", "{}"),
        ("event: message_st", "message_st", ""),
        ("data: a\nda", "", "a"),
        ("data: a\ndata: b", "", "a\nb"),
    ] {
        let expected = [(name.to_owned(), data.to_owned(), false)];
        assert_eq!(bytewise(body.as_bytes()), expected, "{body:?}");
        assert_eq!(decode([body.as_bytes()]), expected, "{body:?}");
    }
    assert_eq!(
        bytewise(b"data: a\n\n: bye"),
        [(String::new(), "a".to_owned(), true)]
    );
    assert_eq!(
        bytewise(b"data: a\n\nid: 3"),
        [(String::new(), "a".to_owned(), true)]
    );
}

#[test]
fn finish_hands_out_what_was_not_read_yet() {
    let mut decoder = Decoder::new();
    decoder.push(b"data: a\n\ndata: b\n\nda");
    decoder.push(b"ta: c");
    let mut seen = Vec::new();
    while let Some(event) = decoder.finish() {
        let event = event.unwrap();
        seen.push((event.data().to_owned(), event.is_terminated()));
    }
    assert_eq!(
        seen,
        [("a".into(), true), ("b".into(), true), ("c".into(), false)]
    );
}

#[test]
fn the_last_id_and_delay_persist() {
    let mut decoder = Decoder::new();
    decoder.push(b"data: a\n\nid: 1\nretry: 2500\ndata: b\n\ndata: c\n\nid: x\0\nretry: 1s\ndata: d\n\nid\ndata: e\n\n");
    let mut ids = Vec::new();
    while let Some(event) = decoder.next_event() {
        ids.push(event.unwrap().id().to_owned());
    }
    assert_eq!(ids, ["", "1", "1", "1", ""]);
    assert_eq!(decoder.retry(), Some(Duration::from_millis(2500)));
}

#[test]
fn bad_utf_8_is_an_error_of_that_event_alone() {
    let body = b"data: a\n\ndata: ok\xFFbad\n\ndata: \xF0\x9F\n\nevent: \xC3\ndata: x\n\nid: 7\xC3\ndata: y\n\nid: \xC3\n\ndata: \xF0\x9F\x8C\x8D\n\n";
    for size in [1, 2, 3, body.len()] {
        let mut decoder = Decoder::new();
        let mut seen = Vec::new();
        for chunk in body.chunks(size) {
            decoder.push(chunk);
            while let Some(event) = decoder.next_event() {
                seen.push(event.map(|event| event.data().to_owned()));
            }
        }
        assert_eq!(
            seen,
            [
                Ok("a".to_owned()),
                Err(SseError::InvalidUtf8 {
                    event: 2,
                    valid_up_to: 2
                }),
                Err(SseError::InvalidUtf8 {
                    event: 3,
                    valid_up_to: 0
                }),
                Err(SseError::InvalidUtf8 {
                    event: 4,
                    valid_up_to: 0
                }),
                Err(SseError::InvalidUtf8 {
                    event: 5,
                    valid_up_to: 1
                }),
                Ok("\u{1F30D}".to_owned()),
            ]
        );
        assert_eq!((decoder.events(), decoder.bytes()), (6, body.len() as u64));
    }
}

#[test]
fn an_event_over_the_limit_is_an_error_and_nothing_is_kept() {
    let error = SseError::TooLarge {
        limit: 20,
        event: 2,
    };
    for large in [
        "data: aaaaaaaaaaaaaaa\n\n",
        "data: aaaaaaaa\ndata: b\n\n",
        "event: aaaaa\ndata: bbb\n\n",
        "event: content_block_delta\ndata: b\n\n",
        ": a comment that is too long\n\n",
    ] {
        let body = format!("data: 78901234567890\n\n{large}data: after\n\n").into_bytes();
        for size in 1..=body.len() {
            let mut decoder = Decoder::new().max_event_bytes(20);
            let mut seen = Vec::new();
            for chunk in body.chunks(size) {
                decoder.push(chunk);
                while let Some(event) = decoder.next_event() {
                    seen.push(event.map(|event| event.data().len()));
                }
            }
            assert_eq!(seen, [Ok(14), Err(error)], "{large:?} in chunks of {size}");
            assert_eq!(decoder.buffered(), 0);
            assert!(decoder.finish().is_none());
        }
    }
}

#[test]
fn an_event_may_be_exactly_as_large_as_the_limit() {
    for body in [
        "event: content_block_delta\ndata: x\n\n",
        "event: x\ndata: yz\n\n",
    ] {
        let size = body.len() - "\n\n\n".len();
        for (limit, fits) in [(size, true), (size - 1, false)] {
            for chunk in [1, 5, body.len()] {
                let mut decoder = Decoder::new().max_event_bytes(limit);
                let mut seen = Vec::new();
                for chunk in body.as_bytes().chunks(chunk) {
                    decoder.push(chunk);
                    while let Some(event) = decoder.next_event() {
                        seen.push(event.is_ok());
                    }
                }
                assert_eq!(seen, [fits], "{body:?} in chunks of {chunk}");
            }
        }
    }
}

#[test]
fn an_error_names_the_event_and_the_limit() {
    let mut decoder = Decoder::new().max_event_bytes(20);
    decoder.push(b"data: \xFF\n\ndata: \xC3");
    let mut lines = vec![decoder.next_event().unwrap().unwrap_err().to_string()];
    assert!(decoder.next_event().is_none());
    lines.push(decoder.finish().unwrap().unwrap_err().to_string());
    let mut decoder = Decoder::new().max_event_bytes(20);
    decoder.push(b"data: a\n\ndata: 789012345678901");
    decoder.next_event().unwrap().unwrap();
    lines.push(decoder.next_event().unwrap().unwrap_err().to_string());
    assert_eq!(
        lines,
        [
            "event 1 of the stream is not UTF-8 after 0 bytes",
            "the stream ends in the middle of a character, in event 2",
            "event 2 of the stream is larger than the limit of 20 bytes (max_event_bytes)",
        ]
    );
}
