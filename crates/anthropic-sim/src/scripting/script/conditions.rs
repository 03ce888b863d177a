//! Conditions of scripts.

use super::super::when::When;
use super::node::{Node, Problem};

pub(super) const WHEN: [&str; 10] = [
    "answered", "header", "model", "pointer", "regex", "stream", "system", "text", "tool", "turn",
];

pub(super) fn when(node: &Node<'_>) -> Result<When, Problem> {
    node.only(&WHEN)?;
    let mut when = When::any();
    if let Some(model) = node.field("model") {
        when = when.and_model(model.string()?);
    }
    if let Some(texts) = node.field("text") {
        when = texts.strings()?.into_iter().fold(when, When::and_text);
    }
    if let Some(pattern) = node.field("regex") {
        when = matching(when, &pattern)?;
    }
    if let Some(system) = node.field("system") {
        when = when.system(system.string()?);
    }
    if let Some(tools) = node.field("tool") {
        when = tools.strings()?.into_iter().fold(when, When::tool);
    }
    if let Some(tool) = node.field("answered") {
        when = when.answered(tool.string()?);
    }
    if let Some(turn) = node.field("turn") {
        when = when.turn(turn.number()?);
    }
    if let Some(stream) = node.field("stream") {
        when = when.stream(stream.boolean()?);
    }
    if let Some(headers) = node.field("header") {
        for (name, value) in headers.entries()? {
            when = when.header(value.header_name(name)?, value.header_value()?);
        }
    }
    if let Some(pointers) = node.field("pointer") {
        for (pointer, value) in pointers.entries()? {
            if !pointer.starts_with('/') {
                return Err(value.fails("a JSON pointer starts with /"));
            }
            when = when.pointer(pointer, value.value.clone());
        }
    }
    Ok(when)
}

#[cfg(feature = "server")]
fn matching(when: When, pattern: &Node<'_>) -> Result<When, Problem> {
    let regex = regex_lite::Regex::new(pattern.string()?);
    let regex = regex.map_err(|error| pattern.fails(error.to_string().replace('\n', " ")))?;
    Ok(when.also(move |request| regex.is_match(&request.last_user_text())))
}

#[cfg(not(feature = "server"))]
fn matching(_: When, pattern: &Node<'_>) -> Result<When, Problem> {
    Err(pattern.fails("this build has no regular expressions; they come with the feature server"))
}
