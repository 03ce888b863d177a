//! A text that matches a regular expression, built from the expression itself.
//!
//! It understands what schemas have: characters, classes, groups, alternatives, repetitions, and
//! anchors at the ends. Looking around, references to groups, and word boundaries need a search
//! instead, so that an expression with one of them has no text here.

use super::MAX_LENGTH;

/// How deep groups may be nested.
const DEEPEST: usize = 32;
/// How many characters an expression may have.
const LONGEST: usize = 4_096;
/// How many choices are tried when one comes out too long.
const TRIES: usize = 16;

/// A text of this many characters that matches, the `variant`th one; `None` where that can't be
/// decided, or there is none.
pub(super) fn text(pattern: &str, least: usize, most: usize, variant: usize) -> Option<String> {
    let expression = Expression::parse(pattern)?;
    let most = most.min(MAX_LENGTH);
    let mut tries = (variant..variant.saturating_add(TRIES)).map(|variant| {
        let short = expression.shortest();
        let mut text = Text {
            out: String::new(),
            left: MAX_LENGTH,
            missing: least.saturating_sub(short),
            variant,
        };
        text.write(&expression.alternatives)?;
        let length = text.out.chars().count();
        let missing = least.saturating_sub(length);
        if missing > 0 {
            // What is not anchored may have anything beside it.
            let fill = ".".repeat(missing);
            if !expression.ends {
                text.out.push_str(&fill);
            } else if !expression.starts {
                text.out.insert_str(0, &fill);
            } else {
                return None;
            }
        }
        (length.max(least) <= most).then_some(text.out)
    });
    tries.find_map(|text| text)
}

/// One of them.
type Alternatives = Vec<Vec<Repeated>>;

struct Repeated {
    atom: Atom,
    least: usize,
    /// Without a limit, as many as there is room for.
    most: usize,
}

enum Atom {
    /// One character of these ranges.
    Class(Vec<(char, char)>),
    Group(Alternatives),
}

struct Expression {
    alternatives: Alternatives,
    /// Whether it matches only from the start of a text, or only up to its end.
    starts: bool,
    ends: bool,
}

impl Expression {
    fn parse(pattern: &str) -> Option<Self> {
        let inner = pattern.strip_prefix('^').unwrap_or(pattern);
        let starts = inner.len() < pattern.len();
        // A backslash before it, unless that has one itself, makes it a character.
        let escapes = |text: &str| text.len() - text.trim_end_matches('\\').len();
        let end = inner.strip_suffix('$').filter(|it| escapes(it) % 2 == 0);
        let body = end.unwrap_or(inner);
        let mut parser = Parser {
            rest: body.chars().take(LONGEST + 1).collect(),
            depth: 0,
        };
        if parser.rest.len() > LONGEST {
            return None;
        }
        parser.rest.reverse();
        let alternatives = parser.alternatives()?;
        // An anchor holds for its own alternative only.
        let anchored = starts || end.is_some();
        if !parser.rest.is_empty() || (anchored && alternatives.len() > 1) {
            return None;
        }
        Some(Self {
            alternatives,
            starts,
            ends: end.is_some(),
        })
    }

    fn shortest(&self) -> usize {
        shortest(&self.alternatives)
    }
}

fn shortest(alternatives: &Alternatives) -> usize {
    let lengths = alternatives.iter().map(|sequence| {
        let lengths = sequence
            .iter()
            .map(|it| it.least.saturating_mul(it.atom.shortest()));
        lengths.fold(0, usize::saturating_add)
    });
    lengths.min().unwrap_or_default()
}

impl Atom {
    fn shortest(&self) -> usize {
        match self {
            Self::Class(_) => 1,
            Self::Group(alternatives) => shortest(alternatives),
        }
    }
}

/// An expression's characters, the next one last.
struct Parser {
    rest: Vec<char>,
    depth: usize,
}

impl Parser {
    fn next_is(&mut self, wanted: char) -> bool {
        let is = self.rest.last() == Some(&wanted);
        if is {
            self.rest.pop();
        }
        is
    }

    fn alternatives(&mut self) -> Option<Alternatives> {
        let mut all = vec![Vec::new()];
        loop {
            match self.rest.last() {
                None | Some(')') => return Some(all),
                Some('|') => {
                    self.rest.pop();
                    all.push(Vec::new());
                }
                Some(_) => {
                    let atom = self.atom()?;
                    let (least, most) = self.repetition()?;
                    all.last_mut()?.push(Repeated { atom, least, most });
                }
            }
        }
    }

    fn atom(&mut self) -> Option<Atom> {
        match self.rest.pop()? {
            '(' => self.group(),
            '[' => self.class().map(Atom::Class),
            '.' => Some(Atom::Class(without(&[('\n', '\n')]))),
            '\\' => self.escape().map(Atom::Class),
            // An anchor here, or a repetition of nothing.
            '^' | '$' | '*' | '+' | '?' | '{' | '}' | ']' => None,
            plain => Some(Atom::Class(vec![(plain, plain)])),
        }
    }

