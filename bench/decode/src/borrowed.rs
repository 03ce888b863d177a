//! The same fields by hand: serde's derive, and text borrowed from the document wherever it has no
//! escapes.
//!
//! A block is read in two ways. [`Block`] is an internally tagged enum, as it is usually written,
//! for which serde keeps each block in a buffer before it reads it. [`Flat`] has the fields of all
//! kinds, so that it is read in one pass: nothing with serde's derive is faster, and what kind a
//! block is has yet to be looked at.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub struct Message<'a, B> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub role: Cow<'a, str>,
    #[serde(borrow)]
    pub model: Cow<'a, str>,
    pub content: Vec<B>,
    #[serde(borrow)]
    pub stop_reason: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub stop_sequence: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub usage: Usage<'a>,
}

#[derive(Deserialize)]
pub struct Usage<'a> {
    pub input_tokens: u64,
    pub cache_creation_input_tokens: Option<u64>,
    pub cache_read_input_tokens: Option<u64>,
    pub output_tokens: u64,
    #[serde(borrow)]
    pub service_tier: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block<'a> {
    Text {
        #[serde(borrow)]
        text: Cow<'a, str>,
        #[serde(borrow)]
        citations: Option<Vec<Citation<'a>>>,
    },
    ToolUse {
        #[serde(borrow)]
        id: Cow<'a, str>,
        #[serde(borrow)]
        name: Cow<'a, str>,
        // A raw value can't pass through serde's buffer.
        input: serde_json::Value,
    },
    Thinking {
        #[serde(borrow)]
        thinking: Cow<'a, str>,
        #[serde(borrow)]
        signature: Cow<'a, str>,
    },
}

#[derive(Deserialize)]
pub struct Flat<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Cow<'a, str>,
    #[serde(borrow)]
    pub text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub citations: Option<Vec<Citation<'a>>>,
    #[serde(borrow)]
    pub id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub thinking: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub signature: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub struct Citation<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Cow<'a, str>,
    #[serde(borrow)]
    pub cited_text: Cow<'a, str>,
    pub document_index: u64,
    #[serde(borrow)]
    pub document_title: Option<Cow<'a, str>>,
    pub start_char_index: u64,
    pub end_char_index: u64,
    #[serde(borrow)]
    pub file_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub struct Models<'a> {
    #[serde(borrow)]
    pub data: Vec<Model<'a>>,
    pub has_more: bool,
    #[serde(borrow)]
    pub first_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub last_id: Option<Cow<'a, str>>,
}

/// Times stay text here.
#[derive(Deserialize)]
pub struct Model<'a> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub display_name: Cow<'a, str>,
    #[serde(borrow)]
    pub line: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub lifecycle: Cow<'a, str>,
    #[serde(borrow)]
    pub created_at: Cow<'a, str>,
    #[serde(borrow)]
    pub deprecated_at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub retires_at: Option<Cow<'a, str>>,
    pub max_input_tokens: Option<u64>,
    pub max_tokens: Option<u64>,
    pub capabilities: Option<Capabilities>,
}

#[derive(Deserialize)]
pub struct Support {
    pub supported: bool,
}

#[derive(Deserialize)]
pub struct Capabilities {
    pub batch: Support,
    pub citations: Support,
    pub code_execution: Support,
    pub image_input: Support,
    pub pdf_input: Support,
    pub structured_outputs: Support,
    pub context_management: ContextManagement,
    pub effort: Effort,
    pub server_tools: ServerTools,
    pub thinking: Thinking,
}

#[derive(Deserialize)]
pub struct ContextManagement {
    pub supported: bool,
    pub clear_thinking_20251015: Support,
    pub clear_tool_uses_20250919: Support,
    pub compact_20260112: Support,
}

#[derive(Deserialize)]
pub struct Effort {
    pub supported: bool,
    pub low: Support,
    pub medium: Support,
    pub high: Support,
    pub xhigh: Support,
    pub max: Support,
}

#[derive(Deserialize)]
pub struct ServerTools {
    pub supported: bool,
    pub code_execution: Support,
    pub web_search: Support,
}

#[derive(Deserialize)]
pub struct Thinking {
    pub supported: bool,
    pub types: ThinkingTypes,
}

#[derive(Deserialize)]
pub struct ThinkingTypes {
    pub adaptive: Support,
    pub between_tools: Support,
    pub disabled: Support,
    pub enabled: Support,
}
