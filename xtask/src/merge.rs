//! Folding two types of one field into one that holds the values of both.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::description::{Description, Kind, Type};
use crate::model::Ty;
use crate::names::Names;

/// Reads official types as ours and merges them.
pub(crate) struct Merger<'a> {
    pub(crate) names: &'a Names<'a>,
    pub(crate) description: &'a Description,
    /// Members that a union gains because another one contains it.
    pub(crate) absorbed: RefCell<BTreeMap<String, Vec<Ty>>>,
}

impl Merger<'_> {
    /// An official type as one of ours.
    pub(crate) fn lower(&self, ty: &Type) -> Ty {
        match ty {
            Type::String | Type::Date | Type::Base64 | Type::Binary => Ty::String,
            Type::Integer => Ty::Signed,
            Type::Number => Ty::Float,
            Type::Boolean => Ty::Bool,
            Type::Datetime => Ty::Timestamp,
            Type::Any => Ty::Json,
            Type::File => Ty::File,
            Type::Literal { values } | Type::Open { values } => words(values),
            Type::List { of } => Ty::List(Box::new(self.lower(of))),
            Type::Map { of } => match self.lower(of) {
                Ty::Json => Ty::Json,
                value => Ty::Map(Box::new(value)),
            },
            Type::Nullable { of } => Ty::Nullable(Box::new(self.lower(of))),
            Type::Ref { to } => self.lower_ref(to),
            Type::Union { of, tag } => self.lower_union(of, tag.clone()),
        }
    }

    fn lower_ref(&self, to: &str) -> Ty {
        let concept = self.names.key(to);
        if self.names.overlay.fold.json.contains(&concept) {
            return Ty::Json;
        }
        match self.description.types.get(to) {
            Some(def) if def.kind == Kind::Alias => match &def.r#type {
                Some(Type::Union { of, tag }) => match self.lower_union(of, tag.clone()) {
                    Ty::Union { .. } | Ty::Words(_) => Ty::Named(concept),
                    simple => simple,
                },
                Some(Type::Literal { .. } | Type::Open { .. }) => Ty::Named(concept),
                Some(other) => self.lower(other),
                None => Ty::Json,
            },
            _ => Ty::Named(concept),
        }
    }

    /// A union as one of ours; a plain type where its members are the same for us.
    pub(crate) fn lower_union(&self, of: &[Type], tag: Option<String>) -> Ty {
        let mut members: Vec<Ty> = Vec::new();
        for ty in of.iter().map(|member| self.lower(member)) {
            if !members.contains(&ty) {
                members.push(ty);
            }
        }
        // Requests take a date as text or as a date, which is text as well.
        if members.contains(&Ty::Timestamp) {
            members.retain(|member| *member != Ty::String);
        }
        if members.contains(&Ty::String) {
            members.retain(|member| !matches!(member, Ty::Words(_)));
            if let Some(Type::Literal { values } | Type::Open { values }) = of
                .iter()
                .find(|ty| matches!(ty, Type::Literal { .. } | Type::Open { .. }))
            {
                members.retain(|member| *member != Ty::String);
                members.push(words(values));
            }
        }
        if members.len() == 1 {
            return members.remove(0);
        }
        self.absorb(members, tag)
    }

    /// A large union that contains the overlay's absorbing one is that union, with more members.
    fn absorb(&self, members: Vec<Ty>, tag: Option<String>) -> Ty {
        let is_object = |ty: &Ty| matches!(ty, Ty::Named(_));
        let rule = &self.names.overlay.fold.absorbing;
        let inner = members.iter().find_map(|member| match member {
            Ty::Named(name) if *name == rule.union => Some(name.clone()),
            _ => None,
        });
        let is_large = members.len() >= rule.from;
        match inner {
            Some(name) if tag.is_none() && members.iter().all(is_object) && is_large => {
                let others = members
                    .into_iter()
                    .filter(|member| *member != Ty::Named(name.clone()));
                self.absorbed
                    .borrow_mut()
                    .entry(name.clone())
                    .or_default()
                    .extend(others);
                Ty::Named(name)
            }
            _ => Ty::Union { tag, members },
        }
    }

    /// The type that holds the values of both, or why there is none.
    pub(crate) fn merge(&self, a: Ty, b: Ty) -> Result<Ty, String> {
        Ok(match (a, b) {
            (a, b) if a == b => a,
            // Free JSON beside a struct: the struct is one of the things that it may be.
            (Ty::Json, Ty::Named(name)) | (Ty::Named(name), Ty::Json) => Ty::Union {
                tag: Some(String::from("type")),
                members: vec![Ty::Named(name)],
            },
            (Ty::Json, other) | (other, Ty::Json) => other,
            (Ty::Words(mut a), Ty::Words(b)) => {
                a.extend(
                    b.into_iter()
                        .filter(|word| !a.contains(word))
                        .collect::<Vec<_>>(),
                );
                Ty::Words(a)
            }
            (Ty::Words(words), Ty::String) | (Ty::String, Ty::Words(words)) => Ty::Words(words),
            // A set with a name has been folded from all its definitions already.
            (Ty::Words(_), Ty::Named(name)) | (Ty::Named(name), Ty::Words(_)) => Ty::Named(name),
            // A set takes any string, whether it has a name or not.
            (Ty::Named(name), Ty::String) | (Ty::String, Ty::Named(name)) if self.is_set(&name) => {
                Ty::Named(name)
            }
            (Ty::Timestamp, Ty::String) | (Ty::String, Ty::Timestamp) => Ty::Timestamp,
            (Ty::Signed, Ty::Float) | (Ty::Float, Ty::Signed) => Ty::Float,
            (Ty::List(a), Ty::List(b)) => Ty::List(Box::new(self.merge(*a, *b)?)),
            (Ty::Map(a), Ty::Map(b)) => Ty::Map(Box::new(self.merge(*a, *b)?)),
            (Ty::Nullable(a), Ty::Nullable(b)) => Ty::Nullable(Box::new(self.merge(*a, *b)?)),
            (Ty::Nullable(a), b) | (b, Ty::Nullable(a)) => {
                Ty::Nullable(Box::new(self.merge(*a, b)?))
            }
            (
                Ty::Union { tag, mut members },
                Ty::Union {
                    tag: other_tag,
                    members: others,
                },
            ) => {
                for other in others {
                    self.add(&mut members, other)?;
                }
                Ty::Union {
                    tag: tag.or(other_tag),
                    members,
                }
            }
            (Ty::Union { tag, mut members }, other) | (other, Ty::Union { tag, mut members }) => {
                self.add(&mut members, other)?;
                Ty::Union { tag, members }
            }
            (Ty::Named(a), Ty::Named(b)) => self.merge_named(&a, &b)?,
            (a, b) => return Err(format!("{a:?} and {b:?} have no common type")),
        })
    }

    fn add(&self, members: &mut Vec<Ty>, other: Ty) -> Result<(), String> {
        if members.contains(&other) {
            return Ok(());
        }
        let same_shape = |member: &Ty| {
            matches!(
                (member, &other),
                (Ty::List(_), Ty::List(_)) | (Ty::Words(_) | Ty::String, Ty::Words(_) | Ty::String)
            )
        };
        match members.iter().position(same_shape) {
            Some(at) => {
                let merged = self.merge(members[at].clone(), other)?;
                members[at] = merged;
            }
            None => members.push(other),
        }
        Ok(())
    }

    /// Whether a concept is a set of strings.
    fn is_set(&self, concept: &str) -> bool {
        let mut types = self.description.types.iter();
        types.any(|(name, def)| {
            let is_words = matches!(&def.r#type, Some(Type::Literal { .. } | Type::Open { .. }));
            is_words && self.names.key(name) == concept
        })
    }

    /// A struct and a union that contains it are the union.
    fn merge_named(&self, a: &str, b: &str) -> Result<Ty, String> {
        for (one, other) in [(a, b), (b, a)] {
            if self.contains(one, other) {
                return Ok(Ty::Named(one.to_owned()));
            }
        }
        Err(format!("{a} and {b} are two concepts"))
    }

    fn contains(&self, union: &str, member: &str) -> bool {
        self.description
            .types
            .iter()
            .filter(|(name, def)| def.kind == Kind::Alias && self.names.key(name) == union)
            .filter_map(|(_, def)| def.r#type.as_ref())
            .flat_map(Type::refs)
            .any(|to| self.names.key(to) == member)
    }
}

fn words(values: &[serde_json::Value]) -> Ty {
    let words: Vec<String> = values
        .iter()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect();
    if words.is_empty() {
        Ty::Bool
    } else {
        Ty::Words(words)
    }
}
