//! Unknown fields.

use std::collections::BTreeMap;

use anthropic_types::{Extra, Json, from_slice, to_vec};

#[test]
fn it_is_two_words_wide() {
    assert_eq!(size_of::<Extra>(), 2 * size_of::<usize>());
}

#[test]
fn many_keys_are_found_again_after_some_are_removed() {
    let json = |number: i32| Json::new(&number).unwrap();
    let mut extra = Extra::new();
    for number in 0..100 {
        extra.set(format!("k{number}"), &number).unwrap();
    }
    assert_eq!(extra.remove("k50"), Some(json(50)));
    assert_eq!(extra.get("k50"), None);
    assert_eq!(extra.get("k99"), Some(&json(99)));
    extra.set("k99", &1).unwrap();
    assert_eq!(extra.get("k99"), Some(&json(1)));
    assert_eq!(extra.len(), 99);
}

#[test]
fn the_fields_are_iterated_in_order() {
    let mut extra = Extra::new();
    for (key, value) in [("b", 1), ("a", 2), ("b", 3)] {
        extra.set(key, &value).unwrap();
    }
    let mut borrowed = Vec::new();
    for (key, value) in &extra {
        borrowed.push((key.to_owned(), value.clone()));
    }
    assert_eq!(extra.iter().len(), 2);
    let owned: Vec<_> = extra.into_iter().collect();
    assert_eq!(owned, borrowed);
    let keys: Vec<_> = owned
        .iter()
        .map(|(key, value)| (&**key, value.as_str()))
        .collect();
    assert_eq!(keys, [("b", "3"), ("a", "2")]);
}

#[test]
fn maps_are_written_and_read_again() {
    let json = r#"{"b":1,"a":null}"#;
    let map: BTreeMap<String, Option<u64>> = from_slice(json.as_bytes()).unwrap();
    assert_eq!(to_vec(&map), br#"{"a":null,"b":1}"#);
    assert_eq!(to_vec(&BTreeMap::<String, u64>::new()), b"{}");
}
