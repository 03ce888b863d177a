//! Values for the types of the description, the same for the same seed.

use std::collections::{BTreeMap, BTreeSet};
use std::ptr;

use fastrand::Rng;

use crate::description::{Description, FieldDef, Type};
use crate::free;
use crate::tree::{Entry, Presence, Tree};

/// How many nodes a value may have before it is brought to an end.
const NODES: usize = 150;
/// How deep a value may go before it is brought to an end.
const DEPTH: usize = 7;

/// What may be anything when it is sent, and is one of some objects when it is received: a union
/// here, which keeps anything, but not its spacing.
const LOOSE: &[(&str, &str)] = &[(
    "types.beta.beta_fallback_block_param.BetaFallbackBlockParam",
    "trigger",
)];

/// Free JSON that is always an object: where it is missing it is written as `{}`, as a call needs
/// an input.
pub(crate) const FREE_OBJECTS: [&str; 5] =
    ["input", "input_schema", "request", "schema", "settings"];

/// Whether values hold what no version knows yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Only what the description knows.
    Only,
    /// Unknown fields, variants and values, too.
    OrNot,
}

/// Makes values.
pub(crate) struct Generator<'a> {
    description: &'a Description,
    rng: Rng,
    known: Known,
    has_huge_numbers: bool,
    /// What is left out: keys, in the types whose name has some letters.
    without: &'a [(&'a str, &'a str)],
    /// What of it stays nevertheless.
    keeping: &'a [(&'a str, &'a str)],
    /// How high the smallest value of a type is, by the type's name.
    heights: BTreeMap<&'a str, usize>,
    /// Which variant or literal of a type comes next, by the type's place in memory.
    turns: BTreeMap<usize, usize>,
    nodes_left: usize,
}

/// How full a value is.
#[derive(Clone, Copy)]
enum Fill {
    Everything,
    RequiredOnly,
    Some,
}

impl<'a> Generator<'a> {
    pub(crate) fn new(description: &'a Description, seed: u64) -> Self {
        Self {
            description,
            rng: Rng::with_seed(seed),
            known: Known::OrNot,
            has_huge_numbers: false,
            without: &[],
            keeping: &[],
            heights: heights(description),
            turns: BTreeMap::new(),
            nodes_left: 0,
        }
    }

    pub(crate) fn of(mut self, known: Known) -> Self {
        self.known = known;
        self
    }

    /// Leaves keys out, in the types whose name has some letters.
    pub(crate) fn without(mut self, keys: &'a [(&'a str, &'a str)]) -> Self {
        self.without = keys;
        self
    }

    /// Keeps some of these keys, in the types whose name has some letters.
    pub(crate) fn keeping(mut self, keys: &'a [(&'a str, &'a str)]) -> Self {
        self.keeping = keys;
        self
    }

    /// Lets free JSON hold numbers beyond 64 bits, which only text keeps.
    pub(crate) fn with_huge_numbers(mut self) -> Self {
        self.has_huge_numbers = true;
        self
    }

