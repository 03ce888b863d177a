//! The parser against `serde_json`, at every character of random documents.

mod items;
mod random;

use fastrand::Rng;
use serde_json::{Value, json};

use super::{Parser, PartialJsonError, PartialJsonErrorKind, Strings};

/// Pushes `text` in random pieces.
fn push_in_pieces(
    text: &str,
    rng: &mut Rng,
    mut push: impl FnMut(&str) -> Result<(), PartialJsonError>,
) -> Result<(), PartialJsonError> {
    let mut rest = text;
    while !rest.is_empty() {
        let wanted = rng.usize(0..12);
        let end = (wanted..=rest.len())
            .find(|end| rest.is_char_boundary(*end))
            .unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        push(piece)?;
        rest = tail;
    }
    Ok(())
}

#[test]
fn every_prefix_of_a_random_document_shows_what_is_finished() {
    let mut rng = Rng::with_seed(1);
    for _ in 0..400 {
        let text = random::document(&mut rng);
        let mut parsers = [Parser::new(), Parser::new(), Parser::new()];
        let mut end = 0;
        for character in text.chars() {
            end += character.len_utf8();
            let prefix = &text[..end];
            for (index, parser) in parsers.iter_mut().enumerate() {
                parser.push(character.encode_utf8(&mut [0; 4])).unwrap();
                // The first always hides, the second always shows, the third changes its mind.
                let mut modes = vec![[Strings::Hide, Strings::Show][index % 2]];
                if index == 2 {
                    modes = (0..rng.usize(0..4))
                        .map(|_| [Strings::Hide, Strings::Show][rng.usize(0..2)])
                        .collect();
                }
                for mode in modes {
                    let expected = random::expected_view(prefix, mode == Strings::Show);
                    assert_eq!(
                        parser.view(mode),
                        expected.as_ref(),
                        "{mode:?} at {prefix:?} of {text:?}"
                    );
                }
            }
        }
        let expected: Value = serde_json::from_str(&text).unwrap();
        for mut parser in parsers {
            assert_eq!(parser.finish(), Ok(&expected), "{text:?}");
            assert!(parser.is_complete());
            assert_eq!(parser.text(), text);
            assert_eq!(parser.into_value(), Some(expected.clone()));
        }
    }
}

#[test]
fn what_is_no_json_for_serde_is_none_here() {
    let mut rng = Rng::with_seed(2);
    let mut bad = 0;
    for _ in 0..20_000 {
        let mut text: Vec<char> = random::document(&mut rng).chars().collect();
        for _ in 0..rng.usize(1..3) {
            let at = rng.usize(0..=text.len());
            let other = *rng
                .choice(&[
                    '{', '}', '[', ']', '"', '\\', ',', ':', '0', '-', '.', 'e', 'u', '\u{1}', ' ',
                ])
                .unwrap();
            match rng.usize(0..4) {
                0 => text.insert(at, other),
                1 if at < text.len() => text[at] = other,
                2 if at < text.len() => drop(text.remove(at)),
                _ => text.truncate(at),
            }
        }
        let text: String = text.into_iter().collect();
        let expected = serde_json::from_str::<Value>(&text).ok();
        let mut parser = Parser::new();
        let pushed = push_in_pieces(&text, &mut rng, |piece| parser.push(piece));
        let found = pushed.and_then(|()| parser.finish().cloned());
        if let Err(error) = found {
            assert!(error.offset() <= text.len(), "{text:?}: {error}");
            bad += 1;
        }
        assert_eq!(found.ok(), expected, "{text:?}");
    }
    assert!(
        (5_000..19_000).contains(&bad),
        "{bad} bad documents of 20,000"
    );
}

