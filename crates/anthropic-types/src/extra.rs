//! Fields that this version of the crate does not know.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Json;

/// The fields of an object that this version of the crate does not know, in the order in which they
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

    /// Sets a field, and answers what it was before.
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
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0
            .iter()
            .flat_map(|fields| fields.iter().map(|(key, value)| (key.as_str(), value)))
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
