//! Numbers, and what is wrong around them.

use std::collections::BTreeMap;

use anthropic_types::{Decoding, from_slice, from_slice_with};

#[test]
fn integers_written_as_floats_are_read_and_fractions_refused() {
    assert_eq!(from_slice::<i64>(b"3.0").unwrap(), 3);
    assert!(from_slice_with::<i64>(b"3.5", Decoding::Strict).is_err());
    assert!(from_slice_with::<u64>(b"-1", Decoding::Strict).is_err());
}

#[test]
fn errors_carry_the_path() {
    let error =
        from_slice::<BTreeMap<String, Vec<BTreeMap<String, i64>>>>(br#"{"a":[{"b":1},{"b":"x"}]}"#)
            .unwrap_err();
    assert_eq!(error.path(), "a[1].b");
}

#[test]
fn trailing_text_is_refused() {
    assert_eq!(from_slice::<i64>(b"1 ").unwrap(), 1);
    assert!(from_slice::<i64>(b"1 2").is_err());
}
