//! Which of many names somebody may have meant.

/// How much of a name is compared.
const LONGEST: usize = 128;

/// So many of the names, those first that are most like this one, and of equal ones those that came
/// first.
pub(super) fn nearest(mut names: Vec<String>, like: &str, count: usize) -> Vec<String> {
    let like = letters(like);
    names.sort_by_cached_key(|name| distance(&letters(name), &like));
    names.truncate(count);
    names
}

/// What counts of a name: neither its case nor how its words are set apart.
fn letters(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|char| char.is_alphanumeric());
    letters.flat_map(char::to_lowercase).take(LONGEST).collect()
}

/// How many letters are to be added, left out or replaced.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut corner = at;
        let mut left = at + 1;
        for (cell, (place, wanted)) in (1..).zip(other.iter().enumerate()) {
            let above = row.get(cell).copied().unwrap_or_default();
            let replaced = corner + usize::from(letter != wanted);
            corner = above;
            if let Some(before) = row.get_mut(place) {
                *before = left;
            }
            left = replaced.min(above + 1).min(left + 1);
        }
        if let Some(last) = row.last_mut() {
            *last = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_in_letters() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
            ("read_file", "Read-File", 0),
        ] {
            assert_eq!(
                distance(&letters(one), &letters(other)),
                expected,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn the_nearest_come_first_in_their_order() {
        let names = ["`write`", "`read_file`", "`a`", "`read_files`", "`b`"].map(str::to_owned);
        assert_eq!(
            nearest(names.to_vec(), "readFile", 3),
            ["`read_file`", "`read_files`", "`write`"]
        );
        assert_eq!(nearest(names.to_vec(), "", 2), ["`a`", "`b`"]);
    }
}
