//! Writes the description that the simulator carries: `api.json` without names, as small as it
//! gets.
//!
//! The simulator checks requests and makes responses by it, and is published without the `api`
//! folder. Types that look the same are written once, however many names they have: most of the
//! official SDK's come twice, GA and beta.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::files::Files;
use crate::description::{Description, Endpoint, Kind, Limit, Limits, Place, Type, TypeDef};
use crate::overlay::Overlay;

/// Where it goes.
const FILE: &str = "crates/anthropic-sim/src/description/description.json";
/// The concept whose added fields are parameters of an earlier version of the API.
const EARLIER: &str = "MessageCreateParams";

/// Adds the simulator's description to the generated files.
pub(crate) fn write(
    description: &Description,
    overlay: &Overlay,
    files: &mut Files,
) -> Result<(), String> {
    let mut nodes = Nodes::new(description);
    let endpoints = description.endpoints.iter();
    let endpoints = endpoints
        .map(|endpoint| nodes.endpoint(endpoint, overlay))
        .collect::<Result<Vec<_>, _>>()?;
    let (types, number) = nodes.merged();
    let mut text = String::from("{\n\"types\": [\n");
    lines(&mut text, &types);
    text.push_str("],\n\"endpoints\": [\n");
    let endpoints: Vec<Value> = endpoints
        .into_iter()
        .map(|endpoint| endpoint.json(&number))
        .collect();
    lines(&mut text, &endpoints);
    let _ = writeln!(text, "],\n\"pages\": {}\n}}", json!(description.pages));
    files.add_plain(FILE, text);
    Ok(())
}

fn lines(text: &mut String, values: &[Value]) {
    for (index, value) in values.iter().enumerate() {
        let comma = if index + 1 < values.len() { "," } else { "" };
        let _ = writeln!(text, "{value}{comma}");
    }
}

/// A type: what it is apart from the types it is made of, and those.
#[derive(Default)]
struct Node {
    label: Value,
    children: Vec<usize>,
}

impl Node {
    fn new(label: Value, children: Vec<usize>) -> Self {
        Self { label, children }
    }
}

/// The label of a name that stands for its only child.
const ALIAS: &str = "alias";

struct Nodes<'a> {
    named: &'a BTreeMap<String, TypeDef>,
    by_name: HashMap<&'a str, usize>,
    all: Vec<Node>,
}

/// A parameter or field: its name, whether it is required (`!`) and nullable (`?`), what a number
/// is at least and at most, its type.
struct Member {
    name: String,
    flags: &'static str,
    bounds: Option<Value>,
    node: usize,
}

impl Member {
    /// All but the type.
    fn label(&self) -> Vec<Value> {
        let mut label = vec![json!(self.name), json!(self.flags)];
        label.extend(self.bounds.clone());
        label
    }

    fn json(&self, number: &[usize]) -> Value {
        let mut parts = self.label();
        parts.push(json!(number.get(self.node)));
        Value::Array(parts)
    }
}

/// `[1, 1000]`, with null for what has no bound.
fn bounds(limits: &Limits) -> Option<Value> {
    let bounds = [Limit::Min, Limit::Max].map(|limit| limits.get(&limit));
    bounds.iter().any(Option::is_some).then(|| json!(bounds))
}

struct Entry {
    facts: Map<String, Value>,
    members: BTreeMap<&'static str, Vec<Member>>,
    nodes: BTreeMap<&'static str, usize>,
}

impl Entry {
    fn json(self, number: &[usize]) -> Value {
        let mut json = self.facts;
        for (name, members) in self.members {
            let members = members.iter().map(|member| member.json(number)).collect();
            json.insert(name.to_owned(), members);
        }
        for (name, node) in self.nodes {
            json.insert(name.to_owned(), json!(number.get(node)));
        }
        Value::Object(json)
    }
}

impl<'a> Nodes<'a> {
    fn new(description: &'a Description) -> Self {
        Self {
            named: &description.types,
            by_name: HashMap::new(),
            all: Vec::new(),
        }
    }

    fn add(&mut self, node: Node) -> usize {
        self.all.push(node);
        self.all.len() - 1
    }

