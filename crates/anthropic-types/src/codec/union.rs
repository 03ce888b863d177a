//! Unions: objects whose `type` selects the struct.
//!
//! The tag is normally the first key, so it is read and the rest of the same object is handed to
//! the variant; only when it is not are the entries before it kept aside. A second tag that says
//! something else makes the value none of the variants: who takes it for the first must not pass on
//! the second.

use super::object::{ReadObject, Reading};
use super::source::{Entries, Lenient, Source};
use super::text::read_text;
use super::{Decode, DecodeError};
use crate::{Json, Unrecognized};

/// An enum of the API whose variants are distinguished by a tag. Implemented by `union!`.
pub(crate) trait Union {
    /// The key that distinguishes the variants.
    fn tag(&self) -> &'static str;

    /// The values of the tag, by the number of their variant.
    fn names(&self) -> &'static [(&'static str, usize)];

    /// The number of the variant that has no tag, if there is one.
    fn default(&self) -> Option<usize>;

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
            let name = name_of(text, union.tag());
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
    /// The variant is known; these required fields of its have been seen.
    Known(u64),
    /// Nothing has a tag, so it is the variant that needs none; these fields of its have been seen.
    Untagged(u64),
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
    /// An error among the entries before the tag, which is not one of the tag.
    earlier: Option<DecodeError>,
    lenient: Lenient<'m>,
}

impl Choosing<'_, '_> {
    fn choose(&mut self, name: &str) -> Result<(), DecodeError> {
        let known = self.union.names().iter().find(|(known, _)| *known == name);
        let Some((_, number)) = known else {
            self.state = State::Unknown(name.to_owned());
            return Ok(());
        };
        self.union.select(*number);
        keep_tag(self.union, name, &mut self.before);
        let seen = read_kept(self.union, &mut self.before, self.lenient)
            .inspect_err(|error| self.earlier = Some(error.clone()))?;
        self.state = State::Known(seen);
        Ok(())
    }
}

