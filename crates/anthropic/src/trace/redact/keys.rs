//! Which keys of JSON have values that are shown: those that don't name a credential, and those
//! that only seem to.

use super::super::PUBLIC;

/// What makes a key that of a credential, wherever it is in it. Keys are compared normalised: in
/// small letters, with letters and digits alone.
const CREDENTIALS: [&str; 15] = [
    "secret",
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "accesskey",
    "privatekey",
    "environmentkey",
    "signingkey",
    "credential",
    "authorization",
    "bearer",
    "cookie",
    "assertion",
    "tokenvalue",
];
/// The API's keys that only seem to be those of credentials: ids, names, types and counts. Each
/// field of the API's that is taken for a credential's by its name is here, or hidden: a test goes
/// through them all.
const HARMLESS: [&str; 23] = [
    "apikeyid",
    "apikeyids",
    "budgettokens",
    "cachecreationinputtokens",
    "cachemissedinputtokens",
    "cachereadinputtokens",
    "clearedinputtokens",
    "credentialid",
    "ephemeral1hinputtokens",
    "ephemeral5minputtokens",
    "estimatedtokens",
    "hasrefreshtoken",
    "inputtokens",
    "maxcontenttokens",
    "maxinputtokens",
    "maxtokens",
    "originalinputtokens",
    "outputtokens",
    "scopedapikeyid",
    "secretname",
    "thinkingtokens",
    "totaltokens",
    "uncachedinputtokens",
];
/// The strings that come in pieces, one with each event of a stream.
const IN_PIECES: [&str; 2] = ["text", "thinking"];

/// What of a key's value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    Shown,
    Hidden,
    /// Of many tokens: a number counts them, all else may be them.
    Count,
    /// An object of headers, of which some are shown.
    Headers,
    /// What may be a piece of a text, of which other events have the rest.
    Piece,
    /// A piece of a tool's input, of which nothing is known by itself.
    Input,
}

impl Rule {
    /// That of a key, normalised.
    pub(super) fn of(key: &[u8]) -> Self {
        let is_one_of = |names: &[&str]| names.iter().any(|name| name.as_bytes() == key);
        let has = |word: &&str| key.windows(word.len()).any(|part| part == word.as_bytes());
        if is_one_of(&HARMLESS) {
            Self::Shown
        } else if key.ends_with(b"token") || CREDENTIALS.iter().any(has) {
            Self::Hidden
        } else if key.ends_with(b"tokens") {
            Self::Count
        } else if key.ends_with(b"headers") {
            Self::Headers
        } else if is_one_of(&IN_PIECES) {
            Self::Piece
        } else if key == b"partialjson" {
            Self::Input
        } else {
            Self::Shown
        }
    }

    /// That of a header, normalised.
    pub(super) fn of_header(name: &[u8]) -> Self {
        let is_public = PUBLIC.iter().any(|public| {
            public
                .bytes()
                .filter(|byte| *byte != b'-')
                .eq(name.iter().copied())
        });
        if is_public || name.starts_with(b"anthropicratelimit") {
            Self::Shown
        } else {
            Self::Hidden
        }
    }
}