    fn group(&mut self) -> Option<Atom> {
        if self.depth == DEEPEST {
            return None;
        }
        if self.next_is('?') {
            let named = self.next_is('P') | self.next_is('<');
            if named {
                self.next_is('<');
                // Looking behind has one of these instead of a name.
                let mut first = true;
                loop {
                    match self.rest.pop()? {
                        '=' | '!' if first => return None,
                        '>' => break,
                        _ => first = false,
                    }
                }
            } else if !self.next_is(':') {
                return None;
            }
        }
        self.depth += 1;
        let alternatives = self.alternatives()?;
        self.depth -= 1;
        self.next_is(')').then_some(Atom::Group(alternatives))
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Option<Vec<(char, char)>> {
        let digits = || vec![('0', '9')];
        let words = || vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')];
        let spaces = || vec![(' ', ' '), ('\t', '\r')];
        let one = |one: char| Some(vec![(one, one)]);
        match self.rest.pop()? {
            'd' => Some(digits()),
            'D' => Some(without(&digits())),
            'w' => Some(words()),
            'W' => Some(without(&words())),
            's' => Some(spaces()),
            'S' => Some(without(&spaces())),
            'n' => one('\n'),
            'r' => one('\r'),
            't' => one('\t'),
            'x' => self.code(2),
            'u' => self.code(4),
            other if other.is_alphanumeric() => None,
            other => one(other),
        }
    }

    fn code(&mut self, digits: usize) -> Option<Vec<(char, char)>> {
        let code = (0..digits).try_fold(0, |code, _| {
            Some(code * 16 + self.rest.pop()?.to_digit(16)?)
        });
        let code = char::from_u32(code?)?;
        Some(vec![(code, code)])
    }

    /// A class in brackets, the first of which has been read.
    fn class(&mut self) -> Option<Vec<(char, char)>> {
        let negated = self.next_is('^');
        let mut ranges = Vec::new();
        let mut first = true;
        loop {
            match self.rest.pop()? {
                ']' if !first => break,
                // Of POSIX, or an operation on sets.
                '[' => return None,
                '&' if self.rest.last() == Some(&'&') => return None,
                '\\' => {
                    let mut escaped = self.escape()?;
                    match escaped.as_slice() {
                        [(from, to)] if from == to => ranges.push(self.range(*from)?),
                        _ => ranges.append(&mut escaped),
                    }
                }
                from => ranges.push(self.range(from)?),
            }
            first = false;
        }
        let ranges = if negated { without(&ranges) } else { ranges };
        (!ranges.is_empty()).then_some(ranges)
    }

    /// The range that begins with a character, or the character alone.
    fn range(&mut self, from: char) -> Option<(char, char)> {
        let closes = self.rest.len() > 1 && self.rest.get(self.rest.len() - 2) == Some(&']');
        if closes || !self.next_is('-') {
            return Some((from, from));
        }
        let to = match self.rest.pop()? {
            '\\' => match self.escape()?.as_slice() {
                [(one, other)] if one == other => *one,
                _ => return None,
            },
            plain => plain,
        };
        (from <= to).then_some((from, to))
    }

    fn repetition(&mut self) -> Option<(usize, usize)> {
        let (least, most) = match self.rest.last() {
            Some('*') => (0, MAX_LENGTH),
            Some('+') => (1, MAX_LENGTH),
            Some('?') => (0, 1),
            Some('{') => {
                self.rest.pop();
                let least = self.number()?;
                let most = if self.next_is(',') {
                    self.number().unwrap_or(MAX_LENGTH.max(least))
                } else {
                    least
                };
                if self.rest.last() != Some(&'}') || most < least {
                    return None;
                }
                (least, most)
            }
            _ => return Some((1, 1)),
        };
        self.rest.pop();
        // As few as possible matches the same texts.
        self.next_is('?');
        Some((least, most))
    }

    fn number(&mut self) -> Option<usize> {
        let mut digits = String::new();
        while let Some(digit) = self.rest.last().filter(|it| it.is_ascii_digit()) {
            digits.push(*digit);
            self.rest.pop();
        }
        digits.parse().ok()
    }
}

/// The printable characters of ASCII outside these ranges, letters first.
fn without(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let is_out = |it: &char| !ranges.iter().any(|(from, to)| (from..=to).contains(&it));
    let all = ('a'..='z')
        .chain('A'..='Z')
        .chain('0'..='9')
        .chain(' '..='/');
    let all = all.chain(':'..='@').chain('['..='`').chain('{'..='~');
    all.filter(is_out).map(|it| (it, it)).collect()
}

struct Text {
    out: String,
    /// How much more may be written.
    left: usize,
    /// How many characters repetitions should add to the shortest text.
    missing: usize,
    /// What remains of the number that makes the choices.
    variant: usize,
}

impl Text {
    /// One of so many, by the variant.
    fn choice(&mut self, of: usize) -> usize {
        let of = of.max(1);
        let choice = self.variant % of;
        self.variant /= of;
        choice
    }

    fn write(&mut self, alternatives: &Alternatives) -> Option<()> {
        let choice = self.choice(alternatives.len());
        for repeated in alternatives.get(choice)? {
            let length = repeated.atom.shortest();
            let more = self.missing.checked_div(length).unwrap_or_default();
            let more = more + usize::from(more * length < self.missing && length > 0);
            let more = more.min(repeated.most - repeated.least);
            self.missing = self.missing.saturating_sub(more * length);
            for _ in 0..repeated.least + more {
                self.left = self.left.checked_sub(1)?;
                match &repeated.atom {
                    Atom::Class(ranges) => {
                        let character = self.character(ranges)?;
                        self.out.push(character);
                    }
                    Atom::Group(alternatives) => self.write(alternatives)?,
                }
            }
        }
        Some(())
    }

    fn character(&mut self, ranges: &[(char, char)]) -> Option<char> {
        let sizes = ranges.iter().map(|(from, to)| (*from..=*to).count());
        let mut choice = self.choice(sizes.sum());
        for (from, to) in ranges {
            let mut range = *from..=*to;
            match range.nth(choice) {
                Some(found) => return Some(found),
                None => choice -= (*from..=*to).count(),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
