//! Rules on the schemas of structured output and of strict tools together, and what all of these
//! rules walk along:
//! <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::turns::{Check, Conversation, items, refuse};

/// Below this the schema is not looked at; the parser's own limit is no deeper.
pub(super) const MAX_DEPTH: usize = 128;
const MAX_STRICT: usize = 20;
const MAX_OPTIONAL: usize = 24;
const MAX_UNIONS: usize = 16;

/// <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>: there are at most 24
/// optional properties in all schemas together. The message is quoted in public code.
pub(super) fn optional(conversation: Conversation<'_>) -> Check {
    let found = count(conversation, |schema| {
        let required = items(schema, "required");
        let is_required = |name: &str| required.iter().any(|known| known == name);
        properties(schema)
            .filter(|(name, _)| !is_required(name))
            .count()
    });
    if found <= MAX_OPTIONAL {
        return Ok(());
    }
    refuse(format!(
        "Schemas contains too many optional parameters ({found}), which would make grammar compilation inefficient. Reduce \
         the number of optional parameters in your tool schemas (limit: {MAX_OPTIONAL})."
    ))
}

/// <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>: at most 16
/// properties of all schemas together have several types. The message is quoted in public code.
pub(super) fn unions(conversation: Conversation<'_>) -> Check {
    let is_union = |schema: &Value| {
        let types = schema.get("type");
        schema.get("anyOf").is_some() || types.is_some_and(Value::is_array)
    };
    let found = count(conversation, |schema| {
        properties(schema)
            .filter(|(_, schema)| is_union(schema))
            .count()
    });
    if found <= MAX_UNIONS {
        return Ok(());
    }
    refuse(format!(
        "Schemas contains too many parameters with union types ({found} parameters with type arrays or anyOf). This causes \
         exponential compilation cost. Reduce the number of nullable or union-typed parameters (limit: {MAX_UNIONS} \
         parameters with unions)."
    ))
}

/// <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>: at most 20 tools are
/// strict. The message is quoted in public code.
pub(super) fn strict_tools(conversation: Conversation<'_>) -> Check {
    let found = strict(conversation).count();
    if found <= MAX_STRICT {
        return Ok(());
    }
    refuse(format!(
        "Too many strict tools ({found}). The maximum number of strict tools supported is {MAX_STRICT}. Try reducing the \
         number of tools marked as strict."
    ))
}

/// <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>: structured output
/// and citations exclude each other. The message is quoted in public code.
pub(super) fn no_citations(conversation: Conversation<'_>) -> Check {
    let on = |block: &Value| {
        block.get("citations").and_then(|it| it.get("enabled")) == Some(&Value::Bool(true))
    };
    let mut blocks = conversation.inner_blocks();
    if conversation.output_schemas().next().is_some() && blocks.any(|(_, block)| on(block)) {
        return refuse(
            "Citations cannot be enabled when output format is set. Please disable citations on uploaded document blocks.",
        );
    }
    Ok(())
}

/// All schemas, with their places.
pub(super) fn all(conversation: Conversation<'_>) -> impl Iterator<Item = (String, &Value)> {
    let outputs = conversation.output_schemas();
    let outputs = outputs.map(|(place, schema)| (place.to_owned(), schema));
    let strict = strict(conversation);
    outputs.chain(strict.map(|(index, schema)| (format!("tools.{index}.custom"), schema)))
}

/// The schemas of strict tools, with the tools' indices.
fn strict(conversation: Conversation<'_>) -> impl Iterator<Item = (usize, &Value)> {
    let tools = items(conversation.body, "tools").iter().enumerate();
    let strict = tools.filter(|(_, tool)| tool.get("strict") == Some(&Value::Bool(true)));
    strict.filter_map(|(index, tool)| Some((index, tool.get("input_schema")?)))
}

/// The schemas within a schema.
pub(super) fn inner(fields: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    within(fields, false)
}

/// The same, or without the named ones.
fn within(fields: &Map<String, Value>, without_named: bool) -> impl Iterator<Item = &Value> {
    let named = ["properties", "$defs", "definitions"].into_iter();
    let named = named.filter(move |name| !(without_named && is_section(name)));
    let named = named.filter_map(|name| fields.get(name)?.as_object());
    let listed = ["anyOf", "allOf"].into_iter();
    let listed = listed.filter_map(|name| fields.get(name)?.as_array());
    let named = named.flat_map(Map::values);
    named.chain(listed.flatten()).chain(fields.get("items"))
}

/// Adds up what all schemas of a request and those within them have.
fn count(conversation: Conversation<'_>, here: impl Fn(&Value) -> usize + Copy) -> usize {
    let outputs = conversation.output_schemas().map(|(_, schema)| schema);
    // The earlier place is an alias of the later one.
    let schemas = outputs
        .take(1)
        .chain(strict(conversation).map(|(_, schema)| schema));
    schemas
        .map(|schema| {
            let named = reached(schema)
                .into_iter()
                .filter_map(|place| schema.pointer(&place))
                .map(|schema| count_in(schema, here, MAX_DEPTH - 1));
            count_in(schema, here, MAX_DEPTH) + named.sum::<usize>()
        })
        .sum()
}

/// The named schemas at the root that it leads to. One that nothing refers to is no part of the
/// grammar.
fn reached(root: &Value) -> BTreeSet<String> {
    let fields = root.as_object().into_iter().flatten();
    let mut open: Vec<&Value> = fields
        .filter(|(key, _)| !is_section(key))
        .map(|(_, value)| value)
        .collect();
    let mut reached = BTreeSet::new();
    let mut reference = root.get("$ref");
    loop {
        if let Some(place) = reference.and_then(Value::as_str).and_then(named) {
            if let Some(schema) = root.pointer(&place) {
                if reached.insert(place) {
                    open.push(schema);
                }
            }
        }
        let Some(next) = open.pop() else {
            return reached;
        };
        match next {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(list) => open.extend(list),
            _ => {}
        }
        reference = next.get("$ref");
    }
}

/// Where the named schema is that a reference leads to or into.
fn named(reference: &str) -> Option<String> {
    let (section, rest) = reference.strip_prefix("#/")?.split_once('/')?;
    let name = rest.split('/').next()?;
    is_section(section).then(|| format!("/{section}/{name}"))
}

fn is_section(key: &str) -> bool {
    matches!(key, "$defs" | "definitions")
}

fn count_in(schema: &Value, here: impl Fn(&Value) -> usize + Copy, depth: usize) -> usize {
    let Some(fields) = schema.as_object().filter(|_| depth > 0) else {
        return 0;
    };
    // Those at the root are counted where something leads to them.
    let parts = within(fields, depth == MAX_DEPTH);
    let within = parts.map(|schema| count_in(schema, here, depth - 1));
    here(schema) + within.sum::<usize>()
}

fn properties(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.into_iter().flatten();
    properties.map(|(name, schema)| (name.as_str(), schema))
}
