//! Replies of scripts.

use std::time::Duration;

use serde_json::Value;

use super::super::faults::Rule;
use super::super::reply::Reply;
use super::node::{Node, Problem};

pub(super) const REPLY: [&str; 15] = [
    "blocks",
    "delay",
    "error",
    "fault",
    "fields",
    "json",
    "pace",
    "refusal",
    "stop_reason",
    "stop_sequence",
    "text",
    "thinking",
    "tool",
    "tools",
    "usage",
];
pub(super) const ERROR: [&str; 5] = ["details", "headers", "message", "status", "type"];

pub(super) fn reply(node: &Node<'_>) -> Result<Reply, Problem> {
    if let Some(text) = node.value.as_str() {
        return Ok(Reply::text(text));
    }
    if !node.value.is_object() {
        return Err(node.fails("should be a text or an object"));
    }
    node.only(&REPLY)?;
    let mut reply = match node.field("error") {
        Some(of) => {
            let mut others = REPLY
                .iter()
                .filter_map(|name| Some((name, node.field(name)?)));
            let besides = ["delay", "error", "fault"];
            if let Some((_, other)) = others.find(|(name, _)| !besides.contains(name)) {
                return Err(other.fails("does not go with an error"));
            }
            error(&of)?
        }
        None => message(node)?,
    };
    if let Some(delay) = node.field("delay") {
        reply = reply.delay(Duration::from_millis(delay.number()?));
    }
    if let Some(fault) = node.field("fault") {
        let rule = Rule::parse(fault.string()?).map_err(|problem| fault.fails(problem))?;
        reply = reply.fault(rule);
    }
    Ok(reply)
}

fn message(node: &Node<'_>) -> Result<Reply, Problem> {
    let mut reply = match node.field("refusal") {
        Some(refusal) => {
            refusal.only(&["category", "explanation"])?;
            let of = |name: &str| refusal.field(name).map_or(Ok(""), |field| field.string());
            Reply::refusal(of("category")?, of("explanation")?)
        }
        None => Reply::new(),
    };
    reply = content(node, reply)?;
    if let Some(reason) = node.field("stop_reason") {
        reply = reply.stop_reason(reason.string()?);
    }
    if let Some(sequence) = node.field("stop_sequence") {
        reply = reply.stop_sequence(sequence.string()?);
    }
    if let Some(usage) = node.field("usage") {
        usage.object()?;
        reply = reply.field("usage", usage.value.clone());
    }
    if let Some(fields) = node.field("fields") {
        for (name, value) in fields.entries()? {
            reply = reply.field(name, value.value.clone());
        }
    }
    if let Some(pace) = node.field("pace") {
        reply = reply.pace(Duration::from_millis(pace.number()?));
    }
    Ok(reply)
}

fn content(node: &Node<'_>, mut reply: Reply) -> Result<Reply, Problem> {
    if let Some(thinking) = node.field("thinking") {
        reply = reply.with_thinking(thinking.string()?);
    }
    if let Some(text) = node.field("text") {
        reply = reply.with_text(text.string()?);
    }
    if let Some(json) = node.field("json") {
        reply = reply.with_text(json.value.to_string());
    }
    if let Some(one) = node.field("tool") {
        reply = tool(&one)?.add(reply);
    }
    if let Some(tools) = node.field("tools") {
        for tool in tools.each(tool)? {
            reply = tool.add(reply);
        }
    }
    if let Some(blocks) = node.field("blocks") {
        let blocks = blocks.each(|block| {
            let kind = block.field("type").map(|kind| kind.string().map(drop));
            kind.ok_or_else(|| block.fails("a content block needs a type"))??;
            Ok(block.value.clone())
        })?;
        reply = blocks.into_iter().fold(reply, Reply::with_block);
    }
    Ok(reply)
}

/// A tool call, whose input is made unless it is given.
struct Tool {
    name: String,
    input: Option<Value>,
}

impl Tool {
    fn add(self, reply: Reply) -> Reply {
        match self.input {
            Some(input) => reply.with_tool_use(self.name, input),
            None => reply.with_tool_call(self.name),
        }
    }
}

fn tool(node: &Node<'_>) -> Result<Tool, Problem> {
    if let Some(name) = node.value.as_str() {
        let (name, input) = (name.to_owned(), None);
        return Ok(Tool { name, input });
    }
    node.only(&["name", "input"])?;
    let name = node
        .field("name")
        .ok_or_else(|| node.fails("a tool call needs a name"))?;
    let input = node.field("input");
    if let Some(input) = &input {
        input.object()?;
    }
    Ok(Tool {
        name: name.string()?.to_owned(),
        input: input.map(|input| input.value.clone()),
    })
}

fn error(node: &Node<'_>) -> Result<Reply, Problem> {
    node.only(&ERROR)?;
    let status = node
        .field("status")
        .ok_or_else(|| node.fails("needs a status"))?;
    let number = u16::try_from(status.number()?)
        .ok()
        .filter(|number| (400..600).contains(number));
    let number = number.ok_or_else(|| status.fails("should be a status from 400 to 599"))?;
    let usual =
        Rule::parse(&format!("status={number}")).map_err(|problem| status.fails(problem))?;
    let (usual_kind, usual_message) = usual.error().unwrap_or(("api_error", "Scripted error"));
    let text = |name: &str, usual: &str| {
        let field = node.field(name);
        field.map_or(Ok(usual.to_owned()), |field| {
            field.string().map(str::to_owned)
        })
    };
    let mut reply = Reply::error(
        number,
        text("type", usual_kind)?,
        text("message", usual_message)?,
    );
    if let Some(headers) = node.field("headers") {
        for (name, value) in headers.entries()? {
            reply = reply.header(value.header_name(name)?, value.header_value()?);
        }
    }
    if let Some(details) = node.field("details") {
        reply = reply.details(details.value.clone());
    }
    Ok(reply)
}
