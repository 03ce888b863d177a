//! What the API would refuse of a schema, found before anything is sent.

use std::fmt;

use serde_json::{Map, Value};

use super::draft::{self, TYPES, is_type};
use super::keywords::{is_reported, is_supported};
use super::references;

/// How many optional parameters the schemas of a request may have together, where the API
/// guarantees them.
const MAX_OPTIONAL: usize = 24;
/// How many parameters of them may be of several types.
const MAX_UNIONS: usize = 16;
/// How many strict tools a request may have.
const MAX_STRICT_TOOLS: usize = 20;
/// The longest name of a tool's parameter.
const MAX_PROPERTY_NAME: usize = 64;
/// The problem of a value that may be anything, as `serde_json::Value` is.
const UNTYPED: &str = "the value has no type, which a strict schema needs; use a type of its own, \
                       or a string that has its JSON";
/// Below this a schema is not looked at; no parser goes as deep.
pub(super) const MAX_DEPTH: usize = 128;

/// Something that the API would refuse, with its place. `Display` is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    path: String,
    problem: String,
}

impl Finding {
    /// Where it is, as a JSON Pointer into the schema; empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong.
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.problem),
            path => write!(f, "at `{path}`: {}", self.problem),
        }
    }
}

/// What the API would refuse of a schema of a tool's input; with `strict`, of a strict tool or of a
/// typed result.
///
/// The root has to be an object without a choice, a tool's parameters have names of up to 64
/// letters, digits, `_`, `.` and `-`, types and what keywords take are those of JSON Schema
/// 2020-12, and what a closed object requires is among its properties. What the API guarantees has
/// closed objects and supported keywords only, contains itself nowhere, and has at most 24 optional
/// parameters, and 16 of several types. (The two limits are those of all strict tools of a request
/// together, which a run checks, and of which there may be 20.)
///
/// ```
/// use anthropic::schema;
/// use serde_json::json;
///
/// let open = json!({"type": "object", "properties": {"map": {"type": "object", "additionalProperties": true}}});
/// assert!(schema::lint(&open, false).is_empty());
/// let open = schema::for_strict(open);
/// let findings = schema::lint(&open.to_value(), true);
/// assert_eq!(findings[0].path(), "/properties/map");
/// ```
pub fn lint(schema: &Value, strict: bool) -> Vec<Finding> {
    let mut found = Findings(Vec::new());
    let object = schema.as_object();
    if object
        .and_then(|schema| schema.get("type"))
        .is_none_or(|of| of != "object")
    {
        found.add(
            &"",
            "the schema's type is not `object`; wrap the value in an object",
        );
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if object.is_some_and(|schema| schema.contains_key(key)) {
            found.add(
                &"",
                format!("`{key}` can't be at the root; wrap the choice in an object"),
            );
        }
    }
    let root = Path::default();
    node(schema, &root, MAX_DEPTH, strict, &mut found);
    if !strict {
        found.0.extend(property_names(schema));
    }
    if strict {
        references::check(schema, &mut found);
        let counted = Counts::of(schema);
        found.0.extend(counted.findings());
    }
    found.0
}

/// What the API would refuse of the names of a tool's parameters: `^[a-zA-Z0-9_.-]{1,64}$`. It does
/// not look at those within other values.
pub(crate) fn property_names(schema: &Value) -> impl Iterator<Item = Finding> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let properties = schema.get("properties").and_then(Value::as_object);
    let names = properties.into_iter().flat_map(Map::keys);
    let refused = names.filter(move |name| {
        let fits = (1..=MAX_PROPERTY_NAME).contains(&name.len());
        !(fits && name.bytes().all(is_plain))
    });
    refused.map(|name| Finding {
        path: format!("/{}", Step::Named("properties", name)),
        problem: "the API takes no such name of a parameter; take 1 to 64 letters, digits, `_`, `.` and `-`".to_owned(),
    })
}

pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, path: &dyn fmt::Display, problem: impl Into<String>) {
        self.0.push(Finding {
            path: path.to_string(),
            problem: problem.into(),
        });
    }
}

fn node(value: &Value, path: &Path<'_>, depth: usize, strict: bool, found: &mut Findings) {
    let Some(schema) = value.as_object().filter(|_| depth > 0) else {
        if strict {
            found.add(path, UNTYPED);
        }
        return;
    };
    types(schema, path, found);
    draft::faults(schema).for_each(|fault| found.add(path, fault));
    required(schema, path, found);
    if strict {
        guaranteed(schema, path, found);
    }
    inner(schema, |step, value| {
        let path = Path {
            within: Some(path),
            step: Some(step),
        };
        node(value, &path, depth - 1, strict, found);
    });
}

/// The types are those of JSON Schema.
fn types(schema: &Map<String, Value>, path: &Path<'_>, found: &mut Findings) {
    let problem = match schema.get("type") {
        Some(Value::Array(list)) => match list.iter().find(|of| of.is_array() || !is_type(of)) {
            Some(other) => other,
            None if list.is_empty() => &Value::Null,
            None => return,
        },
        Some(of) if !is_type(of) => of,
        _ => return,
    };
    let types = TYPES.join("`, `");
    found.add(
        path,
        format!("{problem} is not a type; the types are `{types}`"),
    );
}

