//! Unions: objects whose `type` selects the struct.
//!
//! The tag is normally the first key, so it is read and the rest of the same object is handed to
//! the variant; only when it is not are the entries before it kept aside. A second tag that names
//! something else makes the value none of the variants: who takes it for the first must not pass on
//! the second.

use super::DecodeError;
use super::object::{ReadObject, Reading, parts};
use super::source::{Entries, Lenient, Place, Source, Take, Word};
use super::text::read_text;
use super::words::read_word;
use crate::{Json, Unrecognized};

/// What distinguishes the variants of a union.
#[derive(Debug)]
pub(crate) struct Variants {
    /// The key whose value does.
    pub(crate) tag: &'static str,
    /// The values of the tag, by the number of their variant.
    pub(crate) names: &'static [(&'static str, usize)],
    /// The number of the variant that has no tag, if there is one.
    pub(crate) default: Option<usize>,
}

/// An enum of the API whose variants are distinguished by a tag. Implemented by `union!`.
pub(crate) trait Union {
    fn variants(&self) -> &'static Variants;

    /// Becomes the vacant variant of that number.
    fn select(&mut self, number: usize);

    /// The struct inside the selected variant.
    fn object(&mut self) -> Option<&mut dyn ReadObject>;

    fn set_unrecognized(&mut self, value: Unrecognized);
}

/// Reads a union. When `source` is lenient, a body that does not fit is kept whole with the reason.
pub(crate) fn read_union(
    union: &mut dyn Union,
    source: &mut dyn Source,
) -> Result<(), DecodeError> {
    let Some(notes) = source.lenient() else {
        return read_strict(union, source, None);
    };
    notes.placed.set(false);
    source.raw(&mut |text, lenient| {
        let read = read_text(text, lenient, &mut |source| {
            read_strict(union, source, lenient)
        });
        if let Err(error) = read {
            let name = text_under(text, union.variants().tag);
            union.set_unrecognized(Unrecognized::new(
                Json::from_valid(text),
                name,
                Some(&error),
            ));
        }
        Ok(())
    })
}

/// How far a union has been read.
enum State {
    /// The tag has not come yet.
    Seeking,
    /// The variant is selected: the one of that name.
    Known(&'static str),
    /// The variant's own reading has taken over.
    Handed,
    /// The tag has come and names no variant.
    Unknown(String),
}

/// A union whose entries are coming.
struct Choosing<'a, 'm> {
    union: &'a mut dyn Union,
    state: State,
    /// What came before the tag.
    before: Vec<(String, Json)>,
    /// What came after a tag that names no variant.
    after: Vec<(String, Json)>,
    lenient: Lenient<'m>,
}

impl Choosing<'_, '_> {
    /// Reads the tag's value.
    #[inline]
    fn tag(&mut self, value: &mut dyn Source) -> Result<(), DecodeError> {
        if self.union.variants().default.is_none() {
            return read_word(self, value);
        }
        // A variant that needs no tag may also have it as `null`.
        let mut name = None::<String>;
        name.decode(value)?;
        if let Some(name) = name {
            self.choose(&name);
        }
        Ok(())
    }

    /// Reads the tag's value in the lenient pass, which does not repair it: with half a character
    /// in it, it names nothing.
    #[cold]
    fn unmended_tag(&mut self, value: &mut dyn Source) -> Result<(), DecodeError> {
        value.raw(&mut |text, _| read_text(text, None, &mut |tag| self.tag(tag)))
    }

    fn choose(&mut self, name: &str) {
        let names = self.union.variants().names;
        self.state = match names.iter().find(|(known, _)| *known == name) {
            Some((known, number)) => {
                self.union.select(*number);
                State::Known(known)
            }
            None => State::Unknown(name.to_owned()),
        };
    }
}

impl Entries for Choosing<'_, '_> {
    fn fields(&mut self, take: &mut Take<'_>) -> Result<(), DecodeError> {
        let State::Known(name) = self.state else {
            return Ok(());
        };
        let tag = self.union.variants().tag;
        let Some(object) = self.union.object() else {
            return Ok(());
        };
        self.state = State::Handed;
        let (before, lenient) = (&mut self.before, self.lenient);
        object.open(&mut parts(|layout, places, rest| {
            // A variant whose tag is not a constant has a field for it.
            if layout.constant(tag).is_none() {
                keep_tag(tag, name, before);
            }
            let mut reading = Reading::new(layout, places, rest);
            read_kept(&mut reading, before, lenient)?;
            reading.is_chosen(tag);
            take(&mut reading);
            Ok(())
        }))
    }

