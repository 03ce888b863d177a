//! What makes a message request invalid. Each refusal names the parameter, as the API's do.
//!
//! This checks what clients get wrong most: presence, types, ranges, and the shape of messages, tools and thinking.
//! Nested parameters beyond that pass unchecked.

use http::StatusCode;
use serde_json::Value;

use crate::errors::ApiError;

type Check = Result<(), ApiError>;

/// What depends on the call's headers and the simulator's settings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// A version before 2026-10-21, which still has the sampling parameters.
    pub(crate) legacy: bool,
    pub(crate) unknown_parameters: bool,
}

const SAMPLING: [&str; 3] = ["temperature", "top_p", "top_k"];
/// The parameters of both forms of the endpoint, with and without betas.
const PARAMETERS: [&str; 27] = [
    "max_tokens",
    "messages",
    "model",
    "billing_policy",
    "cache_control",
    "compaction",
    "container",
    "context_management",
    "diagnostics",
    "fallback_credit_token",
    "fallbacks",
    "inference_geo",
    "mcp_servers",
    "metadata",
    "output_config",
    "output_format",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "thinking",
    "thread",
    "tool_choice",
    "tools",
    "user_profile_id",
    "anthropic_beta",
];
const BLOCKS: [&str; 25] = [
    "text",
    "image",
    "document",
    "search_result",
    "thinking",
    "redacted_thinking",
    "tool_use",
    "tool_result",
    "server_tool_use",
    "web_search_tool_result",
    "web_fetch_tool_result",
    "advisor_tool_result",
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "mcp_tool_use",
    "mcp_tool_result",
    "mcp_tool_listing",
    "container_upload",
    "compaction",
    "tool_addition",
    "tool_removal",
    "tool_reference",
    "fallback",
];
const MIN_THINKING: u64 = 1_024;

pub(super) fn create(body: &Value, rules: Rules) -> Check {
    common(body, rules)?;
    let max_tokens = required(body, "max_tokens")?.as_u64();
    let max_tokens =
        max_tokens.ok_or_else(|| wrong("max_tokens", "a valid integer that is 0 or more"))?;
    thinking(body, max_tokens)
}

pub(super) fn count_tokens(body: &Value, rules: Rules) -> Check {
    common(body, rules)
}

fn common(body: &Value, rules: Rules) -> Check {
    let fields = body
        .as_object()
        .ok_or_else(|| ApiError::invalid("The request body should be a JSON object"))?;
    let known = |name: &str| PARAMETERS.contains(&name) || SAMPLING.contains(&name);
    if let Some(name) = fields
        .keys()
        .find(|name| !rules.unknown_parameters && !known(name))
    {
        return Err(ApiError::invalid(format!(
            "{name}: Extra inputs are not permitted"
        )));
    }
    model(body)?;
    sampling(body, rules)?;
    messages(body)?;
    optional(body, "stream", "a valid boolean", Value::is_boolean)?;
    optional(
        body,
        "system",
        "a string or a list of text blocks",
        |value| value.is_string() || value.is_array(),
    )?;
    optional(body, "metadata", "a valid dictionary", Value::is_object)?;
    optional(
        body,
        "output_config",
        "a valid dictionary",
        Value::is_object,
    )?;
    let strings = |value: &Value| {
        value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_string))
    };
    optional(body, "stop_sequences", "a list of strings", strings)?;
    tools(body)
}

fn required<'a>(body: &'a Value, name: &str) -> Result<&'a Value, ApiError> {
    body.get(name)
        .ok_or_else(|| ApiError::invalid(format!("{name}: Field required")))
}

fn wrong(name: &str, wanted: &str) -> ApiError {
    ApiError::invalid(format!("{name}: Input should be {wanted}"))
}

fn optional(body: &Value, name: &str, wanted: &str, fits: impl Fn(&Value) -> bool) -> Check {
    match body.get(name).filter(|value| !value.is_null()) {
        Some(value) if !fits(value) => Err(wrong(name, wanted)),
        _ => Ok(()),
    }
}

fn model(body: &Value) -> Check {
    let model = required(body, "model")?
        .as_str()
        .ok_or_else(|| wrong("model", "a valid string"))?;
    if model.starts_with("claude-") {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::NOT_FOUND,
        "not_found_error",
        format!("model: {model}"),
    ))
}

fn sampling(body: &Value, rules: Rules) -> Check {
    for name in SAMPLING {
        let Some(value) = body.get(name).filter(|value| !value.is_null()) else {
            continue;
        };
        if !rules.legacy {
            let message =
                format!("{name}: Extra inputs are not permitted in anthropic-version 2026-10-21");
            return Err(ApiError::invalid(message));
        }
        let fits = match name {
            "top_k" => value.as_u64().is_some(),
            _ => value
                .as_f64()
                .is_some_and(|number| (0.0..=1.0).contains(&number)),
        };
        if !fits {
            return Err(wrong(
                name,
                if name == "top_k" {
                    "a valid integer"
                } else {
                    "a number from 0 to 1"
                },
            ));
        }
    }
    Ok(())
}

