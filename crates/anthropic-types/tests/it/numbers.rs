//! Numbers and other building blocks, and what is wrong around them.

use std::collections::BTreeMap;

use anthropic_types::{
    Decode, Decoding, Json, StopReason, TextBlock, Usage, from_slice, from_slice_with, to_vec,
};
use serde::ser::{Error as _, Serialize, Serializer};

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

#[test]
fn numbers_are_read_however_they_are_written() {
    for (json, number) in [("1.5", 1.5), ("7", 7.0), ("-7", -7.0), ("-2.5e1", -25.0)] {
        let read: f64 = from_slice(json.as_bytes()).unwrap();
        assert!(read.total_cmp(&number).is_eq(), "{json}: {read}");
    }
    for (json, number) in [("7", 7), ("-7", -7), ("-3.0", -3)] {
        assert_eq!(from_slice::<i64>(json.as_bytes()).unwrap(), number);
    }
    assert_eq!(
        from_slice::<u64>(b"18446744073709551615").unwrap(),
        u64::MAX
    );
}

#[test]
fn an_error_names_what_was_expected() {
    fn error<T: Decode>(json: &str) -> String {
        let error = from_slice_with::<T>(json.as_bytes(), Decoding::Strict).err();
        error.unwrap().to_string()
    }
    for (error, expected) in [
        (error::<bool>("5"), "true or false"),
        (error::<u64>("-1"), "an integer that is not negative"),
        (error::<u64>("1.5"), "an integer that is not negative"),
        (error::<i64>("true"), "an integer"),
        (error::<f64>("[]"), "a number"),
        (error::<String>("5"), "a string"),
        (error::<StopReason>("5"), "a string"),
        (error::<Vec<u64>>("{}"), "a list"),
        (error::<BTreeMap<String, u64>>("[]"), "an object"),
        (error::<Usage>("[]"), "an object"),
    ] {
        assert!(error.contains(&format!("expected {expected}")), "{error}");
    }
}

#[test]
fn a_key_with_escapes_is_the_key_that_is_meant() {
    let map: BTreeMap<String, u64> = from_slice(br#"{"a\u0062":1,"c":2}"#).unwrap();
    let expected = [("ab", 1), ("c", 2)].map(|(key, value)| (key.to_owned(), value));
    assert_eq!(map, BTreeMap::from(expected));
}

#[test]
fn a_value_is_written_behind_references() {
    assert_eq!(to_vec("a\"b"), br#""a\"b""#);
    let block = TextBlock::new("a");
    assert_eq!(to_vec(&&block), to_vec(&block));
    assert_eq!(to_vec(&vec![&block]), br#"[{"type":"text","text":"a"}]"#);
}

/// Adds to the errors of the number inside.
struct Labelled(f64);

impl Serialize for Labelled {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let written = self.0.serialize(to);
        written.map_err(|error| S::Error::custom(format!("labelled: {error}")))
    }
}

#[test]
fn a_type_may_add_to_the_error_of_a_number_that_json_can_not_hold() {
    assert_eq!(Json::new(&Labelled(0.5)).unwrap().as_str(), "0.5");
    let error = Json::new(&[Labelled(f64::NAN)]).unwrap_err().to_string();
    assert_eq!(error, "[0]: labelled: NaN is not a finite number");
}
