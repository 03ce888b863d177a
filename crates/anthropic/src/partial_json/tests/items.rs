//! Elements of streamed arrays.

use fastrand::Rng;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::{ItemReader, PartialJsonErrorKind, items};
use super::{push_in_pieces, random};

fn take<T: serde::de::DeserializeOwned>(items: &mut ItemReader<T>) -> Vec<T> {
    std::iter::from_fn(|| items.next_item())
        .map(Result::unwrap)
        .collect()
}

#[test]
fn random_arrays_come_out_whole_at_any_path() {
    let mut rng = Rng::with_seed(3);
    for _ in 0..500 {
        let array = random::array(&mut rng);
        let expected: Vec<Value> = serde_json::from_str(&array).unwrap();
        let other = random::document(&mut rng);
        for (path, text) in [
            (vec![], array.clone()),
            (
                vec!["items"],
                format!("{{\"x\":{other},\"items\" :{array},\"y\":{other}}}"),
            ),
            (
                vec!["a", "é"],
                format!(
                    "{{\"z\":{{\"a\":[{other}]}},\"a\":{{\"b\":{other},\"\\u00e9\":{array}}}}}"
                ),
            ),
        ] {
            let mut found = items::<Value>().at(path);
            push_in_pieces(&text, &mut rng, |piece| found.push(piece)).unwrap();
            found.finish().unwrap();
            assert!(found.is_complete());
            assert_eq!(take(&mut found), expected, "{text:?}");
        }
    }
}

#[test]
fn an_element_is_handed_out_with_its_last_character() {
    let mut found = items::<Value>();
    let mut counts = Vec::new();
    for character in r#"[{"a":1},"é",12, true,[] ]"#.chars() {
        found.push(&character.to_string()).unwrap();
        counts.push(take(&mut found).len());
    }
    let ends: Vec<_> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count == 1)
        .map(|(at, _)| at)
        .collect();
    // A number ends with the character after it.
    assert_eq!(ends, [7, 11, 15, 20, 23]);
}

