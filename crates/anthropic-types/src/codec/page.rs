//! The page of a listing: an envelope of the client's, not a type of the API, read in one pass.
//!
//! It is here because reading needs the codec's own traits, which are not public. Only
//! [`read_page`] knows the type of the items; the envelope around them is read by code that is
//! compiled once.

use super::object::{Field, Layout, Parts, Presence, ReadObject, read_object};
use super::source::Place;
use super::text::read_document;
use super::{Decode, DecodeError, Decoding};
use crate::{Extra, Timestamp};

/// What a page has beside its items.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Envelope {
    /// Whether there is more.
    pub has_more: Option<bool>,
    /// The first item's id.
    pub first_id: Option<String>,
    /// The last item's id.
    pub last_id: Option<String>,
    /// The next page's cursor.
    pub next_page: Option<String>,
    /// The previous page's cursor.
    pub prev_page: Option<String>,
    /// When a report's data was last refreshed.
    pub data_refreshed_at: Option<Timestamp>,
    /// Everything else.
    pub extra: Extra,
}

/// Reads a page: its items and what it has beside them.
///
/// # Errors
///
/// As [`from_slice`](super::from_slice).
pub fn read_page<T: Decode>(
    json: &[u8],
    decoding: Decoding,
) -> Result<(Vec<T>, Envelope), DecodeError> {
    let mut data = Vec::new();
    let envelope = read_envelope(json, decoding, &mut data)?;
    Ok((data, envelope))
}

fn read_envelope(
    json: &[u8],
    decoding: Decoding,
    data: &mut dyn Place,
) -> Result<Envelope, DecodeError> {
    let mut envelope = Envelope::default();
    read_document(json, decoding, &mut |source| {
        envelope = Envelope::default();
        let mut page = Page {
            data,
            envelope: &mut envelope,
        };
        read_object(&mut page, source)
    })?;
    Ok(envelope)
}

struct Page<'a> {
    data: &'a mut dyn Place,
    envelope: &'a mut Envelope,
}

const fn field(key: &'static str) -> Field {
    Field {
        key,
        // A page without its items or its cursor would pass for the last one.
        presence: Presence::Firm,
        is_object: false,
    }
}

static LAYOUT: Layout = Layout::new(
    &[],
    &[
        field("data"),
        field("has_more"),
        field("first_id"),
        field("last_id"),
        field("next_page"),
        field("prev_page"),
        field("data_refreshed_at"),
    ],
    true,
);

impl ReadObject for Page<'_> {
    fn open(&mut self, reader: &mut dyn Parts) -> Result<(), DecodeError> {
        let envelope = &mut *self.envelope;
        reader.read(
            &LAYOUT,
            &mut [
                &mut *self.data,
                &mut envelope.has_more,
                &mut envelope.first_id,
                &mut envelope.last_id,
                &mut envelope.next_page,
                &mut envelope.prev_page,
                &mut envelope.data_refreshed_at,
            ],
            &mut envelope.extra,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ContentBlock, Json, TextBlock};

    #[test]
    fn the_items_and_what_is_around_them() {
        let json =
            br#"{"new":[7],"first_id":null,"data":[1,"two"],"has_more":true,"next_page":"p"}"#;
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
}
