//! The line decoder over every way to cut a body.

use super::{Decoder, JsonlError};

type Row = Result<(u64, String), JsonlError>;

fn decode<'a>(mut decoder: Decoder, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Row> {
    let owned = |line: super::Line<'_>| (line.number(), line.text().to_owned());
    let mut rows = Vec::new();
    for chunk in chunks {
        decoder.push(chunk);
        while let Some(line) = decoder.next_line() {
            rows.push(line.map(owned));
        }
    }
    while let Some(line) = decoder.finish() {
        rows.push(line.map(owned));
    }
    rows
}

/// Decodes `body` cut everywhere, and checks that the cuts make no difference.
fn rows(make: impl Fn() -> Decoder, body: &[u8]) -> Vec<Row> {
    let whole = decode(make(), [body]);
    assert_eq!(decode(make(), body.chunks(1)), whole, "{body:?} bytewise");
    for at in 0..=body.len() {
        let (head, tail) = body.split_at(at);
        assert_eq!(decode(make(), [head, tail]), whole, "{body:?} cut at {at}");
    }
    whole
}

fn good(rows: &[(u64, &str)]) -> Vec<Row> {
    rows.iter()
        .map(|(number, text)| Ok((*number, (*text).to_owned())))
        .collect()
}

#[test]
fn lines_are_numbered_and_blank_ones_passed_over() {
    let expected = good(&[(1, r#"{"a":1}"#), (4, r#""ü🌍""#), (5, "[2]")]);
    for end in ["\n", "\r\n"] {
        for (start, finish) in [("", ""), ("\u{feff}", end), ("", " \n \n")] {
            let body = ["{\"a\":1}", "", " \t", "\"ü🌍\"", "[2]"].join(end);
            let body = format!("{start}{body}{finish}");
            let found = rows(Decoder::new, body.as_bytes());
            if finish == " \n \n" {
                assert_eq!(found.len(), 3);
                assert_eq!(found[2], Ok((5, "[2] ".to_owned())));
            } else {
                assert_eq!(found, expected, "{body:?}");
            }
        }
    }
    assert_eq!(rows(Decoder::new, b""), []);
    assert_eq!(rows(Decoder::new, b"\n\r\n \r"), []);
}

#[test]
fn a_lone_cr_is_white_space_in_a_row() {
    let found = rows(Decoder::new, b"[1,\r2]\r\n\r[3]\r");
    assert_eq!(found, good(&[(1, "[1,\r2]"), (2, "\r[3]")]));
}

#[test]
fn a_cut_last_line_is_an_error_after_the_rows_before_it() {
    let body = "{\"n\":1}\n\n{\"n\":2,\"s\":\"é\"}\n".as_bytes();
    let first = good(&[(1, "{\"n\":1}")]);
    for at in 10..body.len() - 2 {
        let mut expected = first.clone();
        expected.push(Err(JsonlError::Truncated { line: 3 }));
        assert_eq!(rows(Decoder::new, &body[..at]), expected, "cut at {at}");
    }
    let whole = good(&[(1, "{\"n\":1}"), (3, "{\"n\":2,\"s\":\"é\"}")]);
    assert_eq!(rows(Decoder::new, &body[..body.len() - 1]), whole);
    assert_eq!(rows(Decoder::new, body), whole);
}

#[test]
fn a_line_that_is_not_utf_8_is_an_error_of_that_line_alone() {
    let found = rows(Decoder::new, b"[1]\n\"a\xFF\"\n[3]\n");
    let error = JsonlError::InvalidUtf8 {
        line: 2,
        valid_up_to: 2,
    };
    assert_eq!(
        found,
        [Ok((1, "[1]".into())), Err(error), Ok((3, "[3]".into()))]
    );
    assert_eq!(error.line(), 2);
}

#[test]
fn a_line_over_the_limit_is_an_error_and_nothing_is_kept() {
    let found = rows(|| Decoder::new().max_line_bytes(5), b"12345\n123456\n1\n");
    assert_eq!(
        found,
        [
            Ok((1, "12345".into())),
            Err(JsonlError::TooLarge { limit: 5, line: 2 })
        ]
    );
    let found = rows(|| Decoder::new().max_line_bytes(5), b"12345\r\n12345\r");
    assert_eq!(found, good(&[(1, "12345"), (2, "12345")]));
}

#[test]
fn reading_goes_on_after_a_line() {
    let body = b"[1]\n\nbad \xFF\n[4]\n[5]";
    let after = |line| rows(move || Decoder::new().after_line(line), body);
    assert_eq!(after(3), good(&[(4, "[4]"), (5, "[5]")]));
    assert_eq!(after(4), good(&[(5, "[5]")]));
    assert_eq!(after(5), []);
    assert_eq!(after(0).len(), 4);
}

#[test]
fn reading_goes_on_after_a_line_that_was_too_large() {
    let make = || Decoder::new().max_line_bytes(5).after_line(2);
    assert_eq!(rows(make, b"12345\n123456\n1\n"), good(&[(3, "1")]));
    let mut decoder = make();
    decoder.push(b"[1]\n1234567890");
    assert!(decoder.next_line().is_none());
    assert_eq!(
        decoder.carry.capacity(),
        0,
        "what is passed over is not kept"
    );
}

#[test]
fn a_large_line_is_scanned_once_and_its_memory_given_back() {
    let mut body = vec![b'1'; 16 << 20];
    body.extend_from_slice(b"\n");
    let mut decoder = Decoder::new();
    for chunk in body.chunks(1 << 10) {
        assert!(decoder.next_line().is_none());
        decoder.push(chunk);
    }
    assert_eq!(decoder.next_line().unwrap().unwrap().text().len(), 16 << 20);
    assert!(decoder.next_line().is_none());
    assert_eq!(decoder.input.scanned.get(), body.len() as u64);
    assert_eq!(
        (
            decoder.carry.capacity(),
            decoder.lines(),
            decoder.buffered()
        ),
        (0, 1, 0)
    );
}

#[test]
fn a_line_inside_a_chunk_is_not_copied() {
    let body = bytes::Bytes::from_static(b"[1]\n[2]\n[");
    let mut decoder = Decoder::new();
    decoder.feed(body.clone());
    assert_eq!(
        decoder.next_line().unwrap().unwrap().text().as_ptr(),
        body.as_ptr()
    );
    assert_eq!(
        decoder.next_line().unwrap().unwrap().text().as_ptr(),
        body[4..].as_ptr()
    );
    assert!(decoder.next_line().is_none());
    assert_eq!(decoder.buffered(), 1);
}

#[test]
fn it_counts_bytes_and_lines_as_they_come() {
    let mut decoder = Decoder::new();
    assert_eq!((decoder.bytes(), decoder.lines()), (0, 0));
    decoder.push(b"1\n\nx\n{");
    assert_eq!((decoder.bytes(), decoder.lines()), (6, 0));
    while decoder.next_line().is_some() {}
    assert_eq!((decoder.bytes(), decoder.lines()), (6, 3));
    decoder.push(b"}");
    assert!(decoder.finish().is_some());
    assert_eq!((decoder.bytes(), decoder.lines()), (7, 4));
}