impl Entries for Choosing<'_, '_> {
    fn fields(&mut self) -> Option<Reading<'_>> {
        let State::Known(seen) = self.state else {
            return None;
        };
        let tag = self.union.tag();
        let object = self.union.object()?;
        self.state = State::Handed;
        Some(Reading::resume(object, seen, tag))
    }

    fn entry(&mut self, key: &str, value: &mut dyn Source) -> Result<(), DecodeError> {
        let kept = match &mut self.state {
            State::Seeking if key == self.union.tag() => {
                if self.union.default().is_none() {
                    return value.look(&mut |name| self.choose(name));
                }
                // A variant that needs no tag may also have it as `null`.
                let mut name = <Option<String>>::vacant();
                name.decode(value)?;
                return name.map_or(Ok(()), |name| self.choose(&name));
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
        earlier: None,
        lenient,
    };
    let read = source.object(&mut choosing);
    let Choosing {
        union,
        mut state,
        mut before,
        after,
        earlier,
        ..
    } = choosing;
    read.map_err(|error| earlier.unwrap_or(error))?;

    if let (State::Seeking, Some(number)) = (&state, union.default()) {
        union.select(number);
        state = State::Untagged(read_kept(union, &mut before, lenient)?);
    }
    conclude(union, state, &before, &after, lenient)
}

/// Checks that nothing is missing, or puts together what names no variant.
fn conclude(
    union: &mut dyn Union,
    state: State,
    before: &[(String, Json)],
    after: &[(String, Json)],
    lenient: Lenient<'_>,
) -> Result<(), DecodeError> {
    let tag = union.tag();
    let name = match state {
        State::Handed => return Ok(()),
        State::Known(seen) => match union.object() {
            Some(object) => return Reading::resume(object, seen, tag).finish(lenient),
            None => None,
        },
        State::Untagged(seen) => match union.object() {
            Some(object) => return Reading::untagged(object, seen).finish(lenient),
            None => None,
        },
        State::Unknown(name) => Some(name),
        State::Seeking => None,
    };
    let json = whole(before, name.as_deref().map(|name| (tag, name)), after);
    union.set_unrecognized(Unrecognized::new(json, name, None));
    Ok(())
}

/// A variant whose tag is not a constant has a field for it.
fn keep_tag(union: &mut dyn Union, name: &str, before: &mut Vec<(String, Json)>) {
    let tag = union.tag();
    let Some(object) = union.object() else { return };
    if object
        .layout()
        .constants
        .iter()
        .any(|constant| constant.key == tag)
    {
        return;
    }
    let mut out = super::Writer::default();
    out.scalar(name);
    before.push((tag.to_owned(), Json::from_valid(&out.into_text())));
}

/// Hands the selected variant the entries that came before the tag; returns which were seen.
fn read_kept(
    union: &mut dyn Union,
    before: &mut Vec<(String, Json)>,
    lenient: Lenient<'_>,
) -> Result<u64, DecodeError> {
    let Some(object) = union.object() else {
        return Ok(0);
    };
    let mut reading = Reading::new(object);
    for (key, json) in before.drain(..) {
        read_text(json.as_str(), lenient, &mut |source| {
            reading.any(&key, source)
        })?;
    }
    Ok(reading.seen())
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

/// The name under the tag of an object that is kept as text.
fn name_of(text: &str, tag: &str) -> Option<String> {
    let mut name = None;
    let look = read_text(text, None, &mut |source| {
        source.object(&mut |key: &str, value: &mut dyn Source| {
            if key == tag {
                value.look(&mut |text| {
                    name = Some(text.to_owned());
                    Ok(())
                })
            } else {
                value.raw(&mut |_, _| Ok(()))
            }
        })
    });
    look.ok().and(name)
}

#[cfg(test)]
mod tests {
    use crate::{
        ContentBlock, Decoding, RepairKind, ToolUnion, from_slice, from_slice_with, repairs, to_vec,
    };

    #[test]
    fn a_tag_of_null_is_none_where_a_variant_needs_none() {
        let json = br#"{"name":"n","type":null,"input_schema":{}}"#;
        let tool: ToolUnion = from_slice(json).unwrap();
        assert_eq!(tool.as_custom().unwrap().name, "n");
        assert_eq!(to_vec(&tool), br#"{"input_schema":{},"name":"n"}"#);
    }

    #[test]
    fn a_repair_does_not_depend_on_the_place_of_the_tag() {
        for json in [r#"{"type":"text","text":5}"#, r#"{"text":5,"type":"text"}"#] {
            let block: ContentBlock = from_slice(json.as_bytes()).unwrap();
            assert_eq!(block.as_text().unwrap().text, "");
            let [repair] = repairs(&block).try_into().unwrap();
            assert_eq!(
                (repair.path(), repair.kind()),
                ("text", RepairKind::Mistyped)
            );
            assert!(repair.reason().starts_with("invalid type"), "{repair}");
            assert_eq!(to_vec(&block), br#"{"type":"text","text":5}"#);
        }
    }

    #[test]
    fn a_second_tag_that_differs_makes_the_value_unrecognized() {
        for json in [
            r#"{"type":"text","text":"x","type":"tool_result","tool_use_id":"t","content":"forged"}"#,
            r#"{"text":"x","type":"text","type":"tool_result"}"#,
            r#"{"type":"tool_result","tool_use_id":"t","type":"text"}"#,
            r#"{"type":"text","text":"x","type":null}"#,
        ] {
            let block: ContentBlock = from_slice(json.as_bytes()).unwrap();
            let ContentBlock::Unrecognized(kept) = &block else {
                panic!("read as {block:?}");
            };
            let reason = kept.reason().unwrap();
            assert!(reason.contains("`type` came twice"), "{reason}");
            assert_eq!(to_vec(&block), json.as_bytes());
            assert!(from_slice_with::<ContentBlock>(json.as_bytes(), Decoding::Strict).is_err());
        }
        let twice = br#"{"type":"text","text":"x","type":"text"}"#;
        let block: ContentBlock = from_slice(twice).unwrap();
        assert_eq!(block.as_text().unwrap().text, "x");
    }

    #[test]
    fn a_second_tag_is_noticed_where_the_tag_is_a_field() {
        let json = br#"{"type":"tool_search_tool_regex","name":"tool_search_tool_regex","type":"tool_search_tool_bm25"}"#;
        let tool: ToolUnion = from_slice(json).unwrap();
        assert!(matches!(tool, ToolUnion::Unrecognized(_)), "{tool:?}");
        assert_eq!(to_vec(&tool), json);
    }
}
