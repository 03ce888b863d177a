//! Images and documents out of bytes, whose type is seen from the bytes themselves.

use std::fmt;
use std::io::{self, Read};

use crate::{
    Base64ImageSource, Base64ImageSourceMediaType, Base64PdfSource, DocumentBlock,
    DocumentBlockSource, ImageBlock, PlainTextSource,
};

/// Bytes that are no image or document that the API takes, or that could not be read.
#[derive(Debug)]
pub struct MediaError(Fault);

#[derive(Debug)]
enum Fault {
    Image,
    Document,
    Read(io::Error),
}

impl fmt::Display for MediaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Fault::Image => f.write_str("these bytes are no JPEG, PNG, GIF or WebP image"),
            Fault::Document => f.write_str("these bytes are neither a PDF nor text in UTF-8"),
            Fault::Read(error) => write!(f, "the bytes can't be read: {error}"),
        }
    }
}

impl std::error::Error for MediaError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Fault::Read(error) => Some(error),
            Fault::Image | Fault::Document => None,
        }
    }
}

impl ImageBlock {
    /// An image of these bytes: JPEG, PNG, GIF or WebP, as they begin.
    ///
    /// ```
    /// use anthropic_types::ImageBlock;
    ///
    /// let image = ImageBlock::from_bytes(b"\x89PNG\r\n\x1a\n...")?;
    /// assert_eq!(image.source.as_base64().unwrap().media_type, "image/png");
    /// # Ok::<(), anthropic_types::MediaError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the bytes begin like none of them.
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Result<Self, MediaError> {
        image(&mut bytes.as_ref())
    }

    /// An image that is read piece by piece, such as a file: only its Base64 is in memory.
    ///
    /// ```no_run
    /// let image = anthropic_types::ImageBlock::from_reader(std::fs::File::open("map.png")?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When `reader` fails, or its bytes begin like no JPEG, PNG, GIF or WebP.
    pub fn from_reader(mut reader: impl Read) -> Result<Self, MediaError> {
        image(&mut reader)
    }
}

impl DocumentBlock {
    /// A document of these bytes: a PDF, as they begin, or else text in UTF-8.
    ///
    /// ```
    /// use anthropic_types::DocumentBlock;
    ///
    /// let document = DocumentBlock::from_bytes("The Rhine is 1,233 km long.")?.title("Rivers");
    /// assert!(document.source.as_text().is_some());
    /// # Ok::<(), anthropic_types::MediaError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the bytes are neither.
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Result<Self, MediaError> {
        document(&mut bytes.as_ref())
    }

    /// A document that is read piece by piece, such as a file: only what is sent is in memory.
    ///
    /// # Errors
    ///
    /// When `reader` fails, or its bytes are neither a PDF nor text in UTF-8.
    pub fn from_reader(mut reader: impl Read) -> Result<Self, MediaError> {
        document(&mut reader)
    }
}

#[inline]
fn image(reader: &mut dyn Read) -> Result<ImageBlock, MediaError> {
    let head = head(reader)?;
    let media_type = match &*head {
        [0xff, 0xd8, 0xff, ..] => Base64ImageSourceMediaType::ImageJpeg,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => {
            Base64ImageSourceMediaType::ImagePng
        }
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Base64ImageSourceMediaType::ImageGif,
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Base64ImageSourceMediaType::ImageWebp,
        _ => return Err(MediaError(Fault::Image)),
    };
    let data = base64(&mut head.chain(reader))?;
    Ok(ImageBlock::new(Base64ImageSource::new(data, media_type)))
}

#[inline]
fn document(reader: &mut dyn Read) -> Result<DocumentBlock, MediaError> {
    let head = head(reader)?;
    let mut whole = head.chain(reader);
    let source = if head.starts_with(b"%PDF-") {
        DocumentBlockSource::from(Base64PdfSource::new(base64(&mut whole)?))
    } else {
        let mut text = Vec::new();
        whole.read_to_end(&mut text).map_err(read_fault)?;
        match String::from_utf8(text) {
            // A text that a program wrote has none; what isn't text nearly always does.
            Ok(text) if !text.contains('\0') => PlainTextSource::new(text).into(),
            _ => return Err(MediaError(Fault::Document)),
        }
    };
    Ok(DocumentBlock::new(source))
}

/// The bytes by which a type is known, or fewer at the end.
#[inline]
fn head(reader: &mut dyn Read) -> Result<Vec<u8>, MediaError> {
    const HEAD: u64 = 12;
    let mut head = Vec::new();
    reader
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(read_fault)?;
    Ok(head)
}

/// Everything that `reader` has, in Base64 with padding.
#[inline]
fn base64(reader: &mut dyn Read) -> Result<String, MediaError> {
    const PIECE: usize = 3 * 4096;
    let mut text = String::new();
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        piece.clear();
        let mut part = Read::take(&mut *reader, PIECE as u64);
        // A piece is full, or the last one: only that may need padding.
        part.read_to_end(&mut piece).map_err(read_fault)?;
        text.reserve(piece.len().div_ceil(3) * 4);
        piece.chunks(3).for_each(|three| push(three, &mut text));
        if piece.len() < PIECE {
            return Ok(text);
        }
    }
}

/// Up to three bytes as four characters.
#[inline]
fn push(three: &[u8], text: &mut String) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let byte = |index| three.get(index).map_or(0, |byte| u32::from(*byte));
    let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (index, shift) in [18, 12, 6, 0].into_iter().enumerate() {
        let char = ALPHABET.get((bits >> shift & 63) as usize);
        let char = char.filter(|_| index <= three.len());
        text.push(char.map_or('=', |byte| char::from(*byte)));
    }
}

#[inline]
fn read_fault(error: io::Error) -> MediaError {
    MediaError(Fault::Read(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(bytes: &[u8]) -> String {
        base64(&mut &*bytes).unwrap()
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
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
        }
        let pdf = DocumentBlock::from_bytes(b"%PDF-1.7\n\xff").unwrap();
        assert_eq!(pdf.source.as_base64().unwrap().data, "JVBERi0xLjcK/w==");
        let text = DocumentBlock::from_bytes("é水").unwrap();
        assert_eq!(text.source.as_text().unwrap().data, "é水");
        for bytes in [&b"\xff\xfe"[..], b"a\0b"] {
            assert!(DocumentBlock::from_bytes(bytes).is_err());
        }
    }
}
