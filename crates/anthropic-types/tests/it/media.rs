//! Images and documents of bytes.

use std::error::Error;
use std::io::{self, Read};

use anthropic_types::{DocumentBlock, ImageBlock};

#[test]
fn base64_is_that_of_rfc_4648() {
    // The first three bytes are a type of their own in Base64.
    let encoded = |rest: &[u8]| {
        let image = ImageBlock::from_bytes([b"\xff\xd8\xff", rest].concat()).unwrap();
        let data = &image.source.as_base64().unwrap().data;
        data.strip_prefix("/9j/").unwrap().to_owned()
    };
    for (bytes, text) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(encoded(bytes.as_bytes()), text);
    }
    assert_eq!(encoded(&[0xfb, 0xff, 0xfe]), "+//+");
}

/// Gives one byte at a time, and fails at its end if it is to.
struct Slow<'b>(&'b [u8], bool);

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match (self.0.split_first(), into.first_mut()) {
            (Some((byte, rest)), Some(place)) => {
                *place = *byte;
                self.0 = rest;
                Ok(1)
            }
            _ if self.1 => Err(io::Error::other("cut")),
            _ => Ok(0),
        }
    }
}

#[test]
fn pieces_of_any_size_make_the_same_image() {
    for length in [8, 12, 13, 12_287, 12_288, 12_289, 30_000] {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.resize(length, 7);
        let whole = ImageBlock::from_bytes(&bytes).unwrap();
        assert_eq!(ImageBlock::from_reader(Slow(&bytes, false)).unwrap(), whole);
        let source = whole.source.as_base64().unwrap();
        assert_eq!(source.data.len(), length.div_ceil(3) * 4);
        assert_eq!(source.data.find('=').is_some(), length % 3 != 0);
        let error = ImageBlock::from_reader(Slow(&bytes, true)).unwrap_err();
        assert_eq!(error.to_string(), "the bytes can't be read: cut");
        assert_eq!(error.source().unwrap().to_string(), "cut");
    }
}

#[test]
fn types_are_seen_from_the_bytes() {
    for (bytes, media_type) in [
        (&b"\xff\xd8\xff\xe0"[..], Some("image/jpeg")),
        (b"GIF89a..", Some("image/gif")),
        (b"RIFF\x01\x02\x03\x04WEBPVP8 ", Some("image/webp")),
        (b"RIFF\x01\x02\x03\x04WAVE", None),
        (b"%PDF-1.7", None),
        (b"\x89PN", None),
        (b"", None),
    ] {
        let image = ImageBlock::from_bytes(bytes);
        let seen = image.as_ref().ok().and_then(|it| it.source.as_base64());
        assert_eq!(seen.map(|it| it.media_type.as_str()), media_type);
        assert!(image.err().is_none_or(|error| error.source().is_none()));
    }
    let pdf = DocumentBlock::from_bytes(b"%PDF-1.7\n\xff").unwrap();
    assert_eq!(pdf.source.as_base64().unwrap().data, "JVBERi0xLjcK/w==");
    let text = DocumentBlock::from_bytes("é水").unwrap();
    assert_eq!(text.source.as_text().unwrap().data, "é水");
    for bytes in [&b"\xff\xfe"[..], b"a\0b"] {
        assert!(DocumentBlock::from_bytes(bytes).is_err());
    }
}
