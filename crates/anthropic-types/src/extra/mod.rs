//! Fields that this version of the crate does not know, and what else is noted about an object.

mod fields;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::fields::Fields;
use crate::Json;
use crate::codec::{Layout, Rest};
use crate::repair::RepairKind;

/// The unknown fields of an object, in the order in which they came, and which of its known fields
/// came as `null`.
///
/// Every struct of the API has one, so that nothing the API sends is lost and what the API learned
/// yesterday can be sent today. A field that is set here replaces a known one of the same name when
/// the object is written:
///
/// ```
/// use anthropic_types::{TextBlock, to_vec};
///
/// let mut block = TextBlock::new("hello");
/// block.extra.set("brand_new", &true)?;
/// assert_eq!(to_vec(&block), br#"{"type":"text","text":"hello","brand_new":true}"#);
/// block.extra.set("text", &["another", "shape"])?;
/// assert_eq!(to_vec(&block), br#"{"type":"text","text":["another","shape"],"brand_new":true}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// What is set here is sent as it is, past every check of this crate. Set it from trusted data
/// only, never from what a user of your program or a model has written: a field may change what the
/// request does, what it costs or who pays for it.
///
/// Two are equal if they have the same fields in any order; `null` beside absence does not count.
#[derive(Clone)]
pub struct Extra(Inner);

// Two words. Most objects have nothing to note but `null`s, and that allocates nothing.
#[derive(Clone)]
enum Inner {
    /// No unknown fields; a bit for each known field that came as `null`.
    Plain(&'static Layout, u64),
    // An `Arc`, because a `Box`'s drop would be inlined into the drop of every struct; cloning is
    // cheap as well.
    Full(Arc<Full>),
}

/// What few objects have.
#[derive(Clone)]
pub(crate) struct Full {
    layout: &'static Layout,
    nulls: u64,
    fields: Fields,
    repairs: Vec<Repaired>,
    /// Whether the object did not come at all, and is there for a value that is missing.
    is_vacant: bool,
}

/// A field that was filled in or changed.
#[derive(Clone)]
pub(crate) struct Repaired {
    pub(crate) number: usize,
    pub(crate) kind: RepairKind,
    reason: Option<Box<str>>,
}

impl Repaired {
    pub(crate) fn reason(&self) -> &str {
        self.reason.as_deref().unwrap_or(self.kind.reason())
    }
}

impl Full {
    fn new(layout: &'static Layout, nulls: u64) -> Self {
        Self {
            layout,
            nulls,
            fields: Fields::default(),
            repairs: Vec::new(),
            is_vacant: false,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        self.fields.get(key)
    }

    /// How the field of that number in a layout was repaired.
    pub(crate) fn repair(&self, layout: &'static Layout, number: usize) -> Option<&Repaired> {
        let number = if std::ptr::eq(self.layout, layout) {
            number
        } else {
            self.layout.position(layout.key(number))?
        };
        self.repairs
            .iter()
            .find(|repaired| repaired.number == number)
    }

    /// Whether that field is one that was repaired, which is there to be written back as it came.
    pub(crate) fn keeps(&self, key: &str) -> bool {
        let mut repairs = self.repairs.iter();
        repairs.any(|repaired| self.layout.key(repaired.number) == key)
    }

    /// Numbers what is noted as another layout does, and drops what that has no field for.
    #[cold]
    #[inline(never)]
    fn adopt(&mut self, layout: &'static Layout) {
        let own = std::mem::replace(&mut self.layout, layout);
        if std::ptr::eq(own, layout) {
            return;
        }
        self.nulls = own.translate(self.nulls, layout);
        self.repairs.retain_mut(|repaired| {
            let number = layout.position(own.key(repaired.number));
            repaired.number = number.unwrap_or(repaired.number);
            number.is_some()
        });
    }

    fn forget(&mut self, layout: &'static Layout, number: usize) {
        self.adopt(layout);
        self.nulls &= !(1 << number) & !layout.absent(number);
        self.drop_repair(number);
        self.fields.remove(layout.key(number));
    }

    fn drop_repair(&mut self, number: usize) {
        self.repairs.retain(|repaired| repaired.number != number);
    }

    pub(crate) fn is_vacant(&self) -> bool {
        self.is_vacant
    }
}

impl Default for Extra {
    fn default() -> Self {
        Self::new()
    }
}

impl Extra {
    /// No fields.
    pub const fn new() -> Self {
        Self(Inner::Plain(Layout::EMPTY, 0))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn as_slice(&self) -> &[(String, Json)] {
        self.full().map_or(&[], |full| full.fields.as_slice())
    }

    pub(crate) fn full(&self) -> Option<&Full> {
        match &self.0 {
            Inner::Plain(..) => None,
            Inner::Full(full) => Some(full),
        }
    }

    /// Changes what few objects have.
    fn change<R>(&mut self, change: impl FnOnce(&mut Full) -> R) -> R {
        let mut full = match std::mem::take(self).0 {
            Inner::Plain(layout, nulls) => Arc::new(Full::new(layout, nulls)),
            Inner::Full(full) => full,
        };
        let result = change(Arc::make_mut(&mut full));
        self.0 = Inner::Full(full);
        result
    }

    /// The layout of the struct that it was read as part of, and the bits that it has noted.
    fn noted(&self) -> (&'static Layout, u64) {
        match &self.0 {
            Inner::Plain(layout, nulls) => (*layout, *nulls),
            Inner::Full(full) => (full.layout, full.nulls),
        }
    }

    /// A bit for each field of a layout that came as `null`, and for some that did not come.
    ///
    /// It may have been read as part of another struct, since the field `extra` is public.
    pub(crate) fn nulls(&self, layout: &'static Layout) -> u64 {
        let (own, nulls) = self.noted();
        if nulls == 0 || std::ptr::eq(own, layout) {
            nulls
        } else {
            own.translate(nulls, layout)
        }
    }

    /// Goes from a struct of one layout to one of another: what belongs to a field that only the
    /// first has is dropped.
    pub(crate) fn converted(mut self, from: &'static Layout, into: &'static Layout) -> Self {
        match &mut self.0 {
            Inner::Plain(own, nulls) => {
                *nulls = own.translate(*nulls, into);
                *own = into;
            }
            Inner::Full(full) => {
                let full = Arc::make_mut(full);
                let repairs = full.repairs.iter();
                let repaired: Vec<_> = repairs.map(|it| full.layout.key(it.number)).collect();
                full.fields
                    .retain(|key| into.has(key) || !(from.has(key) || repaired.contains(&key)));
                full.adopt(into);
            }
        }
        self
    }

    /// Whether a known field came as `null`, which its `Option` does not distinguish from a field
    /// that did not come.
    ///
    /// It stays true when the field is set later.
    ///
    /// ```
    /// use anthropic_types::{TextBlock, from_slice};
    ///
    /// let block: TextBlock = from_slice(br#"{"type":"text","text":"hello","citations":null}"#)?;
    /// assert_eq!(block.citations, None);
    /// assert!(block.extra.was_null("citations"));
    /// assert!(!block.extra.was_null("cache_control"));
    /// # Ok::<(), anthropic_types::DecodeError>(())
    /// ```
    pub fn was_null(&self, key: &str) -> bool {
        let (layout, nulls) = self.noted();
        let number = layout.position(key);
        nulls != 0 && number.is_some_and(|number| nulls & (1 << number) != 0)
    }

    /// Whether a known field of this object was filled in or changed while it was read: see
    /// [`repairs`](crate::repairs).
    pub fn is_repaired(&self) -> bool {
        self.full().is_some_and(|full| !full.repairs.is_empty())
    }

    /// How a known field of this object was filled in or changed, if it was.
    pub fn repair(&self, key: &str) -> Option<RepairKind> {
        let full = self.full()?;
        let number = full.layout.position(key)?;
        full.repair(full.layout, number)
            .map(|repaired| repaired.kind)
    }

    /// The keys of the fields that were filled in or changed, and how.
    pub(crate) fn repairs(&self) -> impl Iterator<Item = (&'static str, RepairKind)> {
        let full = self.full().into_iter();
        full.flat_map(|full| {
            let repairs = full.repairs.iter();
            repairs.map(|repaired| (full.layout.key(repaired.number), repaired.kind))
        })
    }

    /// Takes back what was noted and kept of a known field that has been repaired, as it has a
    /// value now.
    pub fn settle(&mut self, key: &str) {
        let number = self.full().and_then(|full| full.layout.position(key));
        if let Some(number) = number.filter(|_| self.repair(key).is_some()) {
            self.change(|full| full.forget(full.layout, number));
        }
    }

    /// The value of a field.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.full()?.get(key)
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
        self.change(|full| full.fields.insert(key, value))
    }