#[test]
fn an_array_that_never_comes_is_told_from_an_empty_one() {
    for (text, expected) in [
        (r#"{"rows":[]}"#, true),
        (r#"{"rows":{}}"#, false),
        (r#"{"data":[[]]}"#, false),
        ("[]", false),
    ] {
        let mut found = items::<Value>().at(["rows"]);
        assert!(!found.is_found());
        found.push(text).unwrap();
        found.finish().unwrap();
        assert_eq!(found.is_found(), expected, "{text}");
        assert!(found.next_item().is_none());
    }
}

#[test]
fn elements_are_decoded_from_their_own_text() {
    #[derive(Debug, Deserialize)]
    struct Row {
        id: u128,
        raw: Box<RawValue>,
    }
    let mut found = items::<Row>().at(["rows"]);
    found
        .push(r#"{"rows":[{"id":340282366920938463463374607431768211455,"#)
        .unwrap();
    found.push(r#""raw":{"b": 1.50, "a":2}}"#).unwrap();
    let row = found.next_item().unwrap().unwrap();
    assert_eq!(
        (row.id, row.raw.get()),
        (u128::MAX, r#"{"b": 1.50, "a":2}"#)
    );
}

#[test]
fn an_element_of_another_type_spoils_only_itself() {
    let mut found = items::<u8>();
    found.push("[1, \"x\", 300, 4").unwrap();
    let found: Vec<_> = std::iter::from_fn(|| found.next_item()).collect();
    let found: Vec<_> = found
        .into_iter()
        .map(|item| item.map_err(|error| error.index()))
        .collect();
    assert_eq!(found, [Ok(1), Err(1), Err(2)]);
}

#[test]
fn other_arrays_are_passed_over() {
    for text in [
        r#"{"b":[1],"c":{"a":[2]},"a":{"a":[3]}}"#,
        r#"[{"a":[1]}]"#,
        "[[1],[2]]",
        r#"{"a":1,"b":[2]}"#,
        r#""a""#,
    ] {
        let mut found = items::<Value>().at(["a"]);
        found.push(text).unwrap();
        found.finish().unwrap();
        assert_eq!(take(&mut found).len(), 0, "{text}");
    }
}

#[test]
fn an_error_leaves_the_elements_before_it() {
    let mut found = items::<u8>();
    let error = found.push("[1,2,}").unwrap_err();
    assert_eq!(
        (error.kind(), error.offset()),
        (PartialJsonErrorKind::UnexpectedCharacter, 5)
    );
    assert_eq!(found.push("3]"), Err(error));
    assert_eq!(found.finish(), Err(error));
    assert_eq!(take(&mut found), [1, 2]);

    let mut cut = items::<u8>();
    cut.push("[1,2").unwrap();
    assert_eq!(
        cut.finish().unwrap_err().kind(),
        PartialJsonErrorKind::UnexpectedEnd
    );
    assert_eq!(take(&mut cut), [1]);
}

#[test]
fn an_element_that_does_not_fit_is_one_line_and_leaves_the_others() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        Boat,
    }

    let mut found = items::<Kind>();
    found.push(r#"["a\nb\u001b[2J\u202e", "Boat"]"#).unwrap();
    let error = found.next_item().unwrap().unwrap_err();
    assert_eq!(error.index(), 0);
    let line = error.to_string();
    assert!(line.contains(r"a\nb\u{1b}[2J\u{202e}"), "{line}");
    assert_eq!(take(&mut found), [Kind::Boat]);

    let mut deep = items::<Value>().max_depth(1000);
    let element = format!("{}{}", "[".repeat(500), "]".repeat(500));
    deep.push(&format!("[{element}, 7]")).unwrap();
    assert!(deep.next_item().unwrap().is_err());
    assert_eq!(take(&mut deep), [7]);
}

#[test]
fn text_before_the_open_element_is_not_kept() {
    let mut found = items::<String>().at(["x"]);
    found
        .push(&format!(
            "{{\"skipped\": \"{}\", \"x\": [",
            "s".repeat(1000)
        ))
        .unwrap();
    for _ in 0..1000 {
        found.push("\"0123456789\", \"abcd").unwrap();
        assert_eq!(found.buffered(), "\"abcd".len());
        found.push("\", ").unwrap();
        assert_eq!(take(&mut found), ["0123456789", "abcd"]);
    }
}

#[test]
fn only_the_element_that_is_open_is_held() {
    let mut found = items::<Value>();
    for (piece, held) in [
        ("[1", 1),
        ("2", 2),
        (",", 0),
        (" tr", 2),
        ("ue, ", 0),
        ("[3, ", 4),
        ("4]", 0),
        (" ]", 0),
    ] {
        assert!(!found.is_complete());
        found.push(piece).unwrap();
        assert_eq!(found.buffered(), held, "{piece}");
    }
    assert!(found.is_complete());
    assert_eq!(found.finish(), Ok(()));
    let expected: [Value; 3] = [12.into(), true.into(), vec![3, 4].into()];
    assert_eq!(take(&mut found), expected);
}

#[test]
fn a_number_that_is_none_ends_the_array() {
    for number in ["1.", "1.e5", "1e", "1e+", "-", "-.5"] {
        let mut found = items::<Value>();
        let text = format!("[7, {number}, 8]");
        let error = found.push(&text).unwrap_err();
        assert_eq!(error.kind(), PartialJsonErrorKind::InvalidNumber, "{text}");
        assert_eq!(error.offset(), 4, "{text}");
        assert_eq!(take(&mut found), [7], "{text}");
        assert!(found.push("]").is_err() && !found.is_complete());
    }
}

#[test]
fn the_cause_of_an_element_that_does_not_fit_is_serde_json_s() {
    let mut found = items::<u8>();
    found.push("[1, 300]").unwrap();
    assert_eq!(found.next_item().unwrap().unwrap(), 1);
    let error = found.next_item().unwrap().unwrap_err();
    assert_eq!(error.index(), 1);
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<serde_json::Error>(), "{source}");
    assert!(error.to_string().ends_with(&source.to_string()), "{error}");
}
