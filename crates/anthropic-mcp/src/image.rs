//! Images of servers. For one that the API does not take it refuses the whole request, and each
//! later one of the conversation: so it is an error of the call.

use anthropic::types::ImageBlock;

use crate::error::{Error, Result};

/// How long the Base64 of an image may be.
const MAX_LENGTH: usize = 10 << 20;
/// How long its sides may be, in pixels.
const MAX_SIDE: usize = 8_000;

/// An image by what its bytes are: servers call it wrongly, and the API compares both. `what` names
/// it.
pub(crate) fn image(bytes: &[u8], what: &str, mime_type: &str) -> Result<ImageBlock> {
    let length = bytes.len().div_ceil(3).saturating_mul(4);
    if length > MAX_LENGTH {
        return Err(Error::unsupported(format!(
            "{what} has {length} bytes in Base64, and the API takes at most {MAX_LENGTH}"
        )));
    }
    // What can't be read of it, the API has to judge.
    let size = imagesize::blob_size(bytes).ok();
    if let Some(size) = size.filter(|size| size.width.max(size.height) > MAX_SIDE) {
        return Err(Error::unsupported(format!(
            "{what} has {} × {} pixels, and the API takes at most {MAX_SIDE} on a side",
            size.width, size.height
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

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        [head, &width.to_be_bytes()[..], &height.to_be_bytes()].concat()
    }

    #[test]
    fn the_sides_of_each_type_are_read() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc4\0\x02\xff\xc2\0\x11\x08\x12\x34\x23\x45\x03";
        for (bytes, expected) in [
            (png(8_001, 2), "8001 × 2"),
            (b"GIF89a\x41\x1f\x03\x04\0\0\0".to_vec(), "8001 × 1027"),
            (jpeg.to_vec(), "9029 × 4660"),
            (
                b"RIFF____WEBPVP8X____\0\0\0\0\x0f\x27\0\x01\0\0".to_vec(),
                "10000 × 2",
            ),
            (
                b"RIFF____WEBPVP8 ____\0\0\0\x9d\x01\x2a\x10\x27\x02\0".to_vec(),
                "10000 × 2",
            ),
            (
                b"RIFF____WEBPVP8L____\x2f\x0f\xa7\0\0".to_vec(),
                "10000 × 3",
            ),
        ] {
            let error = image(&bytes, "the image", "").unwrap_err().to_string();
            assert!(error.contains(&format!("has {expected} pixels")), "{error}");
        }
        // Without its size, which is cut off.
        image(&png(9_000, 1)[..20], "the image", "").unwrap();
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