    /// Takes a field out.
    pub fn remove(&mut self, key: &str) -> Option<Json> {
        self.get(key)?;
        self.change(|full| full.fields.remove(key))
    }

    /// The fields in order.
    pub fn iter(&self) -> ExtraIter<'_> {
        ExtraIter(self.as_slice().iter())
    }
}

impl Rest for Extra {
    fn keep(&mut self, key: &str, json: &str) {
        self.insert(key, Json::from_valid(json));
    }

    fn note_null(&mut self, layout: &'static Layout, bit: u64) {
        match &mut self.0 {
            Inner::Plain(known, nulls) => {
                *known = layout;
                *nulls |= bit;
            }
            Inner::Full(full) => note_null(full, layout, bit),
        }
    }

    fn note_repair(
        &mut self,
        layout: &'static Layout,
        number: usize,
        kind: RepairKind,
        came: Option<&str>,
        reason: Option<String>,
    ) {
        self.change(|full| {
            full.adopt(layout);
            if let Some(came) = came {
                let key = layout.key(number).to_owned();
                full.fields.insert(key, Json::from_valid(came));
            }
            full.drop_repair(number);
            full.repairs.push(Repaired {
                number,
                kind,
                reason: reason.map(Into::into),
            });
        });
    }

    fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn forget(&mut self, layout: &'static Layout, number: usize) {
        match &mut self.0 {
            Inner::Plain(_, nulls) => *nulls &= !(1 << number) & !layout.absent(number),
            Inner::Full(full) => Arc::make_mut(full).forget(layout, number),
        }
    }

    fn vacate(&mut self, layout: &'static Layout) {
        // All fields are absent.
        let mut full = Full::new(layout, layout.or_null.reverse_bits());
        full.is_vacant = true;
        self.0 = Inner::Full(Arc::new(full));
    }
}

/// Out of line, so that the usual case stays short.
#[cold]
#[inline(never)]
fn note_null(full: &mut Arc<Full>, layout: &'static Layout, bit: u64) {
    let full = Arc::make_mut(full);
    full.adopt(layout);
    full.nulls |= bit;
}

/// The fields of an [`Extra`], in order.
#[derive(Debug, Clone)]
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
        match self.0 {
            Inner::Plain(..) => Vec::new().into_iter(),
            Inner::Full(full) => Arc::unwrap_or_clone(full).fields.into_vec().into_iter(),
        }
    }
}

impl PartialEq for Extra {
    /// The order of fields does not count, as in any JSON object.
    #[inline]
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
