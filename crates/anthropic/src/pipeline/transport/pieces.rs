//! Bytes in memory that do not lie next to each other.
//!
//! A platform changes a few fields of a body whose rest may be megabytes: what it doesn't change is
//! shared, and the transport writes it from where it is. A copy would take as much memory again for
//! each request, and the allocator's page faults would cost more than a signature.

use std::borrow::Cow;
use std::sync::OnceLock;

use bytes::Bytes;

/// Pieces that are read one after the other, none of them empty.
#[derive(Clone, Default)]
pub(super) struct Pieces {
    all: Vec<Bytes>,
    /// How many have been read.
    read: usize,
    /// What is left in one piece, for those that need it.
    whole: OnceLock<Bytes>,
}

impl Pieces {
    pub(super) fn new(all: Vec<Bytes>) -> Self {
        Self {
            all,
            ..Self::default()
        }
    }

    /// Those that are left.
    pub(super) fn left(&self) -> &[Bytes] {
        self.all.get(self.read..).unwrap_or_default()
    }

    pub(super) fn len(&self) -> u64 {
        self.left().iter().map(|piece| piece.len() as u64).sum()
    }

    /// The next bytes, at most so many.
    pub(super) fn next(&mut self, most: usize) -> Option<Bytes> {
        self.whole.take();
        let first = self.all.get_mut(self.read)?;
        let next = first.split_to(most.min(first.len()));
        self.read += usize::from(first.is_empty());
        Some(next)
    }

    /// The first bytes of what is left, at most so many.
    pub(super) fn first(&self, most: usize) -> Cow<'_, [u8]> {
        let mut first = Cow::Borrowed(&[][..]);
        for piece in self.left() {
            let rest = most - first.len();
            let piece = piece.get(..rest).unwrap_or(piece);
            if first.is_empty() {
                first = Cow::Borrowed(piece);
            } else if !piece.is_empty() {
                first.to_mut().extend_from_slice(piece);
            }
        }
        first
    }

    #[cfg(test)]
    pub(super) fn is_joined(&self) -> bool {
        self.whole.get().is_some()
    }

    /// What is left, in one piece.
    pub(super) fn whole(&self) -> &Bytes {
        self.whole.get_or_init(|| {
            let joined: Vec<u8> = self.left().concat();
            joined.into()
        })
    }

    pub(super) fn into_whole(mut self) -> Bytes {
        self.whole();
        self.whole.take().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Body;

    fn body(pieces: &[&'static str]) -> Body {
        Body::pieces(
            pieces
                .iter()
                .map(|piece| Bytes::from_static(piece.as_bytes())),
        )
    }

    #[test]
    fn pieces_are_one_body() {
        let body = body(&["one ", "", "two ", "three"]);
        assert_eq!((body.len(), body.is_replayable()), (Some(13), true));
        assert_eq!(body.as_pieces().unwrap(), ["one ", "two ", "three"]);
        assert_eq!(body.as_bytes().unwrap(), "one two three");
        assert_eq!(body.try_clone().unwrap().into_memory(), b"one two three");
        assert_eq!(
            format!("{body:?}"),
            r#"Body { kind: "pieces", len: Some(13) }"#
        );
    }

    #[test]
    fn a_single_piece_is_a_body_in_memory_and_none_is_an_empty_one() {
        for (pieces, text) in [(&["", "one"][..], "one"), (&[""], ""), (&[], "")] {
            let body = body(pieces);
            assert_eq!(body.as_bytes().unwrap(), text);
            assert_eq!(body.len(), Some(text.len() as u64));
        }
    }

    #[cfg(any(feature = "hyper", feature = "reqwest"))]
    #[test]
    fn a_body_in_memory_is_taken_to_its_end() {
        for mut body in [
            Body::from("one two three"),
            body(&["one ", "two ", "three"]),
        ] {
            let mut taken = Vec::new();
            while let Some(piece) = body.take(5) {
                assert!(!piece.is_empty(), "{body:?}");
                taken.extend_from_slice(&piece);
            }
            assert_eq!(taken, b"one two three");
            assert!(body.is_empty());
        }
    }

    #[test]
    fn the_first_bytes_are_read_without_the_others() {
        let body = body(&["one ", "two ", "three"]);
        for (most, first) in [
            (0, ""),
            (2, "on"),
            (4, "one "),
            (6, "one tw"),
            (8, "one two "),
        ] {
            assert_eq!(body.first(most).unwrap(), first.as_bytes());
        }
        assert_eq!(body.first(13), body.first(usize::MAX));
        assert_eq!(*body.first(13).unwrap(), b"one two three"[..]);
        assert!(!body.is_joined());
        assert_eq!(body.as_bytes().unwrap(), "one two three");
        assert!(body.is_joined());
        assert_eq!(*Body::from("text").first(2).unwrap(), b"te"[..]);
        assert!(Body::empty().first(2).unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_has_been_read_is_no_longer_there() {
        let mut body = body(&["one ", "two ", "three"]);
        assert_eq!(body.as_bytes().unwrap(), "one two three");
        assert_eq!(body.try_next().await.unwrap().unwrap(), "one ");
        assert_eq!(body.len(), Some(9));
        assert_eq!(body.as_bytes().unwrap(), "two three");
        assert_eq!(
            body.try_clone().unwrap().bytes().await.unwrap(),
            "two three"
        );
        assert_eq!(body.try_next().await.unwrap().unwrap(), "two ");
        assert_eq!(body.try_next().await.unwrap().unwrap(), "three");
        assert!(body.try_next().await.unwrap().is_none());
        assert!(body.is_empty());
        assert_eq!(body.as_bytes().unwrap(), "");
    }

    #[cfg(any(feature = "hyper", feature = "reqwest"))]
    #[test]
    fn a_transport_takes_as_much_as_it_wants() {
        let mut body = body(&["one ", "two ", "three"]);
        let taken = std::iter::from_fn(|| body.take(3)).collect::<Vec<_>>();
        assert_eq!(taken, ["one", " ", "two", " ", "thr", "ee"]);
        assert!(body.is_empty());
    }
}
