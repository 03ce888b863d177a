//! Pages: the items and what is around them.

use anthropic_types::codec::read_page;
use anthropic_types::{ContentBlock, Decoding, Json, TextBlock};

#[test]
fn the_items_and_what_is_around_them() {
    let json = br#"{"new":[7],"first_id":null,"data":[1,"two"],"has_more":true,"next_page":"p"}"#;
    let (data, page) = read_page::<Json>(json, Decoding::Lenient).unwrap();
    let data: Vec<_> = data.iter().map(Json::as_str).collect();
    assert_eq!(data, ["1", "\"two\""]);
    assert_eq!((page.has_more, page.first_id), (Some(true), None));
    assert_eq!(page.next_page.as_deref(), Some("p"));
    assert_eq!(page.extra.get("new").map(Json::as_str), Some("[7]"));
    assert!(
        read_page::<Json>(b"{}", Decoding::Lenient)
            .unwrap()
            .0
            .is_empty()
    );
}

#[test]
fn an_item_that_does_not_fit_is_named_by_its_path() {
    let json = br#"{"data":[{"type":"text","text":"a"},{"type":"text","text":5}],"new":1}"#;
    let error = read_page::<TextBlock>(json, Decoding::Strict).unwrap_err();
    assert_eq!(error.path(), "data[1].text");
}

#[test]
fn a_union_among_the_items_falls_back_and_nothing_is_kept_twice() {
    let json = br#"{"new":1,"data":[{"type":"text","text":"a"},{"type":5}]}"#;
    let (data, page) = read_page::<ContentBlock>(json, Decoding::Lenient).unwrap();
    assert!(matches!(
        data.as_slice(),
        [ContentBlock::Text(_), ContentBlock::Unrecognized(_)]
    ));
    assert_eq!(page.extra.len(), 1);
}

#[test]
fn what_nothing_depends_on_costs_no_page() {
    for bad in ["5", "[]", "{}", "true"] {
        let json = format!(r#"{{"data":[1],"next_page":"p","data_refreshed_at":{bad}}}"#);
        let (data, page) = read_page::<Json>(json.as_bytes(), Decoding::Lenient).unwrap();
        assert_eq!((data.len(), page.next_page.as_deref()), (1, Some("p")));
        assert!(page.data_refreshed_at.is_none(), "{bad}");
        let kept = page.extra.get("data_refreshed_at").map(Json::as_str);
        assert_eq!(kept, Some(bad));
        let strict = read_page::<Json>(json.as_bytes(), Decoding::Strict).unwrap_err();
        assert_eq!(strict.path(), "data_refreshed_at");
    }
    // A page without its cursor would pass for the last one.
    let json = br#"{"data":[1],"next_page":5}"#;
    read_page::<Json>(json, Decoding::Lenient).unwrap_err();
}
