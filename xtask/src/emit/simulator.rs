//! Writes the description that the simulator carries: `api.json` without names, as small as it
//! gets.
//!
//! The simulator checks requests and makes answers by it, and is published without the `api`
//! folder. Types that look the same are written once, however many names they have: most of the
//! official SDK's come twice, GA and beta.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::files::Files;
use crate::overlay::Overlay;

/// Where it goes.
const FILE: &str = "crates/anthropic-sim/src/description/description.json";
/// The concept whose added fields are parameters of an earlier version of the API.
const EARLIER: &str = "MessageCreateParams";

/// Adds the simulator's description to the generated files.
pub(crate) fn write(api: &Value, overlay: &Overlay, files: &mut Files) -> Result<(), String> {
    let mut nodes = Nodes::new(api)?;
    let endpoints = array(api, "endpoints")?
        .iter()
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
    text.push_str("],\n\"pages\": ");
    let pages = field(api, "pages")?.as_object().into_iter().flatten();
    let pages: Map<String, Value> = pages
        .map(|(name, page)| {
            let facts = json!({"fields": page["fields"], "next": page["next"]});
            (name.clone(), facts)
        })
        .collect();
    let _ = writeln!(text, "{}", Value::Object(pages));
    text.push_str("}\n");
    files.add_plain(FILE, text);
    Ok(())
}

fn lines(text: &mut String, values: &[Value]) {
    for (index, value) in values.iter().enumerate() {
        let comma = if index + 1 < values.len() { "," } else { "" };
        let _ = writeln!(text, "{value}{comma}");
    }
}

fn field<'a>(value: &'a Value, name: &str) -> Result<&'a Value, String> {
    value
        .get(name)
        .ok_or_else(|| format!("api/api.json: no `{name}`"))
}

fn array<'a>(value: &'a Value, name: &str) -> Result<&'a Vec<Value>, String> {
    let found = field(value, name)?.as_array();
    found.ok_or_else(|| format!("api/api.json: `{name}` is no list"))
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, String> {
    let found = field(value, name)?.as_str();
    found.ok_or_else(|| format!("api/api.json: `{name}` is no string"))
}

fn is(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(|given| given == true)
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
    named: &'a Map<String, Value>,
    by_name: HashMap<&'a str, usize>,
    all: Vec<Node>,
}

/// A parameter or field: its name, whether it is required (`!`) and nullable (`?`), its type.
struct Member {
    name: String,
    flags: &'static str,
    node: usize,
}

impl Member {
    fn json(&self, number: &[usize]) -> Value {
        json!([self.name, self.flags, number.get(self.node)])
    }
}

struct Endpoint {
    facts: Map<String, Value>,
    members: BTreeMap<&'static str, Vec<Member>>,
    nodes: BTreeMap<&'static str, usize>,
}

impl Endpoint {
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
    fn new(api: &'a Value) -> Result<Self, String> {
        let named = field(api, "types")?.as_object();
        Ok(Self {
            named: named.ok_or("api/api.json: `types` is no object")?,
            by_name: HashMap::new(),
            all: Vec::new(),
        })
    }

    fn add(&mut self, node: Node) -> usize {
        self.all.push(node);
        self.all.len() - 1
    }

    fn endpoint(&mut self, endpoint: &'a Value, overlay: &Overlay) -> Result<Endpoint, String> {
        let mut facts = Map::new();
        for name in ["id", "method", "path", "body"] {
            facts.insert(name.to_owned(), field(endpoint, name)?.clone());
        }
        let response = field(endpoint, "response")?;
        facts.insert("answer".to_owned(), field(response, "kind")?.clone());
        if let Some(page) = response.get("page").filter(|page| !page.is_null()) {
            facts.insert("page".to_owned(), page.clone());
        }
        let mut members: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
        let mut nodes = BTreeMap::new();
        for param in array(endpoint, "params")? {
            let place = match text(param, "in")? {
                "query" => "query",
                "body" => "fields",
                _ => continue,
            };
            let member = self.member(param)?;
            if is(param, "whole_body") {
                nodes.insert("whole", member.node);
            } else {
                members.entry(place).or_default().push(member);
            }
        }
        let earlier = self.earlier(endpoint, overlay)?;
        if !earlier.is_empty() {
            members.insert("earlier", earlier);
        }
        if let Some(of) = response.get("type").filter(|of| !of.is_null()) {
            nodes.insert("type", self.node(of)?);
        }
        Ok(Endpoint {
            facts,
            members,
            nodes,
        })
    }

    /// The parameters that only an earlier version has: what the overlay adds, unless the facts
    /// know it.
    fn earlier(&mut self, endpoint: &Value, overlay: &Overlay) -> Result<Vec<Member>, String> {
        if !text(endpoint, "id")?.ends_with("messages.create") {
            return Ok(Vec::new());
        }
        let params = array(endpoint, "params")?;
        let known = |name: &str| params.iter().any(|param| param["name"] == name);
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
                node: self.add(Node::new(json!(label), Vec::new())),
            });
        }
        Ok(members)
    }

    fn member(&mut self, member: &'a Value) -> Result<Member, String> {
        let flags = match (is(member, "required"), is(member, "nullable")) {
            (true, true) => "!?",
            (true, false) => "!",
            (false, true) => "?",
            (false, false) => "",
        };
        Ok(Member {
            name: text(member, "wire")?.to_owned(),
            flags,
            node: self.node(field(member, "type")?)?,
        })
    }

    fn node(&mut self, of: &'a Value) -> Result<usize, String> {
        let kind = text(of, "k")?;
        let node = match kind {
            "ref" => return self.named(text(of, "to")?),
            "list" | "map" | "nullable" => {
                Node::new(json!([kind]), vec![self.node(field(of, "of")?)?])
            }
            "union" => {
                let members = array(of, "of")?;
                let children = members.iter().map(|member| self.node(member));
                let children = children.collect::<Result<_, _>>()?;
                Node::new(json!([kind, of["tag"]]), children)
            }
            "literal" | "open" => {
                let mut label = vec![json!(kind)];
                label.extend(array(of, "values")?.iter().cloned());
                Node::new(Value::Array(label), Vec::new())
            }
            scalar => Node::new(json!(scalar), Vec::new()),
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
        let missing = || format!("api/api.json: no type {name}");
        let definition = self.named.get(name).ok_or_else(missing)?;
        let node = if text(definition, "kind")? == "alias" {
            let target = self.node(field(definition, "type")?)?;
            let label = if is(definition, "nullable") {
                json!(["nullable"])
            } else {
                json!(ALIAS)
            };
            Node::new(label, vec![target])
        } else {
            self.object(definition)?
        };
        if let Some(place) = self.all.get_mut(index) {
            *place = node;
        }
        Ok(index)
    }

    fn object(&mut self, definition: &'a Value) -> Result<Node, String> {
        let open = definition.get("extra").is_some_and(|extra| extra != false);
        let mut label = vec![json!("object"), json!(u8::from(open))];
        let mut children = Vec::new();
        for field in array(definition, "fields")? {
            if !is(field, "local") {
                let member = self.member(field)?;
                label.push(json!([member.name, member.flags]));
                children.push(member.node);
            }
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
