//! The ids of a conversation's calls, each of which names one call.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The ids of calls, each with the number that makes the next one of it unique.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids(HashMap<String, u64>);

impl FromIterator<String> for Ids {
    fn from_iter<I: IntoIterator<Item = String>>(ids: I) -> Self {
        Self(ids.into_iter().map(|id| (id, 2)).collect())
    }
}

impl Ids {
    /// Makes the id of a call one that the API takes back: some gateways count from 1 in every
    /// message. Returns whether that changed it.
    pub(super) fn make_unique(&mut self, id: &mut String) -> bool {
        let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
        let mut is_other = false;
        if id.is_empty() || !id.chars().all(plain) {
            let chars = id.chars();
            *id = chars
                .map(|char| if plain(char) { char } else { '_' })
                .collect();
            if id.is_empty() {
                "call".clone_into(id);
            }
            is_other = true;
        }
        let mut number = match self.0.entry(id.clone()) {
            Entry::Vacant(place) => {
                place.insert(2);
                return is_other;
            }
            Entry::Occupied(taken) => *taken.get(),
        };
        let other = loop {
            let other = format!("{id}-{number}");
            number = number.saturating_add(1);
            if !self.0.contains_key(&other) {
                break other;
            }
        };
        let taken = std::mem::replace(id, other);
        self.0.insert(taken, number);
        self.0.insert(id.clone(), 2);
        true
    }
}
