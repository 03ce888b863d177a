//! URLs without what may be secret in them: users and passwords, and the values of queries that
//! aren't known to be harmless.

use super::HIDDEN;

/// Query parameters whose values are nobody's secret.
const PUBLIC_QUERY: [&str; 8] = [
    "after_id",
    "before_id",
    "beta",
    "limit",
    "order",
    "page",
    "purpose",
    "type",
];
/// No parameter of a query has a longer name.
const LONGEST_NAME: usize = 64;

/// Hides in each URL of a text what may be secret. It reads bytes as they come, and keeps of them
/// what a host, or a parameter's name, may still turn out to be.
///
/// Within JSON a URL may have slashes and other characters escaped.
#[derive(Debug, Default)]
pub(super) struct Urls {
    place: Place,
    /// Backslashes just before.
    slashes: usize,
    /// How much of `://` there was just before.
    mark: u8,
    last: u8,
    /// All is one URL, whatever characters it has.
    is_whole: bool,
}

#[derive(Debug, Default)]
enum Place {
    /// Outside of URLs.
    #[default]
    Text,
    Authority(Authority),
    Path,
    Name {
        name: Vec<u8>,
        is_fragment: bool,
    },
    /// Behind a name, with so many `=`.
    Equals {
        name: Vec<u8>,
        count: usize,
    },
    /// In a value that is shown.
    Value,
    Hidden,
}

/// What is between `://` and the path.
#[derive(Debug, Default)]
struct Authority {
    held: Vec<u8>,
    /// Whether a user was hidden.
    has_user: bool,
    has_colon: bool,
    /// Whether there is more than digits behind a colon: then it is no port, and a password may be
    /// in it, with what ends a host else.
    is_odd: bool,
}

impl Urls {
    /// For a text that is a URL as a whole, with its scheme or without.
    pub(super) fn whole(url: &str) -> Self {
        let has_scheme = url.contains("://");
        Self {
            place: if has_scheme { Place::Text } else { Place::Path },
            is_whole: true,
            ..Self::default()
        }
    }

    pub(super) fn read(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for &byte in text {
            if byte == b'\\' {
                self.slashes += 1;
                continue;
            }
            let slashes = std::mem::take(&mut self.slashes);
            if self.is_end(byte, slashes) {
                self.leave(out);
            }
            self.byte(byte, slashes, out);
        }
    }

    /// The text has ended, or is cut here: nothing of it is held back.
    pub(super) fn pause(&mut self, out: &mut Vec<u8>) {
        match &mut self.place {
            Place::Authority(authority) => {
                authority.write(out);
                authority.held.clear();
            }
            Place::Name { name, is_fragment } => {
                write_bare(name, *is_fragment, out);
                name.clear();
            }
            Place::Equals { name, count } => {
                write_bare(name, false, out);
                write_equals(*count, out);
                self.place = Place::Hidden;
            }
            _ => {}
        }
        write_slashes(std::mem::take(&mut self.slashes), out);
    }

    /// A piece of the text has ended. What is held back comes with the next one, but for what looks
    /// like a whole host, with which a text may end.
    pub(super) fn end_piece(&mut self, out: &mut Vec<u8>) {
        if let Place::Authority(authority) = &mut self.place {
            if authority.is_host() {
                out.append(&mut authority.held);
            }
        }
    }

    /// Whether a URL ends before this byte.
    fn is_end(&self, byte: u8, slashes: usize) -> bool {
        let is_escape = slashes > 0 && !matches!(byte, b'/' | b'u');
        match &self.place {
            Place::Text => false,
            _ if self.is_whole => false,
            _ if is_escape || byte <= b' ' || matches!(byte, b'"' | 0x7f) => true,
            Place::Authority(_) => false,
            _ => matches!(byte, b'<' | b'>' | b'`'),
        }
    }

    /// Writes what is held back of a URL that has ended.
    fn leave(&mut self, out: &mut Vec<u8>) {
        match std::mem::take(&mut self.place) {
            Place::Authority(authority) => authority.write(out),
            Place::Name { name, is_fragment } => write_bare(&name, is_fragment, out),
            Place::Equals { name, count } => {
                write_bare(&name, false, out);
                write_equals(count, out);
            }
            Place::Text | Place::Path | Place::Value | Place::Hidden => {}
        }
        self.mark = 0;
    }

