//! What the bytes of a text are, where it is JSON within strings of JSON: how deep each quote is.

/// Deeper ones are as deep as this.
pub(super) const DEEPEST: usize = 6;

/// What a byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    /// A quote, so many strings deep, or the last byte of one that is escaped by its number.
    Quote(usize),
    /// The beginning of what follows.
    Part,
    Blank,
    /// A letter that is escaped by its number.
    Letter(u8),
    Plain(u8),
}

/// Reads the bytes of a text as they come.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    slashes: u32,
    code: Option<Code>,
}

/// A letter escaped by its number, as far as it has been read.
#[derive(Debug, Clone, Copy)]
struct Code {
    slashes: u32,
    digits: u8,
    value: u32,
}

impl Symbols {
    pub(super) fn next(&mut self, byte: u8) -> Symbol {
        if let Some(code) = self.code.take() {
            if let Some(digit) = char::from(byte).to_digit(16) {
                return self.digit(code, digit);
            }
        }
        if byte == b'\\' {
            self.slashes = self.slashes.saturating_add(1);
            return Symbol::Part;
        }
        let slashes = std::mem::take(&mut self.slashes);
        match byte {
            b'"' => Symbol::Quote(depth(slashes)),
            b'u' if slashes > 0 => {
                self.code = Some(Code {
                    slashes,
                    digits: 0,
                    value: 0,
                });
                Symbol::Part
            }
            b'n' | b'r' | b't' if slashes > 0 => Symbol::Blank,
            b' ' | b'\n' | b'\r' | b'\t' => Symbol::Blank,
            _ => Symbol::Plain(byte),
        }
    }

    fn digit(&mut self, mut code: Code, digit: u32) -> Symbol {
        code.digits += 1;
        code.value = code.value << 4 | digit;
        if code.digits < 4 {
            self.code = Some(code);
            return Symbol::Part;
        }
        match u8::try_from(code.value) {
            Ok(b'"') => Symbol::Quote(depth_by_number(code.slashes)),
            Ok(letter) => Symbol::Letter(letter),
            Err(_) => Symbol::Letter(u8::MAX),
        }
    }
}

/// How deep a quote is behind so many backslashes. A string within a string has its quotes escaped,
/// `\"`, and one within that has the backslash escaped too, `\\\"`; backslashes of the text itself
/// come before those, in a number that is a multiple of the next power of two.
fn depth(slashes: u32) -> usize {
    (slashes.trailing_ones() as usize).min(DEEPEST)
}

/// The same of a quote that is written as `\u0022`, which the innermost reader takes for one.
fn depth_by_number(slashes: u32) -> usize {
    let readers = slashes.trailing_zeros();
    let inner = slashes.checked_shr(readers).unwrap_or_default();
    (readers as usize + inner.trailing_ones() as usize).min(DEEPEST)
}

/// How a quote is written that is so deep.
pub(super) fn write_quote(depth: usize, out: &mut Vec<u8>) {
    out.extend(std::iter::repeat_n(b'\\', (1 << depth) - 1));
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(text: &str) -> Vec<Symbol> {
        let mut symbols = Symbols::default();
        let all = text.bytes().map(|byte| symbols.next(byte));
        all.filter(|symbol| *symbol != Symbol::Part).collect()
    }

    #[test]
    fn quotes_are_as_deep_as_their_strings() {
        let mut text = r#"a"b"#.to_owned();
        for depth in 1..=DEEPEST {
            let quoted = serde_json::to_string(&text).unwrap();
            let inner = &quoted[1..quoted.len() - 1];
            assert_eq!(symbols(inner)[1], Symbol::Quote(depth), "{inner}");
            let mut written = Vec::new();
            write_quote(depth, &mut written);
            assert_eq!(inner.as_bytes()[1..inner.len() - 1], written);
            text = inner.to_owned();
        }
        // Behind backslashes of the text's own.
        let mut text = r#"\\""#.to_owned();
        for depth in 0..4 {
            assert_eq!(symbols(&text), [Symbol::Quote(depth)], "{text}");
            let quoted = serde_json::to_string(&text).unwrap();
            text = quoted[1..quoted.len() - 1].to_owned();
        }
        for (text, depth) in [
            (r"\u0022", 1),
            (r"\\u0022", 2),
            (r"\\\\u0022", 3),
            (r"\\\u0022", 2),
        ] {
            assert_eq!(symbols(text), [Symbol::Quote(depth)], "{text}");
        }
    }

    #[test]
    fn escapes_are_blanks_and_letters() {
        use Symbol::{Blank, Letter, Plain};

        let read = symbols(r"\u0061\\u006B\n \/\u00e9\u20ac\u0x\u");
        let expected = [
            Letter(b'a'),
            Letter(b'k'),
            Blank,
            Blank,
            Plain(b'/'),
            Letter(0xe9),
            Letter(u8::MAX),
            Plain(b'x'),
        ];
        assert_eq!(read, expected);
    }
}
