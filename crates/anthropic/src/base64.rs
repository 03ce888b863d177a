//! Base64, as credentials and keys are written.

/// The bytes of a Base64 text of the usual alphabet, whose padding may be left out. `None` if it is
/// none, or if bits are set that belong to no byte.
pub(crate) fn decoded(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=');
    let padding = text.len() - bare.len();
    if padding > 0 && (padding > 2 || text.len() % 4 != 0) {
        return None;
    }
    let mut bytes = Vec::with_capacity(bare.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for char in bare.bytes() {
        bits = bits << 6 | digit(char)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    // A lone digit is no byte.
    (bits == 0 && count < 6).then_some(bytes)
}

fn digit(char: u8) -> Option<u32> {
    let digit = match char {
        b'A'..=b'Z' => char - b'A',
        b'a'..=b'z' => char - b'a' + 26,
        b'0'..=b'9' => char - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(digit.into())
}
