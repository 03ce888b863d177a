//! Fields of updates: kept, cleared or set.

use anthropic_types::{Decoding, Null, Patch, from_slice, from_slice_with, to_vec};

#[test]
fn a_patch_is_made_of_a_value_or_of_null() {
    assert_eq!(Patch::from(5_u64), Patch::Set(5));
    assert_eq!(Patch::<String>::from("a"), Patch::Set("a".to_owned()));
    assert_eq!(Patch::<String>::from(Null), Patch::Clear);
    assert_eq!(Patch::<String>::default(), Patch::Keep);
}

#[test]
fn only_a_patch_that_sets_has_a_value() {
    assert_eq!(Patch::Set(5_u64).as_set(), Some(&5));
    assert_eq!(Patch::<u64>::Clear.as_set(), None);
    assert_eq!(Patch::<u64>::Keep.as_set(), None);
}

#[test]
fn a_patch_is_read_as_it_is_written() {
    for (json, patch) in [("5", Patch::Set(5_u64)), ("null", Patch::Clear)] {
        assert_eq!(from_slice::<Patch<u64>>(json.as_bytes()).unwrap(), patch);
        assert_eq!(to_vec(&patch), json.as_bytes());
    }
    from_slice_with::<Patch<u64>>(b"true", Decoding::Strict).unwrap_err();
}

#[cfg(feature = "agents")]
#[test]
fn what_an_update_leaves_out_is_kept() {
    use anthropic_types::agents::AgentUpdateParams;

    for (json, description) in [
        (r#"{"version":2}"#, Patch::Keep),
        (r#"{"description":null,"version":2}"#, Patch::Clear),
        (r#"{"description":"a","version":2}"#, Patch::from("a")),
    ] {
        let params: AgentUpdateParams = from_slice(json.as_bytes()).unwrap();
        assert_eq!(params.description, description, "{json}");
        assert_eq!(to_vec(&params), json.as_bytes());
        let made = AgentUpdateParams::new().version(2);
        let made = match description {
            Patch::Set(text) => made.description(text),
            Patch::Clear => made.description(Null),
            Patch::Keep => made,
        };
        assert_eq!(to_vec(&made), json.as_bytes());
    }
}
