//! The escapes of a JSON string, one character at a time.

use super::error::PartialJsonErrorKind;

/// How far into an escape the text is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Escape {
    state: State,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    None,
    /// After the backslash.
    Backslash,
    /// After `\u` and so many of its four digits.
    Unicode { digits: u8, value: u16 },
}

pub(crate) enum Step {
    Open,
    Done(char),
    Bad(PartialJsonErrorKind),
}

impl Escape {
    /// Whether the next character belongs to an escape.
    pub(crate) fn is_open(self) -> bool {
        self.high.is_some() || !matches!(self.state, State::None)
    }

    /// A backslash was read.
    pub(crate) fn begin(&mut self) {
        self.state = State::Backslash;
    }

    pub(crate) fn next(&mut self, byte: u8) -> Step {
        match self.state {
            State::None if byte == b'\\' => self.go_on(State::Backslash),
            State::Backslash if byte == b'u' => self.go_on(State::Unicode {
                digits: 0,
                value: 0,
            }),
            // The other half of a pair must follow at once.
            State::None | State::Backslash if self.high.is_some() => {
                Step::Bad(PartialJsonErrorKind::LoneSurrogate)
            }
            State::None | State::Backslash => self.short(byte),
            State::Unicode { digits, value } => {
                let Some(digit) = char::from(byte).to_digit(16) else {
                    return Step::Bad(PartialJsonErrorKind::InvalidEscape);
                };
                // A hexadecimal digit is at most 15.
                let value = value << 4 | u16::try_from(digit).unwrap_or_default();
                if digits < 3 {
                    self.go_on(State::Unicode {
                        digits: digits + 1,
                        value,
                    })
                } else {
                    self.unit(value)
                }
            }
        }
    }

    fn go_on(&mut self, state: State) -> Step {
        self.state = state;
        Step::Open
    }

    fn short(&mut self, byte: u8) -> Step {
        self.state = State::None;
        Step::Done(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            _ => return Step::Bad(PartialJsonErrorKind::InvalidEscape),
        })
    }

    /// A whole `\uXXXX`: a character, or half of one.
    fn unit(&mut self, unit: u16) -> Step {
        self.state = State::None;
        let first = self.high.take();
        if first.is_none() && (0xD800..0xDC00).contains(&unit) {
            self.high = Some(unit);
            return Step::Open;
        }
        match char::decode_utf16(first.into_iter().chain([unit])).next() {
            Some(Ok(character)) => Step::Done(character),
            _ => Step::Bad(PartialJsonErrorKind::LoneSurrogate),
        }
    }
}
