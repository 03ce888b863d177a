//! The types alone: the server asks the API and passes messages on as they came, the page reads
//! them here, and shows them. No client is in this module.

use anthropic_types::{ContentBlock, Message, from_slice};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// A message as it came from the API.
#[wasm_bindgen]
pub struct Answer(Message);

#[wasm_bindgen]
impl Answer {
    /// Reads the JSON of a message.
    #[wasm_bindgen(constructor)]
    pub fn new(json: &str) -> Result<Answer, JsError> {
        Ok(Self(from_slice(json.as_bytes())?))
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.0.text()
    }

    /// The tools that it calls, each with its input as JSON.
    pub fn calls(&self) -> Vec<String> {
        let calls = self.0.tool_uses();
        calls
            .map(|call| format!("{}: {}", call.name, call.input))
            .collect()
    }

    /// The kinds of its blocks, unknown ones among them.
    pub fn blocks(&self) -> Vec<String> {
        let blocks = self.0.content.iter();
        blocks
            .map(|block: &ContentBlock| block.type_name().to_owned())
            .collect()
    }

    /// Why it ended, and the tokens that it took.
    pub fn end(&self) -> String {
        let reason = self
            .0
            .stop_reason
            .as_ref()
            .map_or("", |reason| reason.as_str());
        let usage = &self.0.usage;
        format!(
            "{reason}, {} tokens in, {} out",
            usage.input_tokens, usage.output_tokens
        )
    }
}
