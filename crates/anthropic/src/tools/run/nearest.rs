//! Which of many names somebody may have meant.

use strsim::levenshtein;

/// How much of a name is compared.
const LONGEST: usize = 128;

/// So many of the names, those first that are most like this one, and of equal ones those that came
/// first.
pub(super) fn nearest(mut names: Vec<String>, like: &str, count: usize) -> Vec<String> {
    let like = letters(like);
    names.sort_by_cached_key(|name| levenshtein(&letters(name), &like));
    names.truncate(count);
    names
}

/// What counts of a name: neither its case nor how its words are set apart.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(|char| char.is_alphanumeric());
    letters.flat_map(char::to_lowercase).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