    fn entry(&mut self, key: &str, value: &mut dyn Source) -> Result<(), DecodeError> {
        let variants = self.union.variants();
        let kept = match &mut self.state {
            State::Seeking if key == variants.tag => {
                if self.lenient.is_some() {
                    return self.unmended_tag(value);
                }
                return self.tag(value);
            }
            State::Unknown(_) => &mut self.after,
            _ => &mut self.before,
        };
        value.raw(&mut |text, _| {
            kept.push((key.to_owned(), Json::from_valid(text)));
            Ok(())
        })
    }
}

impl Word for Choosing<'_, '_> {
    fn set(&mut self, name: &str) {
        self.choose(name);
    }
}

fn read_strict(
    union: &mut dyn Union,
    source: &mut dyn Source,
    lenient: Lenient<'_>,
) -> Result<(), DecodeError> {
    let mut choosing = Choosing {
        union,
        state: State::Seeking,
        before: Vec::new(),
        after: Vec::new(),
        lenient,
    };
    source.object(&mut choosing)?;
    if matches!(choosing.state, State::Handed) {
        return Ok(());
    }
    choosing.conclude()
}

impl Choosing<'_, '_> {
    /// No tag that names a variant has come: reads the variant that needs none, or puts together
    /// what names no variant.
    fn conclude(mut self) -> Result<(), DecodeError> {
        let variants = self.union.variants();
        let name = match self.state {
            State::Unknown(name) => Some(name),
            _ => None,
        };
        if let (None, Some(number)) = (&name, variants.default) {
            self.union.select(number);
            if let Some(object) = self.union.object() {
                let (before, lenient) = (&mut self.before, self.lenient);
                return object.open(&mut parts(|layout, places, rest| {
                    let mut reading = Reading::new(layout, places, rest);
                    read_kept(&mut reading, before, lenient)?;
                    reading.finish(lenient)
                }));
            }
        }
        let tag = name.as_deref().map(|name| (variants.tag, name));
        let json = whole(&self.before, tag, &self.after);
        self.union
            .set_unrecognized(Unrecognized::new(json, name, None));
        Ok(())
    }
}

/// Puts the tag among what came before it.
fn keep_tag(tag: &str, name: &str, before: &mut Vec<(String, Json)>) {
    let mut out = super::Writer::default();
    out.string(name);
    before.push((tag.to_owned(), Json::from_valid(&out.into_text())));
}

/// Hands the selected variant the entries that came before the tag.
fn read_kept(
    reading: &mut Reading<'_, '_>,
    before: &mut Vec<(String, Json)>,
    lenient: Lenient<'_>,
) -> Result<(), DecodeError> {
    for (key, json) in before.drain(..) {
        read_text(json.as_str(), lenient, &mut |source| {
            reading.any(&key, source)
        })?;
    }
    Ok(())
}

/// Puts an object of an unknown type together again, its entries in the order in which they came.
fn whole(before: &[(String, Json)], tag: Option<(&str, &str)>, rest: &[(String, Json)]) -> Json {
    let mut out = super::Writer::default();
    let mut object = out.object();
    for (key, json) in before {
        object.raw(key, json.as_str());
    }
    if let Some((key, name)) = tag {
        object.entry(key, &name.to_owned());
    }
    for (key, json) in rest {
        object.raw(key, json.as_str());
    }
    object.end();
    Json::from_valid(&out.into_text())
}

/// The string under a key of an object that is kept as text.
pub(crate) fn text_under(text: &str, wanted: &str) -> Option<String> {
    let mut found = None;
    let look = read_text(text, None, &mut |source| {
        source.object(&mut |key: &str, value: &mut dyn Source| {
            if key == wanted {
                value.look(&mut |text| {
                    found = Some(text.to_owned());
                    Ok(())
                })
            } else {
                value.raw(&mut |_, _| Ok(()))
            }
        })
    });
    look.ok().and(found)
}
