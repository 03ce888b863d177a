//! The limit on the values of a JSON body.

/// Values in a JSON body. Each takes many times the byte or two it may be written in, so that the
/// limit on bytes alone would not bound the memory.
const MAX_VALUES: usize = 2_000_000;

/// Refuses JSON that would take much more memory than it has bytes. Depth is the parser's to
/// refuse.
pub(crate) fn bounded(json: &[u8]) -> Result<(), String> {
    if json.len() <= MAX_VALUES {
        return Ok(());
    }
    let (mut values, mut quoted) = (0_usize, false);
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => _ = bytes.next(),
            b',' | b':' | b'[' | b'{' if !quoted => values += 1,
            _ => {}
        }
    }
    if values > MAX_VALUES {
        Err(format!("it has more than {MAX_VALUES} values"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_of_strings() {
        let commas = format!("[{}0]", "0,".repeat(MAX_VALUES));
        assert!(bounded(commas.as_bytes()).is_err());
        let quoted = format!("[\"\\\"{}\"]", ",".repeat(MAX_VALUES * 2));
        assert_eq!(bounded(quoted.as_bytes()), Ok(()));
    }
}
