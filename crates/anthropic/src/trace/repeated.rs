//! Finding a secret in a text, in the forms in which servers repeat it: as it is, as JSON, URLs and
//! HTML escape it, and cut off.

/// A shorter beginning of a secret gives nothing away.
const SHORTEST_BEGINNING: usize = 6;
/// More than this before one letter nobody writes.
const MOST_SLASHES: usize = 16;
/// That of `&#x10FFFF;`.
const LONGEST_ENTITY: usize = 10;

/// The text with `mask` wherever it has the secret; `None` where it has it nowhere.
///
/// The beginning of a secret counts where the text ends with it, or is marked as cut (`…`) behind
/// it.
pub(super) fn without(text: &str, secret: &str, mask: &str) -> Option<String> {
    let first = secret.chars().next()?;
    let mut out = String::new();
    let mut copied = 0;
    for (at, letter) in text.char_indices() {
        if at < copied || !(letter == first || matches!(letter, '\\' | '%' | '&')) {
            continue;
        }
        if let Some(end) = end_of(text, at, secret) {
            out.push_str(text.get(copied..at)?);
            out.push_str(mask);
            copied = end;
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(text.get(copied..)?);
    Some(out)
}

/// Where the secret ends that begins at `start`, if there is one.
fn end_of(text: &str, start: usize, secret: &str) -> Option<usize> {
    // A letter may be read in more than one way: as itself, or as the first of an escape.
    let mut ends = vec![start];
    for (read, letter) in secret.chars().enumerate() {
        let mut next = Vec::new();
        for &at in &ends {
            forms(text.get(at..)?, letter, &mut Ends(at, &mut next));
        }
        if next.is_empty() {
            let cut = greatest(&ends);
            let is_cut = read >= SHORTEST_BEGINNING && is_cut(text.get(cut..)?);
            return is_cut.then_some(cut);
        }
        ends = next;
    }
    Some(greatest(&ends))
}

fn greatest(ends: &[usize]) -> usize {
    let mut greatest = 0;
    for end in ends {
        greatest = greatest.max(*end);
    }
    greatest
}

/// Where the forms of a letter end that begin at one place.
struct Ends<'a>(usize, &'a mut Vec<usize>);

impl Ends<'_> {
    /// Adds a form of this length.
    fn add(&mut self, length: usize) {
        let end = self.0 + length;
        if !self.1.contains(&end) {
            self.1.push(end);
        }
    }
}

/// Whether a text that goes on like this was cut here, or within the escape of a letter.
fn is_cut(rest: &str) -> bool {
    let is_end = |rest: &str| {
        let rest = rest.trim_start();
        rest.is_empty() || rest.starts_with('…') || rest.starts_with("...")
    };
    let of_escape = |letter: char| matches!(letter, '\\' | '%' | '&' | '#');
    let broken = rest.trim_start_matches(of_escape);
    let digits = broken.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric());
    let is_short = broken.len() - digits.len() < LONGEST_ENTITY;
    is_end(rest) || (broken.len() < rest.len() && is_short && is_end(digits))
}

/// Adds the forms of a letter that the text begins with.
fn forms(text: &str, letter: char, found: &mut Ends<'_>) {
    if text.starts_with(letter) {
        found.add(letter.len_utf8());
    }
    match text.as_bytes().first() {
        Some(b'\\') => {
            // JSON in a JSON string has more of them.
            let mut slashes = 1;
            while slashes < MOST_SLASHES && text.as_bytes().get(slashes) == Some(&b'\\') {
                slashes += 1;
            }
            let rest = text.get(slashes..).unwrap_or_default();
            if rest.starts_with(letter) {
                found.add(slashes + letter.len_utf8());
            }
            if letter == '\\' {
                for length in 2..=slashes {
                    found.add(length);
                }
            }
            let code = rest.strip_prefix('u').and_then(|rest| rest.get(..4));
            if is_code(code, 16, letter) {
                found.add(slashes + 5);
            }
        }
        Some(b'%') if is_code(text.get(1..3), 16, letter) => found.add(3),
        Some(b'&') => {
            let length = text.bytes().take(LONGEST_ENTITY).position(|it| it == b';');
            let Some(length) = length else { return };
            let name = text.get(1..length).unwrap_or_default();
            let is_letter = match (name, name.strip_prefix('#')) {
                (_, Some(number)) => match number.strip_prefix(['x', 'X']) {
                    Some(hex) => is_code(Some(hex), 16, letter),
                    None => is_code(Some(number), 10, letter),
                },
                ("amp", _) => letter == '&',
                ("lt", _) => letter == '<',
                ("gt", _) => letter == '>',
                ("quot", _) => letter == '"',
                ("apos", _) => letter == '\'',
                _ => false,
            };
            if is_letter {
                found.add(length + 1);
            }
        }
        _ => {}
    }
}

