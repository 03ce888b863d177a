//! What the bytes of images and documents show, as far as rules need it: formats, dimensions,
//! pages.

use crate::base::base64;

/// As many characters as hold the bytes that distinguish formats, and of most the dimensions.
const HEAD: usize = 64;

pub(super) enum Pdf {
    /// It is none.
    None,
    Pages(usize),
    /// Its page tree is compressed.
    Unknown,
}

/// The first bytes.
pub(super) fn head(data: &str) -> Vec<u8> {
    base64::decode(data.as_bytes().get(..HEAD).unwrap_or(data.as_bytes()))
}

/// The media type of an image.
pub(super) fn format(head: &[u8]) -> Option<&'static str> {
    let riff = |kind: &[u8]| head.starts_with(b"RIFF") && head.get(8..12) == Some(kind);
    match head {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        _ if riff(b"WEBP") => Some("image/webp"),
        _ => None,
    }
}

fn number(bytes: Option<&[u8]>, big: bool) -> Option<u32> {
    let fold = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
    let bytes = bytes?;
    Some(if big {
        bytes.iter().fold(0, fold)
    } else {
        bytes.iter().rev().fold(0, fold)
    })
}

/// Width and height of an image, from its head.
pub(super) fn dimensions(data: &str) -> Option<(u32, u32)> {
    let head = head(data);
    match format(&head)? {
        "image/png" if head.get(12..16) == Some(b"IHDR") => Some((
            number(head.get(16..20), true)?,
            number(head.get(20..24), true)?,
        )),
        "image/gif" => Some((
            number(head.get(6..8), false)?,
            number(head.get(8..10), false)?,
        )),
        "image/webp" => webp(&head),
        "image/jpeg" => jpeg(&base64::decode(data.as_bytes())),
        _ => None,
    }
}

fn webp(head: &[u8]) -> Option<(u32, u32)> {
    match head.get(12..16)? {
        b"VP8X" => Some((
            number(head.get(24..27), false)? + 1,
            number(head.get(27..30), false)? + 1,
        )),
        b"VP8L" => {
            let bits = number(head.get(21..25), false)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => Some((
            number(head.get(26..28), false)? & 0x3fff,
            number(head.get(28..30), false)? & 0x3fff,
        )),
        _ => None,
    }
}

/// From segment to segment, up to the one that starts the frame.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let (marker, kind) = (*bytes.get(at)?, *bytes.get(at + 1)?);
        if marker != 0xff {
            return None;
        }
        if kind == 0xff {
            // A fill byte.
            at += 1;
            continue;
        }
        let frame = matches!(kind, 0xc0..=0xcf) && !matches!(kind, 0xc4 | 0xc8 | 0xcc);
        if frame {
            let side = |from: usize| number(bytes.get(at + from..at + from + 2), true);
            return Some((side(7)?, side(5)?));
        }
        let length = number(bytes.get(at + 2..at + 4), true)?;
        at = at.checked_add(2 + usize::try_from(length).ok()?)?;
    }
}

pub(super) fn pdf(data: &str) -> Pdf {
    if !head(data).starts_with(b"%PDF") {
        return Pdf::None;
    }
    let bytes = base64::decode(data.as_bytes());
    // Only nodes of the page tree have a count beside their type; the root's is the largest.
    let nodes = bytes.split(|byte| *byte == b'>').filter_map(|dictionary| {
        let start = find(dictionary, b"<<").unwrap_or_default();
        let dictionary = dictionary.get(start..)?;
        find(dictionary, b"/Pages")?;
        let count = find(dictionary, b"/Count")?;
        let digits = dictionary.get(count + 6..)?.iter();
        let digits = digits.skip_while(|byte| byte.is_ascii_whitespace());
        let digits = digits.take_while(|byte| byte.is_ascii_digit()).take(9);
        digits.fold(None, |number, digit| {
            Some(number.unwrap_or(0) * 10 + usize::from(digit - b'0'))
        })
    });
    nodes.max().map_or(Pdf::Unknown, Pdf::Pages)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_the_dimensions_that_their_heads_say() {
        let png = [
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x23\x28\0\0\0\x10"[..],
            &[8; 40],
        ]
        .concat();
        let gif = b"GIF89a\x10\x00\x20\x00rest".to_vec();
        let jpeg = [
            &[0xff, 0xd8, 0xff, 0xe0, 0, 100][..],
            &[7; 98],
            &[0xff, 0xff, 0xc2, 0, 17, 8, 0x1f, 0x41, 0, 3],
        ]
        .concat();
        let extended = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x0f\0\0\x1f\0\0rest".to_vec();
        for (bytes, sides) in [
            (png, (9_000, 16)),
            (gif, (16, 32)),
            (jpeg, (3, 8_001)),
            (extended, (16, 32)),
        ] {
            let text = base64::encode(&bytes);
            assert!(base64::is_valid(&text), "{text}");
            assert_eq!(dimensions(&text), Some(sides));
            // Cut anywhere, it is at worst unknown.
            for end in 0..text.len() {
                let _ = dimensions(&text[..end]);
            }
        }
    }

    #[test]
    fn pages_are_counted_where_they_are_not_compressed() {
        let document = |count: &str| {
            let text = format!(
                "%PDF-1.4\n1 0 obj <</Count 7/Type/Outlines>> <</Type /Pages /Count {count} /Kids []>>"
            );
            pdf(&base64::encode(text.as_bytes()))
        };
        assert!(matches!(document("101"), Pdf::Pages(101)));
        assert!(matches!(document("x"), Pdf::Unknown));
        assert!(matches!(pdf("%PDF"), Pdf::None));
    }
}