    fn endpoint(&mut self, endpoint: &'a Endpoint, overlay: &Overlay) -> Result<Entry, String> {
        let response = &endpoint.response;
        let mut facts = Map::new();
        for (name, value) in [
            ("id", Some(&endpoint.id)),
            ("method", Some(&endpoint.method)),
            ("path", Some(&endpoint.path)),
            ("body", Some(&endpoint.body)),
            ("answer", Some(&response.kind)),
            ("page", response.page.as_ref()),
        ] {
            facts.extend(value.map(|value| (name.to_owned(), json!(value))));
        }
        let mut members: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
        let mut nodes = BTreeMap::new();
        for param in &endpoint.params {
            let place = match param.r#in {
                Place::Query => "query",
                Place::Body => "fields",
                Place::Path | Place::Header => continue,
            };
            let limits = self.limits(endpoint, &param.wire);
            let flags = flags(param.required, param.nullable);
            let member = self.member(&param.wire, flags, limits, &param.r#type)?;
            if param.whole_body {
                nodes.insert("whole", member.node);
            } else {
                members.entry(place).or_default().push(member);
            }
        }
        let earlier = self.earlier(endpoint, overlay)?;
        if !earlier.is_empty() {
            members.insert("earlier", earlier);
        }
        if let Some(of) = &response.r#type {
            nodes.insert("type", self.node(of)?);
        }
        Ok(Entry {
            facts,
            members,
            nodes,
        })
    }

    /// The parameters that only an earlier version has: what the overlay adds, unless the facts
    /// know it.
    fn earlier(&mut self, endpoint: &Endpoint, overlay: &Overlay) -> Result<Vec<Member>, String> {
        if !endpoint.id.ends_with("messages.create") {
            return Ok(Vec::new());
        }
        let known = |name: &str| endpoint.params.iter().any(|param| param.name == name);
        let added = overlay.type_overlay(EARLIER).map(|own| own.add.as_slice());
        let mut members = Vec::new();
        for added in added.unwrap_or_default() {
            if known(&added.name) {
                continue;
            }
            let label = match added.r#type.as_str() {
                "number" => "number",
                "unsigned" => "integer",
                other => return Err(format!("{EARLIER}.{}: a {other}?", added.name)),
            };
            members.push(Member {
                name: added.name.clone(),
                flags: "",
                bounds: None,
                node: self.add(Node::new(json!(label), Vec::new())),
            });
        }
        Ok(members)
    }

    /// What is known of a parameter's bounds, in the type that has the endpoint's parameters.
    fn limits(&self, endpoint: &Endpoint, wire: &str) -> Option<&'a Limits> {
        let params = self.named.get(endpoint.body_type.as_deref()?)?;
        let field = params.fields.iter().find(|field| field.wire == wire)?;
        Some(&field.limits)
    }

    fn member(
        &mut self,
        wire: &str,
        flags: &'static str,
        limits: Option<&Limits>,
        ty: &'a Type,
    ) -> Result<Member, String> {
        Ok(Member {
            name: wire.to_owned(),
            flags,
            bounds: limits.and_then(bounds),
            node: self.node(ty)?,
        })
    }

    fn node(&mut self, of: &'a Type) -> Result<usize, String> {
        let values = |kind: &str, values: &[Value]| {
            let label = std::iter::once(json!(kind)).chain(values.iter().cloned());
            Node::new(label.collect(), Vec::new())
        };
        let node = match of {
            Type::Ref { to } => return self.named(to),
            Type::List { of } => Node::new(json!(["list"]), vec![self.node(of)?]),
            Type::Map { of } => Node::new(json!(["map"]), vec![self.node(of)?]),
            Type::Nullable { of } => Node::new(json!(["nullable"]), vec![self.node(of)?]),
            Type::Union { of, tag } => {
                let children = of.iter().map(|member| self.node(member));
                Node::new(json!(["union", tag]), children.collect::<Result<_, _>>()?)
            }
            Type::Literal { values: known } => values("literal", known),
            Type::Open { values: known } => values("open", known),
            scalar => Node::new(json!(scalar.scalar()), Vec::new()),
        };
        Ok(self.add(node))
    }

    /// The node of a name; it is there before its children are looked at, since types may contain
    /// themselves.
    fn named(&mut self, name: &'a str) -> Result<usize, String> {
        if let Some(node) = self.by_name.get(name) {
            return Ok(*node);
        }
        let index = self.add(Node::default());
        self.by_name.insert(name, index);
        let definition = self.named.get(name);
        let definition = definition.ok_or_else(|| format!("api/api.json: no type {name}"))?;
        let node = match (definition.kind, &definition.r#type) {
            (Kind::Alias, Some(of)) => {
                let label = if definition.nullable {
                    json!(["nullable"])
                } else {
                    json!(ALIAS)
                };
                Node::new(label, vec![self.node(of)?])
            }
            (Kind::Alias, None) => return Err(format!("api/api.json: {name} stands for nothing")),
            _ => self.object(definition)?,
        };
        if let Some(place) = self.all.get_mut(index) {
            *place = node;
        }
        Ok(index)
    }

    fn object(&mut self, definition: &'a TypeDef) -> Result<Node, String> {
        let open = definition.extra.is_some();
        let mut label = vec![json!("object"), json!(u8::from(open))];
        let mut children = Vec::new();
        for field in definition.fields.iter().filter(|field| !field.local) {
            let flags = flags(field.required, field.nullable);
            let limits = Some(&field.limits);
            let member = self.member(&field.wire, flags, limits, &field.r#type)?;
            label.push(Value::Array(member.label()));
            children.push(member.node);
        }
        Ok(Node::new(Value::Array(label), children))
    }

    fn target(&self, mut index: usize) -> usize {
        while let Some(node) = self.all.get(index) {
            match node.children.first() {
                Some(child) if node.label == ALIAS => index = *child,
                _ => break,
            }
        }
        index
    }

    /// The types, each look once, and which of them each node is.
    ///
    /// Nodes start out alike when their labels are and are found apart by their children until
    /// nothing changes.
    fn merged(&self) -> (Vec<Value>, Vec<usize>) {
        let targets: Vec<usize> = (0..self.all.len()).map(|node| self.target(node)).collect();
        let mut class = vec![0_usize; self.all.len()];
        let mut known = 1;
        loop {
            let mut classes: HashMap<(String, Vec<usize>), usize> = HashMap::new();
            let of = |index: &usize| targets.get(*index).and_then(|target| class.get(*target));
            let next: Vec<usize> = targets
                .iter()
                .filter_map(|target| self.all.get(*target))
                .map(|node| {
                    let children = node.children.iter().filter_map(of).copied().collect();
                    let fresh = classes.len();
                    let key = (node.label.to_string(), children);
                    *classes.entry(key).or_insert(fresh)
                })
                .collect();
            let count = classes.len();
            class = next;
            if count == known {
                break;
            }
            known = count;
        }
        let mut types = vec![Value::Null; known];
        for (index, node) in self.all.iter().enumerate() {
            let Some(place) = class.get(index).and_then(|class| types.get_mut(*class)) else {
                continue;
            };
            if node.label != ALIAS {
                let numbers = node.children.iter().filter_map(|child| class.get(*child));
                *place = encoded(&node.label, &numbers.copied().collect::<Vec<_>>());
            }
        }
        (types, class)
    }
}

fn flags(required: bool, nullable: bool) -> &'static str {
    match (required, nullable) {
        (true, true) => "!?",
        (true, false) => "!",
        (false, true) => "?",
        (false, false) => "",
    }
}

/// A label with the numbers of its children: beside their names in an object, at the end elsewhere.
fn encoded(label: &Value, children: &[usize]) -> Value {
    let Value::Array(label) = label else {
        return label.clone();
    };
    let mut children = children.iter();
    let mut parts: Vec<Value> = Vec::new();
    for part in label {
        match part {
            Value::Array(member) => {
                let mut member = member.clone();
                member.extend(children.next().map(|child| json!(child)));
                parts.push(Value::Array(member));
            }
            other => parts.push(other.clone()),
        }
    }
    parts.extend(children.map(|child| json!(child)));
    Value::Array(parts)
}