fn is_code(digits: Option<&str>, radix: u32, letter: char) -> bool {
    let code = digits.and_then(|digits| u64::from_str_radix(digits, radix).ok());
    code == Some(u64::from(letter))
}

#[cfg(test)]
mod tests {
    use super::without;

    const SECRET: &str = "sk-ant-AB/cd+ef==";

    #[test]
    fn a_secret_is_found_however_it_is_escaped() {
        for form in [
            SECRET,
            r"sk-ant-AB\/cd+ef==",
            r"sk-ant-AB\\\/cd+ef==",
            r"sk-ant-AB\u002Fcd\u002bef\u003d\u003D",
            "sk-ant-AB%2Fcd%2bef%3D%3D",
            "sk-ant-AB&#x2F;cd&#43;ef&#61;=",
            "%73k-ant-AB/cd+ef==",
        ] {
            let text = format!("a {form}, \\ % & {form}");
            let masked = without(&text, SECRET, "*").unwrap();
            assert_eq!(masked, "a *, \\ % & *", "{form}");
        }
        assert_eq!(without("x &amp;é&lt;12 y", "&é<12", "*").unwrap(), "x * y");
        let slashes = without(r"x a\\\\b y", r"a\\b", "*").unwrap();
        assert_eq!(slashes, "x * y");
        let at_its_end = without(r"x abcdefg\\\\ y", r"abcdefg\\", "*").unwrap();
        assert_eq!(at_its_end, "x * y");
        let html = "x a&lt;b&gt;&quot;c&apos;d y";
        assert_eq!(without(html, "a<b>\"c'd", "*").unwrap(), "x * y");
        // Of one that begins anew within itself.
        assert_eq!(without("x ababababab", "abababab", "*").unwrap(), "x *ab");
        for other in [
            "",
            "sk-ant-",
            "sk-ant-AB/cd+ef=",
            "sk-ant-AB%2",
            "sk-ant-AB&#x2F",
            "sk-ant-AB%2Ecd+ef==",
            "sk-ant-AB&gt;cd+ef==",
            "sk-ant-AB&quot;cd+ef==",
            "sk-ant-AB&apos;cd+ef==",
        ] {
            let text = format!("a {other} b");
            assert_eq!(without(&text, SECRET, "*"), None);
        }
    }

    #[test]
    fn the_beginning_of_a_secret_is_found_where_it_is_cut() {
        for (text, masked) in [
            ("a sk-ant-AB", "a *"),
            ("a `sk-ant-A …`", "a `* …`"),
            ("a sk-ant-AB%2F… (9 bytes in all)", "a *… (9 bytes in all)"),
            ("a sk-ant-AB sk-ant-AB", "a sk-ant-AB *"),
            (r"a sk-ant-AB\u00", r"a *\u00"),
            (r"a sk-ant-AB\ …", r"a *\ …"),
            ("a sk-ant-AB&#x2", "a *&#x2"),
            ("a sk-ant-AB%2…", "a *%2…"),
            ("a sk-ant-... b", "a *... b"),
        ] {
            assert_eq!(without(text, SECRET, "*").unwrap(), masked);
        }
        for other in ["a sk-an", "a sk-ant-AB&abcdefghij", "a sk-ant-AB%2 b"] {
            assert_eq!(without(other, SECRET, "*"), None);
        }
        let short = without("a sk-ant-AB&abcdefghi", SECRET, "*").unwrap();
        assert_eq!(short, "a *&abcdefghi");
        let words = without("a pa$$ word …", "pa$$ word and more", "*").unwrap();
        assert_eq!(words, "a *…");
    }

    #[test]
    fn a_text_that_nearly_has_it_takes_no_longer_than_its_length() {
        for (count, is_found) in [(16, true), (17, false)] {
            let text = format!("sk-ant-AB{}/cd+ef==", r"\".repeat(count));
            assert_eq!(without(&text, SECRET, "*").is_some(), is_found, "{count}");
        }
        let slashes = r"\".repeat(50_000);
        assert!(without(&slashes, &r"\".repeat(7), "*").is_some());
        let near = "&".repeat(50_000);
        assert_eq!(without(&near, SECRET, "*"), None);
    }
}
