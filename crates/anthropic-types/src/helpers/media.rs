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
        piece.chunks(3).for_each(|three| push(three, &mut text));
        if piece.len() < PIECE {
            // It lives as long as the conversation.
            text.shrink_to_fit();
            return Ok(text);
        }
    }
}

/// Up to three bytes as four characters.
#[inline]
fn push(three: &[u8], text: &mut String) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let byte = |index| three.get(index).copied().unwrap_or(0);
    let bits = u32::from_be_bytes([0, byte(0), byte(1), byte(2)]);
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