/// Nobody can give what is required and not allowed.
fn required(schema: &Map<String, Value>, path: &Path<'_>, found: &mut Findings) {
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    if !is_closed || schema.contains_key("patternProperties") {
        return;
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let names = schema.get("required").and_then(Value::as_array);
    for name in names.into_iter().flatten().filter_map(Value::as_str) {
        if properties.is_none_or(|properties| !properties.contains_key(name)) {
            found.add(
                path,
                format!("`{name}` is required and not among the properties"),
            );
        }
    }
}

/// What the API guarantees is of fewer forms.
fn guaranteed(schema: &Map<String, Value>, path: &Path<'_>, found: &mut Findings) {
    let typed = ["type", "$ref", "enum", "const", "anyOf", "allOf"];
    if !typed.iter().any(|key| schema.contains_key(*key)) {
        found.add(path, UNTYPED);
    }
    if schema.get("type").is_some_and(|of| of == "object") {
        match schema.get("additionalProperties") {
            Some(Value::Bool(false)) if !schema.contains_key("patternProperties") => {}
            _ => found.add(path, "an object of a strict schema lists its properties, and can't be an open map; use a list of pairs, or close it with `additionalProperties: false` (`#[serde(deny_unknown_fields)]`) if it is to be empty"),
        }
    }
    let items = schema.get("items");
    if schema.contains_key("prefixItems") || items.is_some_and(Value::is_array) {
        found.add(path, "a strict schema can't give the places of a list types of their own, as a tuple has them; use an object (a struct with a field for each value)");
    } else if items.is_some_and(Value::is_boolean) {
        found.add(
            path,
            "the items of the list have no type, which a strict schema needs",
        );
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if !reference.starts_with('#') {
            found.add(path, format!("`{reference}` is outside of the schema"));
        }
    }
    for (key, value) in schema {
        if !is_supported(key, value) && !is_reported(key) {
            found.add(path, format!("`{key}` is not supported in a strict schema"));
        }
    }
}

/// A place in a schema, written as a JSON Pointer where something is found there.
#[derive(Default)]
struct Path<'a> {
    within: Option<&'a Self>,
    step: Option<Step<'a>>,
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(within) = self.within {
            within.fmt(f)?;
        }
        match self.step {
            Some(step) => write!(f, "/{step}"),
            None => Ok(()),
        }
    }
}

/// A step from a schema to one within it.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Named(&'static str, &'a str),
    Choice(&'static str, usize),
    Only(&'static str),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(key, name) => {
                let name = name.replace('~', "~0").replace('/', "~1");
                write!(f, "{key}/{name}")
            }
            Self::Choice(key, index) => write!(f, "{key}/{index}"),
            Self::Only(key) => f.write_str(key),
        }
    }
}

/// The schemas within a schema, each with the step to it.
pub(super) fn inner(schema: &Map<String, Value>, mut visit: impl FnMut(Step<'_>, &Value)) {
    for key in ["properties", "$defs", "definitions"] {
        for (name, value) in schema
            .get(key)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            visit(Step::Named(key, name), value);
        }
    }
    for key in ["anyOf", "oneOf", "allOf", "prefixItems"] {
        let list = schema
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        list.enumerate()
            .for_each(|(index, value)| visit(Step::Choice(key, index), value));
    }
    for key in ["items", "additionalProperties"] {
        if let Some(value) = schema.get(key).filter(|value| value.is_object()) {
            visit(Step::Only(key), value);
        }
    }
}

/// What is limited in number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    optional: usize,
    unions: usize,
    tools: usize,
}

impl Counts {
    pub(crate) fn of(schema: &Value) -> Self {
        let mut counts = Self::default();
        counts.add(schema, MAX_DEPTH);
        // A named schema that nothing refers to is no part of it.
        for named in references::reached(schema) {
            if let Some(schema) = schema.pointer(&named) {
                counts.add(schema, MAX_DEPTH - 1);
            }
        }
        counts
    }

    /// Of a strict tool.
    pub(crate) fn of_tool(schema: &Value) -> Self {
        Self {
            tools: 1,
            ..Self::of(schema)
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            optional: self.optional + other.optional,
            unions: self.unions + other.unions,
            tools: self.tools + other.tools,
        }
    }

    fn add(&mut self, schema: &Value, depth: usize) {
        let Some(schema) = schema.as_object().filter(|_| depth > 0) else {
            return;
        };
        let required = schema.get("required").and_then(Value::as_array);
        let is_required =
            |name: &String| required.is_some_and(|list| list.iter().any(|it| it == name));
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let is_union = property.get("anyOf").is_some() || property.get("oneOf").is_some();
            let is_list = property.get("type").is_some_and(Value::is_array);
            self.optional += usize::from(!is_required(name));
            self.unions += usize::from(is_union || is_list);
        }
        inner(schema, |step, value| {
            let is_named = matches!(step, Step::Named("$defs" | "definitions", _));
            if !(is_named && depth == MAX_DEPTH) {
                self.add(value, depth - 1);
            }
        });
    }

    pub(crate) fn findings(self) -> impl Iterator<Item = Finding> {
        let of_one_type = "make some of them required or of one type";
        let limits = [
            (
                self.optional,
                MAX_OPTIONAL,
                "strict schemas have",
                "optional parameters",
                of_one_type,
            ),
            (
                self.unions,
                MAX_UNIONS,
                "strict schemas have",
                "parameters of several types",
                of_one_type,
            ),
            (
                self.tools,
                MAX_STRICT_TOOLS,
                "there are",
                "strict tools",
                "have the API guarantee the inputs of fewer",
            ),
        ];
        let beyond = limits
            .into_iter()
            .filter(|(count, limit, ..)| count > limit);
        beyond.map(|(count, limit, verb, what, then)| Finding {
            path: String::new(),
            problem: format!("{verb} {count} {what}, and the limit is {limit}; {then}"),
        })
    }
}
