//! Rules on images and documents: <https://platform.claude.com/docs/en/build-with-claude/vision>
//! and <https://platform.claude.com/docs/en/build-with-claude/pdf-support>.

use serde_json::Value;

use super::turns::{Check, Conversation, items, kind, refuse, text};

/// As many characters as hold the bytes that tell formats apart.
const HEAD: usize = 16;

/// Data is Base64, without a `data:` prefix, and of the type that is declared.
pub(super) fn media(conversation: Conversation<'_>) -> Check {
    for (message, index, block) in conversation.blocks() {
        let place = || format!("messages.{message}.content.{index}");
        if kind(block) == "tool_result" {
            for (inner, block) in items(block, "content").iter().enumerate() {
                one(block, || format!("{}.tool_result.content.{inner}", place()))?;
            }
        } else {
            one(block, place)?;
        }
    }
    Ok(())
}

fn one(block: &Value, place: impl Fn() -> String) -> Check {
    let name = kind(block);
    let Some(source) = block
        .get("source")
        .filter(|source| kind(source) == "base64")
    else {
        return Ok(());
    };
    if !matches!(name, "image" | "document") {
        return Ok(());
    }
    let (data, declared) = (text(source, "data"), text(source, "media_type"));
    if !is_base64(data) {
        return refuse(format!(
            "{}.{name}.source.base64: invalid base64 data",
            place()
        ));
    }
    let head = decoded(data.as_bytes().get(..HEAD).unwrap_or(data.as_bytes()));
    if name == "document" {
        if declared == "application/pdf" && !head.starts_with(b"%PDF") {
            return refuse(format!(
                "{}.pdf.source.base64.data: The PDF specified was not valid.",
                place()
            ));
        }
        return Ok(());
    }
    match format(&head) {
        Some(found) if found != declared => refuse(format!(
            "{}.image.source.base64: The image was specified using the {declared} media type, but the image appears to be \
             a {found} image",
            place()
        )),
        _ => Ok(()),
    }
}

fn format(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
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
        ] => Some("image/webp"),
        _ => None,
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Standard Base64; padding may be left out.
fn is_base64(data: &str) -> bool {
    let digits = data.trim_end_matches('=');
    let padding = data.len() - digits.len();
    let whole = match digits.len() % 4 {
        0 => padding == 0,
        2 => matches!(padding, 0 | 2),
        3 => padding < 2,
        _ => false,
    };
    whole && digits.bytes().all(|byte| digit(byte).is_some())
}

/// The bytes of the first digits.
fn decoded(data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for value in data.iter().map_while(|byte| digit(*byte)) {
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap_or_default());
        }
    }
    bytes
}
