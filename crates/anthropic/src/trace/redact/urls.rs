//! URLs without what may be secret in them: users and passwords, and the values of queries that
//! aren't known to be harmless.

use super::symbols::{HIDDEN, Symbol, Symbols};

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
/// What is longer is not held back, but hidden.
const LONGEST: usize = 1024;

/// Hides in each URL of a text what may be secret. It reads bytes as they come, and keeps of them
/// what a host, or a parameter's name, may still turn out to be.
///
/// Within JSON a URL may have slashes and other characters escaped.
#[derive(Debug, Default)]
pub(super) struct Urls {
    place: Place,
    symbols: Symbols,
    escape: Escape,
    /// What is held back of a character that is escaped.
    raw: Vec<u8>,
    /// How much of `://` there was just before.
    mark: u8,
    last: u8,
    /// All is one URL, whatever characters it has.
    is_whole: bool,
}

/// How a character is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Escape {
    #[default]
    None,
    Slashes,
    Number,
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
    /// What of the host was shown before its end had come.
    shown: Host,
}

/// What may be shown of a host whose end has not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Host {
    /// It may be a user, or a key.
    #[default]
    Unknown,
    /// It looks like a domain's name.
    Domain,
    /// This machine's name, or an address: what comes behind a colon is a port, too.
    Local,
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
            if matches!(self.place, Place::Text | Place::Path) {
                out.push(byte);
            } else {
                hold(&mut self.raw, &[byte]);
            }
            let letter = match self.symbols.next(byte) {
                Symbol::Part => {
                    if byte == b'u' {
                        self.escape = Escape::Number;
                    } else if self.escape == Escape::None {
                        self.escape = Escape::Slashes;
                    }
                    continue;
                }
                Symbol::Quote(_) => b'"',
                Symbol::Blank => b' ',
                Symbol::Plain(letter) => letter,
            };
            let escape = std::mem::take(&mut self.escape);
            if self.is_end(letter) {
                self.leave(out);
                out.append(&mut self.raw);
            }
            self.letter(letter, escape, out);
            self.raw.clear();
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
        self.write_slashes(out);
    }

    /// A piece of the text has ended, which may be the last one. What is held back comes with the
    /// next one, but for what a text may end with and that is no secret, however it goes on.
    pub(super) fn end_piece(&mut self, out: &mut Vec<u8>) {
        match &mut self.place {
            Place::Authority(authority) => {
                authority.end_piece(out);
                if !authority.held.is_empty() {
                    return;
                }
            }
            Place::Equals { name, count } if is_public(name) => {
                out.append(name);
                write_equals(*count, out);
                self.place = Place::Value;
            }
            Place::Name { .. } | Place::Equals { .. } => return,
            _ => {}
        }
        self.write_slashes(out);
    }

    /// Writes the backslashes that are held back, but no part of a number.
    fn write_slashes(&mut self, out: &mut Vec<u8>) {
        if self.escape != Escape::Number {
            out.append(&mut self.raw);
        }
    }

    /// Whether a URL ends before this character.
    fn is_end(&self, letter: u8) -> bool {
        match &self.place {
            Place::Text => false,
            _ if self.is_whole => false,
            _ if letter <= b' ' || matches!(letter, b'"' | 0x7f) => true,
            Place::Authority(_) => false,
            _ => matches!(letter, b'<' | b'>' | b'`'),
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

    fn letter(&mut self, letter: u8, escape: Escape, out: &mut Vec<u8>) {
        // What is escaped separates nothing but a path.
        let sign = match escape {
            Escape::None => letter,
            _ if letter == b'/' => letter,
            _ => b'\\',
        };
        match &mut self.place {
            Place::Text | Place::Path => return self.plain(letter),
            Place::Authority(authority) => {
                if !authority.take(sign, &self.raw, out) {
                    authority.write(out);
                    self.place = Place::Path;
                    out.append(&mut self.raw);
                    self.plain(letter);
                }
                return;
            }
            Place::Name { name, is_fragment } => match sign {
                b'=' => {
                    let name = std::mem::take(name);
                    self.place = Place::Equals { name, count: 1 };
                    return;
                }
                b'&' | b'#' => write_bare(name, *is_fragment, out),
                _ => return hold(name, &self.raw),
            },
            Place::Equals { name, count } => match sign {
                b'=' => {
                    *count += 1;
                    return;
                }
                b'&' | b'#' => {
                    write_bare(name, false, out);
                    write_equals(*count, out);
                }
                _ => {
                    let is_public = is_public(name);
                    write_name(name, out);
                    write_equals(*count, out);
                    self.place = Place::Value;
                    return self.value(sign, is_public, out);
                }
            },
            Place::Value if !matches!(sign, b'&' | b'#') => {
                return self.value(sign, true, out);
            }
            Place::Hidden if !matches!(sign, b'&' | b'#') => return,
            Place::Value | Place::Hidden => {}
        }
        out.push(sign);
        self.place = name_after(sign);
    }

    /// A sign of a value, which is hidden from the first character on that is not a plain one.
    fn value(&mut self, sign: u8, is_public: bool, out: &mut Vec<u8>) {
        let is_plain = sign.is_ascii_alphanumeric() || b"-_.~:,%+*=".contains(&sign);
        if is_public && is_plain {
            out.push(sign);
        } else {
            out.extend_from_slice(HIDDEN.as_bytes());
            self.place = Place::Hidden;
        }
    }

    /// A character that is shown, and may lead to a URL, or to its query.
    fn plain(&mut self, letter: u8) {
        let is_scheme = self.last.is_ascii_alphanumeric() || b"+-.".contains(&self.last);
        self.mark = match (letter, self.mark) {
            (b':', _) if is_scheme => 1,
            (b'/', mark @ 1..) => mark + 1,
            _ => 0,
        };
        self.last = letter;
        if self.mark == 3 {
            self.mark = 0;
            self.place = Place::Authority(Authority::default());
        } else if matches!(letter, b'?' | b'#') && matches!(self.place, Place::Path) {
            self.place = name_after(letter);
        }
    }
}

fn is_public(name: &[u8]) -> bool {
    PUBLIC_QUERY.iter().any(|it| it.as_bytes() == name)
}

fn name_after(byte: u8) -> Place {
    Place::Name {
        name: Vec::new(),
        is_fragment: byte == b'#',
    }
}

impl Authority {
    /// Takes a character in, unless the authority ends before it.
    fn take(&mut self, sign: u8, raw: &[u8], out: &mut Vec<u8>) -> bool {
        match sign {
            b'/' | b'?' | b'#' if !self.is_odd => return false,
            b'@' => {
                if !self.has_user {
                    out.extend_from_slice(HIDDEN.as_bytes());
                    out.push(sign);
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
            b'\\' => self.is_odd = true,
            _ => self.is_odd |= self.has_colon,
        }
        self.is_odd |= self.held.len() >= LONGEST;
        hold(&mut self.held, raw);
        true
    }

    /// Writes what is no user's and no key, however it goes on.
    fn end_piece(&mut self, out: &mut Vec<u8>) {
        let is_shown = match self.shown {
            _ if self.is_odd => false,
            Host::Unknown => {
                self.shown = host(&self.held);
                self.shown != Host::Unknown
            }
            Host::Domain => all(&self.held, is_of_domain),
            Host::Local => all(&self.held, is_of_port),
        };
        if is_shown {
            out.append(&mut self.held);
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        if self.is_odd {
            out.extend_from_slice(HIDDEN.as_bytes());
        } else {
            out.extend_from_slice(&self.held);
        }
    }
}

fn is_of_domain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-')
}

fn is_of_port(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b':' | b'.')
}

fn all(text: &[u8], is_it: fn(u8) -> bool) -> bool {
    text.iter().all(|byte| is_it(*byte))
}

/// What a host looks like, which may have a port.
fn host(text: &[u8]) -> Host {
    let (mut dots, mut label, mut is_tld) = (0, 0, false);
    for &byte in text {
        label += 1;
        is_tld = match byte {
            b'.' => {
                (dots, label) = (dots + 1, 0);
                true
            }
            b'a'..=b'z' => is_tld,
            _ => false,
        };
    }
    let port = match text.strip_prefix(&b"localhost"[..]) {
        None if dots != 3 => b"-",
        port => port.unwrap_or(text),
    };
    if all(port, is_of_port) {
        Host::Local
    } else if is_tld && label > 1 && all(text, is_of_domain) {
        Host::Domain
    } else {
        Host::Unknown
    }
}

fn hold(held: &mut Vec<u8>, raw: &[u8]) {
    if held.len() < LONGEST {
        held.extend_from_slice(raw);
    }
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
    let has_number = || name.windows(2).any(|two| two == b"\\u");
    if is_flag || (is_fragment && name.len() < LONGEST && !has_number()) {
        out.extend_from_slice(name);
    } else {
        out.extend_from_slice(HIDDEN.as_bytes());
    }
}
