use super::{check_literal, decode_dots, expand};

#[test]
fn values_fill_the_placeholders_in_order() {
    assert_eq!(
        expand("/v1/a/{x}/b/{y}", &["1", "2"]).unwrap(),
        "/v1/a/1/b/2"
    );
    assert_eq!(expand("/v1/a/{x}:{y}", &["1", "2"]).unwrap(), "/v1/a/1:2");
    assert_eq!(expand("/v1/a", &[]).unwrap(), "/v1/a");
}

#[test]
fn a_count_that_does_not_fit_is_an_error() {
    assert!(
        expand("/v1/a/{x}", &[])
            .unwrap_err()
            .to_string()
            .contains("`x`")
    );
    expand("/v1/a/{x}", &["1", "2"]).unwrap_err();
}

#[test]
fn what_may_stand_in_a_segment_stays() {
    let kept = "azAZ09-._~!$&'()*+,;=:@";
    assert_eq!(expand("/{x}", &[kept]).unwrap(), format!("/{kept}"));
    assert_eq!(
        expand("/{x}", &["a/b%?#[]"]).unwrap(),
        "/a%2Fb%25%3F%23%5B%5D"
    );
}

#[test]
fn segments_are_judged_as_a_whole() {
    expand("/{x}.{y}", &["a", "b"]).unwrap();
    expand("/{x}{y}", &[".", "."]).unwrap_err();
    expand("/.{x}", &["%2E"]).unwrap_err();
    for fine in ["...", "a;b", ".a", "a..", "..a", "%2e%2e%2e", "a;..", "%"] {
        expand("/{x}", &[fine]).unwrap();
    }
}

#[test]
fn a_literal_path_is_checked_up_to_its_query() {
    check_literal("/v1/a?path=../b").unwrap();
    check_literal("/v1/../b").unwrap_err();
    check_literal("https://host/v1/%2E%2e/b").unwrap_err();
}

#[test]
fn dots_are_found_however_often_they_are_encoded() {
    for (name, decoded) in [
        ("%2e%2E", ".."),
        ("%252e", "."),
        ("%25252525252E.", ".."),
        ("%%25252e", "%."),
        ("%25%32%35", "%%32%35"),
        ("a%2", "a%2"),
    ] {
        assert_eq!(decode_dots(name), decoded, "{name}");
    }
    // In a time that grows with the length alone: its square would be many minutes.
    let long = format!("%{}2e", "25".repeat(500_000));
    assert_eq!(decode_dots(&long), ".");
}
