//! An ordered map of unknown fields, in which a key is found without looking at all of them.

use std::collections::BTreeMap;

use crate::Json;

/// Up to so many fields are looked through, more are indexed.
const SCANNED: usize = 16;

/// Fields in order.
#[derive(Default)]
pub(super) struct Fields {
    list: Vec<(String, Json)>,
    /// The places of the keys, once there are many.
    index: BTreeMap<String, Option<usize>>,
}

impl Clone for Fields {
    fn clone(&self) -> Self {
        let mut fields = Self {
            list: self.list.clone(),
            index: BTreeMap::new(),
        };
        fields.index();
        fields
    }
}

impl Fields {
    pub(super) fn as_slice(&self) -> &[(String, Json)] {
        &self.list
    }

    pub(super) fn into_vec(self) -> Vec<(String, Json)> {
        self.list
    }

    fn find(&self, key: &str) -> Option<usize> {
        if let Some(place) = self.index.get(key) {
            return *place;
        }
        if !self.index.is_empty() {
            return None;
        }
        self.list.iter().position(|(name, _)| {
            #[cfg(test)]
            tests::COMPARED.set(tests::COMPARED.get() + 1);
            name == key
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        self.list.get(self.find(key)?).map(|(_, value)| value)
    }

    pub(super) fn insert(&mut self, key: String, value: Json) -> Option<Json> {
        if let Some((_, old)) = self.find(&key).and_then(|at| self.list.get_mut(at)) {
            return Some(std::mem::replace(old, value));
        }
        if !self.index.is_empty() {
            self.index.insert(key.clone(), Some(self.list.len()));
        }
        self.list.push((key, value));
        if self.index.is_empty() {
            self.index();
        }
        None
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Json> {
        let at = self.find(key)?;
        let (_, value) = self.list.remove(at);
        if let Some(place) = self.index.get_mut(key) {
            *place = None;
            let moved = self.list.get(at..).unwrap_or_default();
            for (place, (key, _)) in (at..).zip(moved) {
                #[cfg(test)]
                tests::MOVED.set(tests::MOVED.get() + 1);
                if let Some(known) = self.index.get_mut(key) {
                    *known = Some(place);
                }
            }
        }
        Some(value)
    }

    /// Takes out those with other keys.
    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.list.retain(|(key, _)| keep(key));
        self.index.clear();
        self.index();
    }

    fn index(&mut self) {
        if self.list.len() > SCANNED {
            for (place, (key, _)) in self.list.iter().enumerate() {
                self.index.insert(key.clone(), Some(place));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::{Message, TextBlock, from_slice, to_vec};

    thread_local! {
        /// How many keys were compared with another.
        pub(super) static COMPARED: Cell<usize> = const { Cell::new(0) };
        /// How many fields got another place.
        pub(super) static MOVED: Cell<usize> = const { Cell::new(0) };
    }

    fn json(number: i32) -> Json {
        Json::new(&number).unwrap()
    }

    #[test]
    fn many_keys_are_found_again_after_some_are_removed() {
        let mut fields = Fields::default();
        for number in 0..100 {
            let key = format!("k{number}");
            assert!(fields.insert(key, json(number)).is_none());
        }
        assert_eq!(fields.remove("k50"), Some(json(50)));
        assert_eq!(fields.get("k50"), None);
        assert_eq!(fields.get("k99"), Some(&json(99)));
        assert_eq!(fields.insert("k99".to_owned(), json(1)), Some(json(99)));
        assert_eq!(fields.as_slice().len(), 99);
    }

    #[test]
    fn reading_comparing_and_writing_many_unknown_fields_is_linear() {
        const COUNT: usize = 20_000;
        let mut text = String::from(
            r#"{"type":"message","id":"m","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}"#,
        );
        let fields = (0..COUNT).map(|number| format!(",\"k{number}\":{number}"));
        text.extend(fields.chain(["}".to_owned()]));
        COMPARED.set(0);
        let message: Message = from_slice(text.as_bytes()).unwrap();
        let again: Message = from_slice(&to_vec(&message)).unwrap();
        assert_eq!(message, again);
        assert_eq!(message.extra.len(), COUNT);
        let compared = COMPARED.get();
        assert!(compared < 2 * COUNT, "{compared} comparisons");
    }

    #[test]
    fn known_fields_that_come_again_among_many_unknown_ones_cost_no_more() {
        const COUNT: usize = 5_000;
        let mut text = String::from(r#"{"type":"text""#);
        for number in 0..COUNT {
            text += &[",\"k", &number.to_string(), r#"":0,"text":5,"text":"ok""#].concat();
        }
        text.push('}');
        COMPARED.set(0);
        MOVED.set(0);
        let block: TextBlock = from_slice(text.as_bytes()).unwrap();
        assert_eq!((block.text.as_str(), block.extra.len()), ("ok", COUNT));
        let (compared, moved) = (COMPARED.get(), MOVED.get());
        assert!(
            compared + moved < 2 * COUNT,
            "{compared} comparisons, {moved} moved"
        );
    }
}
