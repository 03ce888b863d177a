use super::{Pairs, encode, from_json, push_json, texts};

fn query(json: &str) -> String {
    let (mut pairs, mut text) = (Pairs::new(), String::new());
    from_json(json.as_bytes(), &mut pairs).unwrap();
    encode(&pairs, &mut text);
    text.replace("%5B", "[").replace("%5D", "]")
}

#[test]
fn values_become_pairs_in_order() {
    for (json, expected) in [
        ("{}", ""),
        (r#"{"b":1,"a":2.50}"#, "b=1&a=2.50"),
        (r#"{"t":true,"f":false,"n":null}"#, "t=true&f=false"),
        (r#"{"k":["x","y"]}"#, "k[]=x&k[]=y"),
        (r#"{"k":[]}"#, ""),
        (r#"{"a":{"b":{"c":1},"d":[2,null]}}"#, "a[b][c]=1&a[d][]=2"),
        (r#"{"k":[{"a":1},{"a":2}]}"#, "k[][a]=1&k[][a]=2"),
        (r#"{ "s" : "a b+c/\u00fc\"" }"#, "s=a%20b%2Bc%2F%C3%BC%22"),
        (
            r#"{"big":123456789012345678901234567890}"#,
            "big=123456789012345678901234567890",
        ),
    ] {
        assert_eq!(query(json), expected, "{json}");
    }
}

#[test]
fn only_an_object_is_a_query() {
    from_json(b"[1]", &mut Pairs::new()).unwrap_err();
}

#[test]
fn a_value_that_is_nested_too_deep_is_refused() {
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let mut pairs = Pairs::new();
    push_json("k".to_owned(), &nested(64), &mut pairs).unwrap();
    assert_eq!(pairs.len(), 1);
    for levels in [65, 10_000] {
        let error = push_json("k".to_owned(), &nested(levels), &mut pairs).unwrap_err();
        assert!(error.to_string().contains("deeper than 64"), "{error}");
        texts(&nested(levels)).unwrap_err();
    }
    let object = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    push_json("k".to_owned(), &object, &mut pairs).unwrap_err();
}