    /// At least `count` values of a type, and enough for each variant if it is a union.
    pub(crate) fn values(&mut self, name: &str, count: usize) -> Vec<Tree> {
        let def = &self.description.types[name];
        let variants = match &def.r#type {
            // One in ten is a variant that nobody knows.
            Some(Type::Union { of, .. }) => of.len() * 5 / 4 + 4,
            _ => 0,
        };
        (0..count.max(variants))
            .map(|number| {
                let fill = match number {
                    0 => Fill::Everything,
                    1 => Fill::RequiredOnly,
                    _ => Fill::Some,
                };
                self.nodes_left = NODES;
                self.named(name, 0, fill)
            })
            .collect()
    }

    /// The variants below some types of which there has been no value.
    pub(crate) fn unseen(&self, names: &[&str]) -> Vec<String> {
        let mut unseen = BTreeSet::new();
        for name in names {
            let def = &self.description.types[*name];
            let types = def
                .r#type
                .iter()
                .chain(def.fields.iter().map(|field| &field.r#type));
            for ty in types {
                self.collect_unseen(name, ty, &mut unseen);
            }
        }
        unseen.into_iter().collect()
    }

    fn collect_unseen(&self, name: &str, ty: &Type, unseen: &mut BTreeSet<String>) {
        match ty {
            Type::List { of } | Type::Map { of } | Type::Nullable { of } => {
                self.collect_unseen(name, of, unseen);
            }
            Type::Union { of, .. } => {
                let turns = self.turns.get(&place(ty)).copied().unwrap_or_default();
                for variant in of.iter().skip(turns) {
                    unseen.insert(format!("{name}: {variant:?}"));
                }
            }
            _ => {}
        }
    }

    /// One in `of`.
    fn chance(&mut self, of: usize) -> bool {
        self.rng.usize(..of) == 0
    }

    fn novelty(&mut self, of: usize) -> bool {
        self.known == Known::OrNot && self.chance(of)
    }

    fn must_end(&self, depth: usize) -> bool {
        depth >= DEPTH || self.nodes_left == 0
    }

    /// Whose turn it is, of so many.
    fn turn(&mut self, ty: &Type, of: usize) -> usize {
        let turn = self.turns.entry(place(ty)).or_default();
        *turn += 1;
        (*turn - 1) % of
    }

    fn named(&mut self, name: &str, depth: usize, fill: Fill) -> Tree {
        let description = self.description;
        let def = &description.types[name];
        if let Some(ty) = &def.r#type {
            return self.value(ty, depth, fill);
        }
        let (without, keeping) = (self.without, self.keeping);
        let has = |keys: &[(&str, &str)], field: &FieldDef| {
            let mut parts = keys.iter();
            parts.any(|(part, key)| name.contains(part) && *key == field.wire)
        };
        let is_out = |field: &FieldDef| has(without, field) && !has(keeping, field);
        let fields = def.fields.iter();
        let fields = fields.filter(|field| !field.local && !is_out(field));
        let mut object = self.object(fields, depth, fill);
        self.loosen(name, &mut object);
        object
    }

    /// Puts loose JSON where free JSON has a type here.
    fn loosen(&mut self, name: &str, object: &mut Tree) {
        let Tree::Object(entries) = object else {
            return;
        };
        for entry in entries {
            let is_loose = LOOSE
                .iter()
                .any(|(of, key)| *of == name && *key == entry.key);
            if is_loose && matches!(entry.value, Tree::Free(_)) {
                entry.value = Tree::Loose(free::json(&mut self.rng, false));
            }
        }
    }

    fn value(&mut self, ty: &Type, depth: usize, fill: Fill) -> Tree {
        self.nodes_left = self.nodes_left.saturating_sub(1);
        match ty {
            Type::String | Type::Base64 | Type::File | Type::Binary => {
                Tree::String(free::string(&mut self.rng))
            }
            Type::Integer => Tree::Number(free::integer(&mut self.rng)),
            Type::Number => Tree::Number(free::float(&mut self.rng)),
            Type::Boolean => Tree::Bool(self.rng.bool()),
            Type::Datetime => Tree::String(free::datetime(&mut self.rng)),
            Type::Date => Tree::String(String::from("2026-02-28")),
            Type::Any => self.free(),
            Type::Literal { values } | Type::Open { values } => self.literal(ty, values),
            Type::List { of } => self.list(of, depth, fill),
            Type::Map { of } => self.map(of, depth, fill),
            Type::Nullable { of } => {
                if self.chance(4) {
                    Tree::Null
                } else {
                    self.value(of, depth, fill)
                }
            }
            Type::Ref { to } => self.named(to, depth, fill),
            Type::Union { of, tag } => self.union(ty, of, tag.as_deref(), depth, fill),
        }
    }

    fn free(&mut self) -> Tree {
        Tree::Free(free::json(&mut self.rng, self.has_huge_numbers))
    }

    fn literal(&mut self, ty: &Type, values: &[serde_json::Value]) -> Tree {
        let is_text = values.iter().all(serde_json::Value::is_string);
        if is_text && self.novelty(12) {
            return Tree::String(String::from("from_tomorrow_\u{1f680}"));
        }
        match &values[self.turn(ty, values.len())] {
            serde_json::Value::Bool(value) => Tree::Bool(*value),
            serde_json::Value::String(value) => Tree::String(value.clone()),
            other => Tree::Number(other.to_string()),
        }
    }

    fn count(&mut self, depth: usize, fill: Fill) -> usize {
        match fill {
            _ if self.must_end(depth) => 0,
            Fill::RequiredOnly => 0,
            Fill::Everything => self.rng.usize(1..=2),
            Fill::Some => self.rng.usize(..=3),
        }
    }

    fn list(&mut self, of: &Type, depth: usize, fill: Fill) -> Tree {
        let count = self.count(depth, fill);
        Tree::List(
            (0..count)
                .map(|_| self.value(of, depth + 1, Fill::Some))
                .collect(),
        )
    }

    fn map(&mut self, of: &Type, depth: usize, fill: Fill) -> Tree {
        let count = self.count(depth, fill);
        let entries = (0..count).map(|index| {
            let key = format!("{}{index}", free::string(&mut self.rng));
            Entry::required(key, self.value(of, depth + 1, Fill::Some))
        });
        Tree::Object(entries.collect())
    }

    fn object(
        &mut self,
        fields: impl Iterator<Item = &'a FieldDef>,
        depth: usize,
        fill: Fill,
    ) -> Tree {
        let mut entries = Vec::new();
        for field in fields {
            let value = self.field(field, depth + 1, fill);
            let presence = self.presence(field);
            entries.push(Entry {
                key: field.wire.clone(),
                value,
                presence,
            });
        }
        if self.novelty(3) {
            let value = self.free();
            entries.push(Entry::required("x_tomorrow", value));
        }
        if self.novelty(6) {
            let value = Tree::Free(String::from("null"));
            entries.push(Entry::required("ключ \"q\"\n", value));
        }
        // The tag comes first, mostly.
        if self.chance(3) {
            self.rng.shuffle(&mut entries);
        }
        Tree::Object(entries)
    }

    fn field(&mut self, field: &FieldDef, depth: usize, fill: Fill) -> Tree {
        let is_absent = !field.required
            && match fill {
                _ if self.must_end(depth) => true,
                Fill::Everything => false,
                Fill::RequiredOnly => true,
                Fill::Some => self.rng.bool(),
            };
        if is_absent {
            return Tree::Absent;
        }
        if field.nullable && !matches!(fill, Fill::Everything) && self.chance(5) {
            return Tree::Null;
        }
        let fill = if depth > 1 { Fill::Some } else { fill };
        self.value(&field.r#type, depth, fill)
    }

    fn union(
        &mut self,
        ty: &Type,
        of: &[Type],
        tag: Option<&str>,
        depth: usize,
        fill: Fill,
    ) -> Tree {
        // A type by name that something else than `type` tells apart may be one type here.
        let is_open = depth > 0 || tag == Some("type");
        match tag {
            Some(tag) if is_open && self.novelty(10) => return self.unknown_variant(tag),
            None if is_open && self.has_shapes(of) && self.novelty(12) => {
                return Tree::Loose(String::from("[{\"shape\": 1}, null, \"of tomorrow\"]"));
            }
            _ => {}
        }
        let variant = if self.must_end(depth) {
            let lowest = of
                .iter()
                .min_by_key(|variant| height(variant, &self.heights));
            lowest.unwrap_or(&of[0])
        } else {
            &of[self.turn(ty, of.len())]
        };
        let value = self.value(variant, depth, fill);
        if tag.is_some() && is_open && self.novelty(15) {
            self.broken(value)
        } else {
            value
        }
    }

    /// Whether the members of a union are told apart by their shapes: objects or lists beside
    /// others.
    fn has_shapes(&self, of: &[Type]) -> bool {
        let is_deep = |ty: &Type| match ty {
            Type::List { .. } => true,
            Type::Ref { to } => self.description.types[to].r#type.is_none(),
            _ => false,
        };
        let deep = of.iter().filter(|ty| is_deep(ty)).count();
        0 < deep && deep < of.len()
    }

    /// An object of a type that no version knows.
    fn unknown_variant(&mut self, tag: &str) -> Tree {
        let mut entries = vec![
            Entry::required(tag, Tree::String(String::from("block_of_tomorrow"))),
            Entry::required("input", self.free()),
            Entry::required("text", self.free()),
            Entry::required("id", Tree::Free(String::from("null"))),
        ];
        if self.chance(3) {
            self.rng.shuffle(&mut entries);
        }
        Tree::Object(entries)
    }

    /// An object of a known type whose body does not fit: a required field is missing.
    ///
    /// A constant is not one that could be missed: its value is known.
    fn broken(&mut self, value: Tree) -> Tree {
        let Tree::Object(mut entries) = value else {
            return value;
        };
        let is_needed = |index: &usize| {
            let entry = &entries[*index];
            entry.presence == Presence::Required && !FREE_OBJECTS.contains(&entry.key.as_str())
        };
        let needed: Vec<usize> = (0..entries.len()).filter(is_needed).collect();
        if let Some(index) = self.rng.choice(needed) {
            entries[index].value = Tree::Absent;
        }
        Tree::Object(entries)
    }

    fn presence(&self, field: &FieldDef) -> Presence {
        if !field.required {
            Presence::Optional
        } else if self.is_constant(&field.r#type) {
            Presence::Constant
        } else {
            Presence::Required
        }
    }

    fn is_constant(&self, ty: &Type) -> bool {
        match ty {
            Type::Literal { values } => values.len() == 1,
            Type::Ref { to } => self.description.types[to]
                .r#type
                .as_ref()
                .is_some_and(|ty| self.is_constant(ty)),
            _ => false,
        }
    }
}

/// A type's place in memory, which stands for its place in the description.
fn place(ty: &Type) -> usize {
    ptr::from_ref(ty).addr()
}

/// How many levels the smallest value of each type has. Types refer to each other in circles, so
/// this is repeated until nothing changes.
fn heights(description: &Description) -> BTreeMap<&str, usize> {
    const ENDLESS: usize = 1_000;
    let names = description.types.keys().map(String::as_str);
    let mut heights: BTreeMap<&str, usize> = names.map(|name| (name, ENDLESS)).collect();
    loop {
        let mut has_changed = false;
        for (name, def) in &description.types {
            let new = if let Some(ty) = &def.r#type {
                height(ty, &heights)
            } else {
                let required = def.fields.iter().filter(|field| field.required);
                let levels = required.map(|field| height(&field.r#type, &heights));
                1 + levels.max().unwrap_or(0)
            };
            if new < heights[name.as_str()] {
                heights.insert(name, new);
                has_changed = true;
            }
        }
        if !has_changed {
            return heights;
        }
    }
}

fn height(ty: &Type, heights: &BTreeMap<&str, usize>) -> usize {
    match ty {
        Type::Ref { to } => heights[to.as_str()],
        Type::Union { of, .. } => of.iter().map(|of| height(of, heights)).min().unwrap_or(0),
        _ => 0,
    }
}