fn messages(body: &Value) -> Check {
    let messages = required(body, "messages")?
        .as_array()
        .ok_or_else(|| wrong("messages", "a valid list"))?;
    // A turn that was paused goes on from nothing new.
    let continued = body
        .pointer("/thread/type")
        .is_some_and(|kind| kind == "continue");
    if messages.is_empty() && !continued {
        return Err(ApiError::invalid(
            "messages: at least one message is required",
        ));
    }
    for (index, message) in messages.iter().enumerate() {
        let at = format!("messages.{index}");
        if !message.is_object() {
            return Err(wrong(&at, "a valid dictionary"));
        }
        match message.get("role").map(Value::as_str) {
            None => return Err(ApiError::invalid(format!("{at}.role: Field required"))),
            Some(Some("user" | "assistant" | "system")) => {}
            Some(_) => {
                return Err(wrong(
                    &format!("{at}.role"),
                    "'user', 'assistant' or 'system'",
                ));
            }
        }
        match message.get("content") {
            None => return Err(ApiError::invalid(format!("{at}.content: Field required"))),
            Some(Value::String(_)) => {}
            Some(Value::Array(blocks)) => content(blocks, &format!("{at}.content"))?,
            Some(_) => return Err(wrong(&format!("{at}.content"), "a valid string or list")),
        }
    }
    Ok(())
}

fn content(blocks: &[Value], at: &str) -> Check {
    for (index, block) in blocks.iter().enumerate() {
        match block.get("type").and_then(Value::as_str) {
            None => {
                return Err(ApiError::invalid(format!(
                    "{at}.{index}.type: Field required"
                )));
            }
            Some("text") if !block.get("text").is_some_and(Value::is_string) => {
                return Err(wrong(&format!("{at}.{index}.text"), "a valid string"));
            }
            Some(kind) if !BLOCKS.contains(&kind) => {
                let message = format!(
                    "{at}.{index}: Input tag '{kind}' does not match any of the expected tags"
                );
                return Err(ApiError::invalid(message));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn tools(body: &Value) -> Check {
    optional(body, "tools", "a valid list", Value::is_array)?;
    let tools: &[Value] = body
        .get("tools")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice);
    for (index, tool) in tools.iter().enumerate() {
        let custom = tool
            .get("type")
            .is_none_or(|kind| kind.is_null() || kind == "custom");
        if custom && !tool.get("name").is_some_and(Value::is_string) {
            return Err(ApiError::invalid(format!(
                "tools.{index}.name: Field required"
            )));
        }
        if custom && !tool.get("input_schema").is_some_and(Value::is_object) {
            return Err(ApiError::invalid(format!(
                "tools.{index}.input_schema: Field required"
            )));
        }
    }
    let Some(choice) = body.get("tool_choice").filter(|choice| !choice.is_null()) else {
        return Ok(());
    };
    match choice.get("type").and_then(Value::as_str) {
        Some("any" | "tool") if tools.is_empty() => Err(ApiError::invalid(
            "tool_choice: may only be specified while providing tools",
        )),
        Some("any" | "auto" | "none") => Ok(()),
        Some("tool") => {
            let name = choice.get("name").and_then(Value::as_str);
            let name =
                name.ok_or_else(|| ApiError::invalid("tool_choice.tool.name: Field required"))?;
            let found = tools
                .iter()
                .any(|tool| tool.get("name").is_some_and(|given| given == name));
            let missing = || {
                ApiError::invalid(format!(
                    "tool_choice: Tool '{name}' not found in provided tools"
                ))
            };
            if found { Ok(()) } else { Err(missing()) }
        }
        _ => Err(wrong("tool_choice.type", "'auto', 'any', 'tool' or 'none'")),
    }
}

fn thinking(body: &Value, max_tokens: u64) -> Check {
    let Some(config) = body.get("thinking").filter(|config| !config.is_null()) else {
        return Ok(());
    };
    match config.get("type").and_then(Value::as_str) {
        Some("disabled" | "adaptive" | "between_tools") => Ok(()),
        Some("enabled") => match config.get("budget_tokens").and_then(Value::as_u64) {
            None => Err(ApiError::invalid(
                "thinking.enabled.budget_tokens: Field required",
            )),
            Some(budget) if budget < MIN_THINKING => Err(wrong(
                "thinking.enabled.budget_tokens",
                "greater than or equal to 1024",
            )),
            Some(budget) if budget >= max_tokens => Err(ApiError::invalid(
                "max_tokens: must be greater than thinking.budget_tokens",
            )),
            Some(_) => Ok(()),
        },
        _ => Err(wrong(
            "thinking.type",
            "'enabled', 'disabled', 'adaptive' or 'between_tools'",
        )),
    }
}
