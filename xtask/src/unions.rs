//! Giving names to what the official SDK leaves anonymous, and distinguishing the kinds of union.

use std::collections::BTreeMap;

use crate::fold::{Raw, overlay_only};
use crate::model::{Concept, Def, Field, Model, Presence, Ty, Variant};
use crate::names::{Names, bare, pascal};
use crate::overlay::Overlay;

/// A variant whose body is larger than this is boxed, so that a list of short ones stays small.
const LARGE: usize = 160;

/// Finishes a model: no anonymous type is left in it.
pub(crate) struct Namer<'a> {
    pub(crate) names: &'a Names<'a>,
    pub(crate) overlay: &'a Overlay,
    pub(crate) raw: BTreeMap<String, (Raw, bool)>,
    pub(crate) model: Model,
}

impl Namer<'_> {
    pub(crate) fn finish(mut self) -> Model {
        let mut waiting: Vec<String> = self.raw.keys().cloned().collect();
        while let Some(name) = waiting.pop() {
            let Some((raw, beta_only)) = self.raw.get(&name).cloned() else {
                continue;
            };
            let named = match raw {
                Raw::Struct(fields) => fields
                    .into_iter()
                    .map(|field| self.name_field(&name, field, beta_only, &mut waiting))
                    .collect::<Result<Vec<_>, _>>()
                    .map(Raw::Struct),
                Raw::Alias(Ty::Union { tag, members }) => members
                    .into_iter()
                    .map(|ty| self.name_member(&name, ty, beta_only, &mut waiting))
                    .collect::<Result<Vec<_>, _>>()
                    .and_then(|members| self.split(&name, members, beta_only))
                    .map(|members| Raw::Alias(Ty::Union { tag, members })),
                other @ Raw::Alias(_) => Ok(other),
            };
            match named {
                Ok(raw) => {
                    self.raw.insert(name, (raw, beta_only));
                }
                Err(problem) => self.model.problems.push(format!("{name}: {problem}")),
            }
        }
        self.build();
        overlay_only(self.overlay, &mut self.model);
        self.model
    }

    fn name_field(
        &mut self,
        parent: &str,
        mut field: Field,
        beta_only: bool,
        waiting: &mut Vec<String>,
    ) -> Result<Field, String> {
        let is_constant = matches!(&field.ty, Ty::Words(words) if words.len() == 1)
            && field.presence == Presence::Required;
        if !is_constant {
            let name = format!("{parent}{}", pascal(&field.wire));
            field.ty = self.name_type(&name, field.ty, beta_only, waiting)?;
        }
        Ok(field)
    }

    /// A member of a union by name may be a list or a set of words, whose names follow its own.
    fn name_member(
        &mut self,
        parent: &str,
        ty: Ty,
        beta_only: bool,
        waiting: &mut Vec<String>,
    ) -> Result<Ty, String> {
        let name = match &ty {
            Ty::Words(_) => format!("{parent}Keyword"),
            _ => format!("{parent}Item"),
        };
        self.name_type(&name, ty, beta_only, waiting)
    }

    /// Several objects beside other shapes become a union of their own: only a tag
    /// distinguishes them.
    fn split(
        &mut self,
        parent: &str,
        members: Vec<Ty>,
        beta_only: bool,
    ) -> Result<Vec<Ty>, String> {
        let (objects, mut others): (Vec<Ty>, Vec<Ty>) = members
            .into_iter()
            .partition(|member| matches!(member, Ty::Named(name) if self.is_object(name)));
        if objects.len() < 2 || others.is_empty() {
            others.splice(0..0, objects);
            return Ok(others);
        }
        let name = self.names.rename(format!("{parent}Object"));
        self.define(
            &name,
            Ty::Union {
                tag: None,
                members: objects,
            },
            beta_only,
        )?;
        others.push(Ty::Named(name));
        Ok(others)
    }

    fn name_type(
        &mut self,
        name: &str,
        ty: Ty,
        beta_only: bool,
        waiting: &mut Vec<String>,
    ) -> Result<Ty, String> {
        Ok(match ty {
            Ty::List(of) => Ty::List(Box::new(self.name_type(name, *of, beta_only, waiting)?)),
            Ty::Map(of) => Ty::Map(Box::new(self.name_type(name, *of, beta_only, waiting)?)),
            Ty::Nullable(of) => {
                Ty::Nullable(Box::new(self.name_type(name, *of, beta_only, waiting)?))
            }
            Ty::Words(_) | Ty::Union { .. } => {
                let name = self.names.rename(name.to_owned());
                self.define(&name, ty, beta_only)?;
                waiting.push(name.clone());
                Ty::Named(name)
            }
            other => other,
        })
    }

    /// Adds an anonymous type under its new name, or folds it into the one of that name.
    fn define(&mut self, name: &str, ty: Ty, beta_only: bool) -> Result<(), String> {
        let merged = match self.raw.get(name) {
            None => ty,
            Some((Raw::Alias(Ty::Words(before)), ..)) => match ty {
                Ty::Words(more) => {
                    let mut words = before.clone();
                    words.extend(more.into_iter().filter(|word| !before.contains(word)));
                    Ty::Words(words)
                }
                _ => return Err(format!("{name} is a set of words already")),
            },
            Some((
                Raw::Alias(Ty::Union {
                    tag,
                    members: before,
                }),
                ..,
            )) => match ty {
                Ty::Union { members: more, .. } => {
                    let mut members = before.clone();
                    members.extend(more.into_iter().filter(|member| !before.contains(member)));
                    Ty::Union {
                        tag: tag.clone(),
                        members,
                    }
                }
                _ => return Err(format!("{name} is a union already")),
            },
            Some(_) => return Err(format!("{name} is another type already")),
        };
        let was_beta = self.raw.get(name).is_none_or(|(_, was_beta)| *was_beta);
        self.raw
            .insert(name.to_owned(), (Raw::Alias(merged), was_beta && beta_only));
        Ok(())
    }

    /// Turns what has names now into definitions.
    fn build(&mut self) {
        for (name, (raw, beta_only)) in &self.raw {
            let def = match raw {
                Raw::Struct(fields) => Ok(structure(fields)),
                Raw::Alias(Ty::Words(values)) if self.overlay.fold.sets.contains(name) => {
                    Ok(Def::Set {
                        values: values.clone(),
                    })
                }
                Raw::Alias(Ty::Words(values)) => Ok(Def::Enum {
                    values: values.clone(),
                }),
                Raw::Alias(Ty::Union { tag, members }) => self.union(name, tag.as_deref(), members),
                Raw::Alias(other) => Err(format!("an alias of {other:?}")),
            };
            match def {
                Ok(def) => {
                    let concept = Concept {
                        def,
                        beta_only: *beta_only,
                    };
                    self.model.defs.insert(name.clone(), concept);
                }
                Err(problem) => self.model.problems.push(format!("{name}: {problem}")),
            }
        }
    }

    fn union(&self, name: &str, tag: Option<&str>, members: &[Ty]) -> Result<Def, String> {
        let members = self.flatten(members);
        let is_object = |ty: &Ty| matches!(ty, Ty::Named(name) if self.is_object(name));
        if !members.iter().all(is_object) {
            return self.shape(name, &members);
        }
        let tags = tag.into_iter().chain(["type", "name", "role"]);
        for tag in tags {
            if let Some(def) = self.tagged(name, tag, &members) {
                return Ok(def);
            }
        }
        Err(format!("members without a common tag: {members:?}"))
    }

    fn is_object(&self, name: &str) -> bool {
        match self.raw.get(name) {
            Some((Raw::Struct(_), ..)) => true,
            Some((Raw::Alias(Ty::Union { members, .. }), ..)) => members
                .iter()
                .all(|m| matches!(m, Ty::Named(name) if self.is_object(name))),
            _ => false,
        }
    }

    /// A union by name inside another one of objects gives its members to it.
    fn flatten(&self, members: &[Ty]) -> Vec<Ty> {
        let all_objects = members
            .iter()
            .all(|m| matches!(m, Ty::Named(name) if self.is_object(name)));
        let mut flat = Vec::new();
        for member in members {
            match member {
                Ty::Named(name) if all_objects => match self.raw.get(name) {
                    Some((Raw::Alias(Ty::Union { members, .. }), ..)) => {
                        flat.extend(self.flatten(members));
                    }
                    _ => flat.push(member.clone()),
                },
                other => flat.push(other.clone()),
            }
        }
        let mut unique = Vec::new();
        for member in flat {
            if !unique.contains(&member) {
                unique.push(member);
            }
        }
        unique
    }

    fn tagged(&self, name: &str, tag: &str, members: &[Ty]) -> Option<Def> {
        let mut variants: Vec<Variant> = Vec::new();
        let mut default = None;
        let overlay = self.overlay.type_overlay(name);
        for member in members {
            let Ty::Named(concept) = member else {
                return None;
            };
            let (marks, is_required) = self.marks(concept, tag)?;
            let first = marks.first()?;
            if variants
                .iter()
                .any(|variant| variant.marks.iter().any(|m| marks.contains(m)))
            {
                return None;
            }
            let variant = overlay
                .and_then(|overlay| overlay.variants.get(first).cloned())
                .unwrap_or_else(|| pascal(first));
            if !is_required && default.replace(variant.clone()).is_some() {
                return None;
            }
            let is_boxed = self.size(concept, 0) > LARGE;
            variants.push(Variant {
                name: variant,
                marks,
                ty: member.clone(),
                is_boxed,
            });
        }
        Some(Def::Union {
            tag: tag.to_owned(),
            variants,
            default,
        })
    }

    /// The values under a tag that mark a struct, and whether it always has one.
    fn marks(&self, concept: &str, tag: &str) -> Option<(Vec<String>, bool)> {
        let Some((Raw::Struct(fields), ..)) = self.raw.get(concept) else {
            return None;
        };
        let field = fields.iter().find(|field| field.wire == tag)?;
        let words = match &field.ty {
            Ty::Words(words) => words.clone(),
            Ty::Named(name) => match self.raw.get(name) {
                Some((Raw::Alias(Ty::Words(words)), ..)) => words.clone(),
                _ => return None,
            },
            _ => return None,
        };
        Some((words, field.presence == Presence::Required))
    }

    fn shape(&self, name: &str, members: &[Ty]) -> Result<Def, String> {
        let overlay = self.overlay.type_overlay(name);
        let mut variants: Vec<Variant> = Vec::new();
        for member in members {
            let (kind, default) = match member {
                Ty::String | Ty::Timestamp => ("String", "Text".to_owned()),
                Ty::Bool => ("Boolean", "Boolean".to_owned()),
                Ty::Signed | Ty::Unsigned | Ty::Float => ("Number", "Number".to_owned()),
                Ty::List(_) => ("List", "List".to_owned()),
                Ty::Json | Ty::Map(_) => ("Object", "Object".to_owned()),
                Ty::Named(concept) if self.is_object(concept) => {
                    ("Object", bare(concept).to_owned())
                }
                Ty::Named(concept) => match self.raw.get(concept) {
                    Some((Raw::Alias(Ty::Words(_)), ..)) => ("String", "Keyword".to_owned()),
                    _ => return Err(format!("{concept} has no single shape")),
                },
                other => return Err(format!("{other:?} in a union")),
            };
            let same = variants
                .iter()
                .filter(|variant| variant.marks == [kind])
                .count();
            if same > 0 && kind != "Object" {
                return Err(format!("two members are a {kind}"));
            }
            let variant = overlay
                .and_then(|overlay| overlay.variants.get(kind).cloned())
                .filter(|_| same == 0)
                .unwrap_or(default);
            variants.push(Variant {
                name: variant,
                marks: vec![kind.to_owned()],
                ty: member.clone(),
                is_boxed: false,
            });
        }
        // Objects are tried in order; several can only be found apart by a tag.
        let structs = |v: &&Variant| v.marks == ["Object"] && matches!(v.ty, Ty::Named(_));
        if variants.iter().filter(structs).count() > 1 {
            return Err("several objects beside other shapes".to_owned());
        }
        Ok(Def::Shape { variants })
    }

    /// Roughly how many bytes a struct takes.
    fn size(&self, concept: &str, depth: usize) -> usize {
        let Some((raw, ..)) = self.raw.get(concept) else {
            return 24;
        };
        if depth > 8 {
            return 24;
        }
        match raw {
            Raw::Struct(fields) => {
                let overlay = self.overlay.type_overlay(concept);
                let is_boxed = |field: &Field| {
                    overlay.is_some_and(|overlay| overlay.boxed.contains(&field.wire))
                };
                let size = |field: &Field| {
                    if is_boxed(field) {
                        8
                    } else {
                        self.size_of(&field.ty, depth)
                    }
                };
                8 + fields.iter().map(size).sum::<usize>()
            }
            Raw::Alias(Ty::Union { members, .. }) => {
                let largest = members
                    .iter()
                    .map(|m| self.size_of(m, depth))
                    .max()
                    .unwrap_or(0);
                8 + if largest > LARGE { 24 } else { largest }
            }
            Raw::Alias(_) => 24,
        }
    }

    fn size_of(&self, ty: &Ty, depth: usize) -> usize {
        match ty {
            Ty::Named(name) => self.size(name, depth + 1),
            Ty::Words(words) if words.len() == 1 => 0,
            Ty::Bool => 1,
            Ty::Signed | Ty::Unsigned | Ty::Float | Ty::Json => 16,
            Ty::Nullable(of) => self.size_of(of, depth),
            _ => 24,
        }
    }
}

fn structure(fields: &[Field]) -> Def {
    let mut constants = Vec::new();
    let mut rest = Vec::new();
    for field in fields {
        match &field.ty {
            Ty::Words(words) if words.len() == 1 && field.presence == Presence::Required => {
                constants.push((field.wire.clone(), words[0].clone()));
            }
            _ => rest.push(field.clone()),
        }
    }
    Def::Struct {
        constants,
        fields: rest,
    }
}
