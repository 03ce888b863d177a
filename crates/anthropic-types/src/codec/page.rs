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
        Field {
            key: "data_refreshed_at",
            // It costs no item and no page.
            presence: Presence::Optional,
            is_object: false,
        },
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
