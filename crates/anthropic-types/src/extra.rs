//! Unknown fields: those that this version of the crate has no field for.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Json;
use crate::codec::Rest;

/// The unknown fields of an object, those that this version of the crate has no field for, in the order in which they
/// came.
///
/// Every struct of the API has one, so that nothing the API sends is lost and what the API learned
/// yesterday can be sent today. It is one pointer wide. (An `Arc`, because a `Box`'s drop would be
/// inlined into the drop of every struct; cloning is cheap as well.)
///
/// ```
/// use anthropic_types::{TextBlock, to_vec};
///
/// let mut block = TextBlock::new("hello");
/// block.extra.set("brand_new", &true)?;
/// assert_eq!(to_vec(&block), br#"{"type":"text","text":"hello","brand_new":true}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Extra(Option<Arc<Vec<(String, Json)>>>);

impl Extra {
    /// No fields.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |fields| fields.len())
    }

    /// The value of a field.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// The value of a field, decoded; nothing when there is no such field or it has another shape.
    pub fn decode<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.get(key).and_then(|value| value.get().ok())
    }

    /// Sets a field to any value that serde can write.
    ///
    /// # Errors
    ///
    /// When `value` has no JSON form.
    pub fn set(
        &mut self,
        key: impl Into<String>,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), serde_json::Error> {
        self.insert(key, Json::new(value)?);
        Ok(())
    }

    /// Sets a field, and returns what it was before.
    pub fn insert(&mut self, key: impl Into<String>, value: Json) -> Option<Json> {
        let key = key.into();
        let fields = Arc::make_mut(self.0.get_or_insert_default());
        if let Some((_, old)) = fields.iter_mut().find(|(name, _)| *name == key) {
            return Some(std::mem::replace(old, value));
        }
        fields.push((key, value));
        None
    }

    /// Takes a field out.
    pub fn remove(&mut self, key: &str) -> Option<Json> {
        let fields = Arc::make_mut(self.0.as_mut()?);
        let index = fields.iter().position(|(name, _)| name == key)?;
        Some(fields.remove(index).1)
    }

    /// The fields in order.
    pub fn iter(&self) -> ExtraIter<'_> {
        ExtraIter(
            self.0
                .as_deref()
                .map(Vec::as_slice)
                .unwrap_or_default()
                .iter(),
        )
    }
}

impl Rest for Extra {
    fn keep(&mut self, key: &str, json: &str) {
        self.insert(key, Json::from_valid(json));
    }
}

/// The fields of an [`Extra`], in order.
#[derive(Clone, Debug)]
pub struct ExtraIter<'a>(std::slice::Iter<'a, (String, Json)>);

impl<'a> Iterator for ExtraIter<'a> {
    type Item = (&'a str, &'a Json);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.as_str(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for ExtraIter<'_> {}

impl<'a> IntoIterator for &'a Extra {
    type Item = (&'a str, &'a Json);
    type IntoIter = ExtraIter<'a>;

    fn into_iter(self) -> ExtraIter<'a> {
        self.iter()
    }
}

impl IntoIterator for Extra {
    type Item = (String, Json);
    type IntoIter = std::vec::IntoIter<(String, Json)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0
            .map(Arc::unwrap_or_clone)
            .unwrap_or_default()
            .into_iter()
    }
}

impl PartialEq for Extra {
    /// The order of fields does not count, as in any JSON object.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .all(|(key, value)| other.get(key).is_some_and(|other| value == other))
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_iterated_in_order() {
        let mut extra = Extra::new();
        for (key, value) in [("b", 1), ("a", 2), ("b", 3)] {
            extra.set(key, &value).unwrap();
        }
        let mut borrowed = Vec::new();
        for (key, value) in &extra {
            borrowed.push((key.to_owned(), value.clone()));
        }
        assert_eq!(extra.iter().len(), 2);
        let owned: Vec<_> = extra.into_iter().collect();
        assert_eq!(owned, borrowed);
        let keys: Vec<_> = owned
            .iter()
            .map(|(key, value)| (&**key, value.as_str()))
            .collect();
        assert_eq!(keys, [("b", "3"), ("a", "2")]);
    }
}
