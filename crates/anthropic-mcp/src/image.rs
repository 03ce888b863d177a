//! Images of servers. For one that the API does not take it refuses the whole request, and each
//! later one of the conversation: so it is an error of the call.

use anthropic::types::ImageBlock;

use crate::error::{Error, Result};

/// How long the Base64 of an image may be.
const MAX_LENGTH: usize = 10 << 20;
/// How long its sides may be, in pixels.
const MAX_SIDE: u32 = 8_000;

/// An image by what its bytes are: servers call it wrongly, and the API compares both. `what` names
/// it.
pub(crate) fn image(bytes: &[u8], what: &str, mime_type: &str) -> Result<ImageBlock> {
    let length = bytes.len().div_ceil(3).saturating_mul(4);
    if length > MAX_LENGTH {
        return Err(Error::unsupported(format!(
            "{what} has {length} bytes in Base64, and the API takes at most {MAX_LENGTH}"
        )));
    }
    if let Some((width, height)) =
        sides(bytes).filter(|(width, height)| *width.max(height) > MAX_SIDE)
    {
        return Err(Error::unsupported(format!(
            "{what} has {width} × {height} pixels, and the API takes at most {MAX_SIDE} on a side"
        )));
    }
    ImageBlock::from_bytes(bytes).map_err(|error| {
        let mime_type = match mime_type {
            "" => "no type",
            some => some,
        };
        let message = format!("{what} is of {mime_type}, which the API does not take");
        Error::unsupported(message).caused_by(error)
    })
}

/// The width and the height of an image, where its beginning has them.
fn sides(bytes: &[u8]) -> Option<(u32, u32)> {
    let big = |at: usize, count: usize| {
        let bytes = bytes.get(at..at.checked_add(count)?)?.iter();
        Some(bytes.fold(0, |number, byte| number << 8 | u32::from(*byte)))
    };
    let little = |at: usize, count: usize| {
        let bytes = bytes.get(at..at.checked_add(count)?)?.iter().rev();
        Some(bytes.fold(0, |number, byte| number << 8 | u32::from(*byte)))
    };
    if bytes.starts_with(b"\x89PNG") {
        return Some((big(16, 4)?, big(20, 4)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some((little(6, 2)?, little(8, 2)?));
    }
    if bytes.starts_with(b"RIFF") {
        let lossless = little(21, 4)?;
        return match bytes.get(12..16)? {
            b"VP8X" => Some((little(24, 3)? + 1, little(27, 3)? + 1)),
            b"VP8L" => Some(((lossless & 0x3fff) + 1, (lossless >> 14 & 0x3fff) + 1)),
            b"VP8 " => Some((little(26, 2)? & 0x3fff, little(28, 2)? & 0x3fff)),
            _ => None,
        };
    }
    // JPEG: segments, of which one has the frame.
    let mut at = 2_usize;
    while big(0, 2)? == 0xffd8 && big(at, 1)? == 0xff {
        match big(at + 1, 1)? {
            // Filled up.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xd9 | 0xda => return None,
            marker => {
                if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                    return Some((big(at + 7, 2)?, big(at + 5, 2)?));
                }
                at += 2 + usize::try_from(big(at + 2, 2)?).ok()?;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        of(&[head, &width.to_be_bytes(), &height.to_be_bytes()])
    }

    #[test]
    fn the_sides_of_each_type_are_read() {
        let app = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc4\0\x02";
        let frame = b"\xff\xc2\0\x11\x08\x12\x34\x23\x45\x03";
        for (bytes, expected) in [
            (png(8_001, 2), Some((8_001, 2))),
            (png(1, 1)[..20].to_vec(), None),
            (b"GIF89a\x01\x02\x03\x04".to_vec(), Some((0x0201, 0x0403))),
            (of(&[app, frame]), Some((0x2345, 0x1234))),
            (of(&[app, b"\xff\xda", frame]), None),
            (of(&[app, b"\0\0", frame]), None),
            (b"\xff\xd8\xff\xe0\0\0".to_vec(), None),
            (
                b"RIFF____WEBPVP8X____\0\0\0\0\x0f\x27\0\x01\0\0".to_vec(),
                Some((10_000, 2)),
            ),
            (
                b"RIFF____WEBPVP8 ____\0\0\0\x9d\x01\x2a\x10\x27\x02\x40".to_vec(),
                Some((10_000, 2)),
            ),
            (
                b"RIFF____WEBPVP8L____\x2f\x0f\xa7\0\0".to_vec(),
                Some((10_000, 3)),
            ),
            (Vec::new(), None),
        ] {
            assert_eq!(sides(&bytes), expected, "{bytes:x?}");
        }
    }

    #[test]
    fn what_the_api_refuses_is_named() {
        image(&png(8_000, 8_000), "the image", "image/png").unwrap();
        let mut long = png(1, 1);
        long.resize(MAX_LENGTH / 4 * 3 + 1, 0);
        for (bytes, mime_type, named) in [
            (&png(8_001, 2), "image/png", "8001 × 2 pixels"),
            (&png(2, 9_000), "image/png", "2 × 9000 pixels"),
            (&long, "image/png", "10485764 bytes in Base64"),
            (&b"BM".to_vec(), "image/png", "the image is of image/png"),
            (&Vec::new(), "", "no type"),
        ] {
            let error = image(bytes, "the image", mime_type).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
        long.truncate(MAX_LENGTH / 4 * 3);
        image(&long, "the image", "").unwrap();
    }
}
