//! The signatures of thinking, which show whether its text is as it was.

use super::ids::Hash;

const START: &str = "simulated";

/// The signature of a text.
pub(crate) fn of(text: &str) -> String {
    format!("{START}{}", digest(text))
}

/// Whether a signature is one of those above, and of another text. Scripts and recordings have
/// others, which may be of any.
pub(crate) fn is_of_another(signature: &str, text: &str) -> bool {
    let own = digest(text);
    let given = signature.strip_prefix(START);
    let given = given.filter(|given| given.len() == own.len());
    given.is_some_and(|given| given != own)
}

fn digest(text: &str) -> String {
    Hash::new().bytes(text.as_bytes()).text()
}
