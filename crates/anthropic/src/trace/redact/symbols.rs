//! What the bytes of a text are, where it is JSON within strings of JSON: how deep each quote is,
//! and what is escaped.

/// What stands for what is not shown.
pub(super) const HIDDEN: &str = "[hidden]";
/// Deeper strings are as deep as this.
pub(super) const DEEPEST: usize = 6;

/// What a byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    /// A quote, so many strings deep, or the last byte of one that is escaped.
    Quote(usize),
    /// The beginning of what follows.
    Part,
    Blank,
    /// Any other character, or the last byte of one that is escaped.
    Plain(u8),
}

/// Reads the bytes of a text as they come. Each string within a string has a layer, which takes its
/// escapes out for the next one. A quote belongs to the first layer that does not find it escaped.
#[derive(Debug)]
pub(super) struct Symbols {
    layers: [Layer; DEEPEST],
    /// Whether one of them is within an escape.
    is_within: bool,
}

/// Where a layer is.
#[derive(Debug, Clone, Copy)]
enum Layer {
    Plain,
    Slash,
    /// In a number, behind so many digits of it.
    Code(u8, u32),
}

impl Default for Symbols {
    fn default() -> Self {
        Self {
            layers: [Layer::Plain; DEEPEST],
            is_within: false,
        }
    }
}

impl Symbols {
    pub(super) fn next(&mut self, byte: u8) -> Symbol {
        let symbol = if self.is_within || matches!(byte, b'\\' | b'"') {
            self.unescaped(byte)
        } else {
            plain(byte)
        };
        self.is_within = matches!(symbol, Symbol::Part);
        symbol
    }

    fn unescaped(&mut self, mut letter: u8) -> Symbol {
        for (depth, layer) in self.layers.iter_mut().enumerate() {
            if letter == b'"' && !matches!(layer, Layer::Slash) {
                // With a string ends what is open in those within it.
                self.layers = [Layer::Plain; DEEPEST];
                return Symbol::Quote(depth);
            }
            match layer.next(letter) {
                Some(next) => letter = next,
                None => return Symbol::Part,
            }
        }
        match letter {
            b'"' => Symbol::Quote(DEEPEST),
            b'\\' => Symbol::Part,
            _ => plain(letter),
        }
    }
}

fn plain(letter: u8) -> Symbol {
    match letter {
        b' ' | b'\n' | b'\r' | b'\t' => Symbol::Blank,
        _ => Symbol::Plain(letter),
    }
}

impl Layer {
    /// The character that ends with this one, which is as good as any if it is not of ASCII.
    fn next(&mut self, letter: u8) -> Option<u8> {
        let before = std::mem::replace(self, Self::Plain);
        let digit = char::from(letter).to_digit(16);
        *self = match (before, letter, digit) {
            (Self::Code(3, value), _, Some(digit)) => {
                return Some(u8::try_from(value << 4 | digit).unwrap_or(u8::MAX));
            }
            (Self::Code(digits, value), _, Some(digit)) => {
                Self::Code(digits + 1, value << 4 | digit)
            }
            (Self::Slash, b'u', _) => Self::Code(0, 0),
            (Self::Slash, b'b' | b'f', _) => return Some(0),
            (Self::Slash, b'n' | b'r' | b't', _) => return Some(b'\n'),
            (Self::Plain | Self::Code(..), b'\\', _) => Self::Slash,
            _ => return Some(letter),
        };
        None
    }
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
        use Symbol::{Blank, Plain};

        let read = symbols(r"\u0061\\u006B\n \/\u00e9\u20ac\u0x\u");
        let expected = [
            Plain(b'a'),
            Plain(b'k'),
            Blank,
            Blank,
            Plain(b'/'),
            Plain(0xe9),
            Plain(u8::MAX),
            Plain(b'x'),
        ];
        assert_eq!(read, expected);
    }
}