    fn byte(&mut self, byte: u8, slashes: usize, out: &mut Vec<u8>) {
        match &mut self.place {
            Place::Text | Place::Path => return self.plain(byte, slashes, out),
            Place::Authority(authority) => {
                if !authority.take(byte, slashes, out) {
                    authority.write(out);
                    self.place = Place::Path;
                    self.plain(byte, slashes, out);
                }
                return;
            }
            Place::Name { name, is_fragment } => match byte {
                b'=' => {
                    let name = std::mem::take(name);
                    self.place = Place::Equals { name, count: 1 };
                    return;
                }
                b'&' | b'#' => write_bare(name, *is_fragment, out),
                _ => return hold(name, byte, slashes),
            },
            Place::Equals { name, count } => match byte {
                b'=' => {
                    *count += 1;
                    return;
                }
                b'&' | b'#' => {
                    write_bare(name, false, out);
                    write_equals(*count, out);
                }
                _ => {
                    write_name(name, out);
                    write_equals(*count, out);
                    let is_public = PUBLIC_QUERY.iter().any(|it| it.as_bytes() == &**name);
                    self.place = Place::Value;
                    return self.value(byte, slashes, is_public, out);
                }
            },
            Place::Value if !matches!(byte, b'&' | b'#') => {
                return self.value(byte, slashes, true, out);
            }
            Place::Hidden if !matches!(byte, b'&' | b'#') => return,
            Place::Value | Place::Hidden => {}
        }
        out.push(byte);
        self.place = name_after(byte);
    }

    /// A byte of a value, which is hidden from the first character on that is not a plain one.
    fn value(&mut self, byte: u8, slashes: usize, is_public: bool, out: &mut Vec<u8>) {
        let is_plain = byte.is_ascii_alphanumeric() || b"-_.~:,%+*=".contains(&byte);
        if is_public && is_plain && slashes == 0 {
            out.push(byte);
        } else {
            out.extend_from_slice(HIDDEN.as_bytes());
            self.place = Place::Hidden;
        }
    }

    /// A byte that is shown, and may lead to a URL, or to its query.
    fn plain(&mut self, byte: u8, slashes: usize, out: &mut Vec<u8>) {
        write_slashes(slashes, out);
        out.push(byte);
        let is_scheme = self.last.is_ascii_alphanumeric() || b"+-.".contains(&self.last);
        self.mark = match (byte, self.mark) {
            (b':', _) if is_scheme => 1,
            (b'/', mark @ 1..) => mark + 1,
            _ => 0,
        };
        self.last = byte;
        if self.mark == 3 {
            self.mark = 0;
            self.place = Place::Authority(Authority::default());
        } else if matches!(byte, b'?' | b'#') && matches!(self.place, Place::Path) {
            self.place = name_after(byte);
        }
    }
}

fn name_after(byte: u8) -> Place {
    Place::Name {
        name: Vec::new(),
        is_fragment: byte == b'#',
    }
}

impl Authority {
    /// Takes a byte in, unless the authority ends before it.
    fn take(&mut self, byte: u8, slashes: usize, out: &mut Vec<u8>) -> bool {
        match byte {
            b'/' | b'?' | b'#' if !self.is_odd => return false,
            b'@' => {
                if !self.has_user {
                    out.extend_from_slice(HIDDEN.as_bytes());
                    out.push(byte);
                }
                *self = Self {
                    has_user: true,
                    ..Self::default()
                };
                return true;
            }
            // An address of IPv6 has colons, too.
            b':' if self.held.first() != Some(&b'[') => self.has_colon = true,
            b'0'..=b'9' => {}
            _ => self.is_odd |= self.has_colon,
        }
        self.is_odd |= slashes > 0;
        hold(&mut self.held, byte, slashes);
        true
    }

    /// Whether it looks like a domain's name, and no user's or key.
    fn is_host(&self) -> bool {
        let is_letter =
            |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(byte);
        let dot = self.held.iter().rposition(|byte| *byte == b'.');
        let last = dot
            .and_then(|dot| self.held.get(dot + 1..))
            .unwrap_or_default();
        last.len() > 1 && last.iter().all(u8::is_ascii_lowercase) && self.held.iter().all(is_letter)
    }

    fn write(&self, out: &mut Vec<u8>) {
        if self.is_odd {
            out.extend_from_slice(HIDDEN.as_bytes());
        } else {
            out.extend_from_slice(&self.held);
        }
    }
}

fn hold(held: &mut Vec<u8>, byte: u8, slashes: usize) {
    write_slashes(slashes, held);
    held.push(byte);
}

fn write_slashes(count: usize, out: &mut Vec<u8>) {
    out.extend(std::iter::repeat_n(b'\\', count));
}

fn write_equals(count: usize, out: &mut Vec<u8>) {
    out.extend(std::iter::repeat_n(b'=', count));
}

/// A parameter's name, unless it looks like no name.
fn write_name(name: &[u8], out: &mut Vec<u8>) {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~%[]".contains(byte);
    if name.len() <= LONGEST_NAME && name.iter().all(is_letter) {
        out.extend_from_slice(name);
    } else {
        out.extend_from_slice(HIDDEN.as_bytes());
    }
}

/// What has no value: a flag, or the name of a part of a page. Anything else may be a secret that
/// has no name.
fn write_bare(name: &[u8], is_fragment: bool, out: &mut Vec<u8>) {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || b"-_".contains(byte);
    let is_flag = name.len() <= LONGEST_NAME && name.iter().all(is_letter);
    if is_fragment || is_flag {
        out.extend_from_slice(name);
    } else {
        out.extend_from_slice(HIDDEN.as_bytes());
    }
}