#[test]
fn errors_say_what_and_where_and_keep_the_text() {
    use PartialJsonErrorKind::*;
    for (text, kind, offset) in [
        (r#"{"path": "C:\dir"}"#, InvalidEscape, 13),
        (r#"["\u12g4"]"#, InvalidEscape, 6),
        (r#"["\ud83dx"]"#, LoneSurrogate, 8),
        (r#"["\ud83d"]"#, LoneSurrogate, 8),
        (r#"["\ud83d\n"]"#, LoneSurrogate, 9),
        (r#"["\ud83d\ud83d"]"#, LoneSurrogate, 13),
        (r#"["\udf0d"]"#, LoneSurrogate, 7),
        ("[\"ab\ncd\"]", ControlCharacter, 4),
        ("[\"a b\ncd\"]", ControlCharacter, 5),
        ("[01]", InvalidNumber, 1),
        ("[1, -]", InvalidNumber, 4),
        ("[1.]", InvalidNumber, 1),
        ("[1e]", InvalidNumber, 1),
        ("[1-2]", InvalidNumber, 1),
        ("[nul1]", UnexpectedCharacter, 4),
        ("[1 2]", UnexpectedCharacter, 3),
        ("[1,]", UnexpectedCharacter, 3),
        ("[1}", UnexpectedCharacter, 2),
        ("{\"a\" 1}", UnexpectedCharacter, 5),
        ("{\"a\":1,}", UnexpectedCharacter, 7),
        ("{a:1}", UnexpectedCharacter, 1),
        ("é", UnexpectedCharacter, 0),
        ("{} {", TrailingCharacters, 3),
        ("", UnexpectedEnd, 0),
        ("  ", UnexpectedEnd, 2),
        ("{\"a\":tru", UnexpectedEnd, 8),
    ] {
        let expected = PartialJsonError::new(kind, offset);
        for size in [1, 2, 3, 100] {
            let mut parser = Parser::new();
            let characters: Vec<char> = text.chars().collect();
            let mut seen = Ok(());
            for piece in characters.chunks(size) {
                let piece: String = piece.iter().collect();
                seen = seen.and(parser.push(&piece));
            }
            let finished = parser.finish().map(|_| ());
            assert_eq!(
                seen.and(finished),
                Err(expected),
                "{text:?} in pieces of {size}"
            );
            assert_eq!(finished, Err(expected), "{text:?} in pieces of {size}");
            assert_eq!(parser.text(), text);
            assert!(!parser.is_complete());
        }
    }
    let shown = PartialJsonError::new(InvalidEscape, 13).to_string();
    assert_eq!(shown, "invalid JSON: invalid escape at byte 13");
}

#[test]
fn an_error_leaves_what_came_before_it_in_view() {
    let mut parser = Parser::new();
    parser.push(r#"{"a": [1, 2], "b": "C:\"#).unwrap();
    assert!(parser.push(r#"dir", "c": 3}"#).is_err());
    assert_eq!(parser.value(), Some(&json!({"a": [1, 2]})));
    assert_eq!(
        parser.view(Strings::Show),
        Some(&json!({"a": [1, 2], "b": "C:"}))
    );
    assert_eq!(
        parser.error().map(|error| error.kind()),
        Some(PartialJsonErrorKind::InvalidEscape)
    );
    assert!(parser.push("more").is_err());
    assert_eq!(
        parser.into_text(),
        r#"{"a": [1, 2], "b": "C:\dir", "c": 3}more"#
    );
}

#[test]
fn nesting_is_limited() {
    for (parser, limit) in [
        (Parser::new(), 127),
        (Parser::new().max_depth(3), 3),
        (Parser::new().max_depth(usize::MAX), 1000),
    ] {
        let mut parser = parser;
        parser.push(&"[".repeat(limit)).unwrap();
        assert!(parser.value().is_some());
        let error = parser.push("{").unwrap_err();
        assert_eq!(
            error,
            PartialJsonError::new(PartialJsonErrorKind::TooDeep, limit)
        );
    }
    let deepest = format!("{}{}", "[".repeat(127), "]".repeat(127));
    assert!(serde_json::from_str::<Value>(&deepest).is_ok());
    assert!(serde_json::from_str::<Value>(&format!("[{deepest}]")).is_err());
}

#[test]
fn numbers_wait_for_their_end() {
    let mut parser = Parser::new();
    for (piece, expected) in [
        ("1", None),
        ("2", None),
        (" ", Some(json!(12))),
        ("\n", Some(json!(12))),
    ] {
        parser.push(piece).unwrap();
        assert_eq!(parser.value(), expected.as_ref());
        assert_eq!(parser.is_complete(), expected.is_some());
    }
    let mut bare = Parser::new();
    bare.push("-1.5e1").unwrap();
    assert!(bare.value().is_none() && !bare.is_complete());
    let expected: Value = serde_json::from_str("-1.5e1").unwrap();
    assert_eq!(bare.finish(), Ok(&expected));
    assert!(bare.is_complete());
    let mut cut = Parser::new();
    cut.push("[0,12").unwrap();
    assert!(cut.finish().is_err());
    assert_eq!(cut.value(), Some(&json!([0])), "no more than was complete");
}

#[test]
fn numbers_are_those_of_serde_json() {
    for text in [
        "0",
        "-0",
        "7",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "123456789012345678",
        "1234567890123456789",
        "9007199254740993",
        "340282366920938463463374607431768211456",
        "1.0",
        "1e2",
        "0.1",
        "5e-324",
    ] {
        let mut parser = Parser::new();
        parser.push(text).unwrap();
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(parser.finish(), Ok(&expected), "{text}");
        assert_eq!(
            parser.value().unwrap().is_f64(),
            expected.is_f64(),
            "{text}"
        );
    }
}

#[test]
fn looking_moves_the_tree_and_copies_nothing() {
    let mut parser = Parser::new();
    parser.push(r#"{"outer": {"list": [{"text": ""#).unwrap();
    let long = "x".repeat(1 << 16);
    parser.push(&long).unwrap();
    let address = |parser: &mut Parser| {
        let list = &parser.view(Strings::Show).unwrap()["outer"]["list"];
        let text = list[0]["text"].as_str().unwrap();
        (
            list.as_array().unwrap().as_ptr().addr(),
            text.as_ptr().addr(),
            text.len(),
        )
    };
    // The first one makes the buffer grow, and leaves room for the others.
    parser.push("y").unwrap();
    let (list, text, length) = address(&mut parser);
    for added in 1..=100 {
        parser.push("y").unwrap();
        assert!(parser.value().is_some());
        assert_eq!(address(&mut parser), (list, text, length + added));
    }
}
