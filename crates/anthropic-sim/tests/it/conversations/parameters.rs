//! Models, limits, thinking, sampling, tools and the cache.

use serde_json::{Value, json};

use super::{BOTH, Case, FILE, OLD, PICTURE, blocks, call, case, result, text, tool, turn};

const DOCS: &str = "Please consult our documentation at \
                    https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking";
const BUDGET: &str = "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at \
                      https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size";

pub(super) fn cases() -> Vec<Case> {
    [request(), sampling(), thinking(), tools(), cache()]
        .into_iter()
        .flatten()
        .collect()
}

fn request() -> Vec<Case> {
    let said = |model: &str, characters: usize| json!({"model": model, "messages": [super::user("a".repeat(characters))]});
    let edited = |edits: &[Value]| {
        let mut body = said(OLD, 800_000);
        body["context_management"] = json!({"edits": edits});
        body
    };
    let reserved = |max_tokens: u64| {
        let mut body = said("claude-sonnet-4-20250514", 199_000 * 4);
        body["max_tokens"] = json!(max_tokens);
        body
    };
    let attached = |kind: &str, id: &str| {
        blocks(&[json!({"type": kind, "source": {"type": "file", "file_id": id}})])
    };
    let sent = |id: &str| {
        let source = json!({"type": "file", "file_id": id});
        blocks(&[json!({"type": "document", "source": source})])
    };
    vec![
        case(
            "model",
            "model: claude-opus-999",
            json!({"model": "claude-opus-999"}),
            json!({"model": "claude-3-opus-latest"}),
        )
        .missing(),
        case(
            "max-tokens",
            "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for claude-haiku-4-5",
            json!({"model": "claude-haiku-4-5", "max_tokens": 64_001}),
            json!({"model": "claude-haiku-4-5", "max_tokens": 64_000}),
        )
        .create(),
        case(
            "max-tokens",
            "max_tokens: Input should be greater than or equal to 0",
            json!({"max_tokens": -1}),
            json!({"max_tokens": 0}),
        )
        .create(),
        case(
            "max-tokens",
            "max_tokens: 1000000000000000 > 64000, which is the maximum allowed number of output tokens for \
             claude-haiku-4-5",
            json!({"model": "claude-haiku-4-5", "max_tokens": 1e15}),
            json!({"model": "claude-haiku-4-5", "max_tokens": 64e3}),
        )
        .create(),
        case(
            "stop-sequences",
            "stop_sequences: each stop sequence must contain non-whitespace",
            json!({"stop_sequences": ["end", "\n"]}),
            json!({"stop_sequences": ["end", "\n."]}),
        )
        .create(),
        case(
            "metadata",
            "metadata.user_id: String should have at most 256 characters",
            json!({"metadata": {"user_id": "ü".repeat(257)}}),
            json!({"metadata": {"user_id": "ü".repeat(256)}}),
        )
        .create(),
        case(
            "window",
            "prompt is too long: 200003 tokens > 200000 maximum",
            said(OLD, 800_000),
            said(BOTH, 800_000),
        ),
        // Edits make room, and an empty list of them is none.
        case(
            "window",
            "prompt is too long: 200003 tokens > 200000 maximum",
            edited(&[]),
            edited(&[json!({"type": "clear_tool_uses_20250919"})]),
        )
        .create(),
        case(
            "window",
            "input length and `max_tokens` exceed context limit: 199003 + 1000 > 200000, decrease input length or \
             `max_tokens` and try again",
            reserved(1_000),
            reserved(900),
        )
        .create(),
        case("files", "File not found: file_none", sent("file_none"), sent(FILE)).missing(),
        case(
            "file-types",
            "Unsupported document file format: image/png. Only PDF and plaintext documents are supported.",
            attached("document", PICTURE),
            attached("document", FILE),
        ),
        case(
            "file-types",
            "Unsupported image file format: text/plain. Only JPEG, PNG, GIF and WebP images are supported.",
            attached("image", FILE),
            attached("image", PICTURE),
        ),
    ]
}

fn sampling() -> Vec<Case> {
    vec![
        case(
            "sampling-ranges",
            "temperature: Input should be less than or equal to 1",
            json!({"model": OLD, "temperature": 1.5}),
            json!({"model": OLD, "temperature": 0.5}),
        )
        .create(),
        case(
            "sampling-ranges",
            "top_k: Input should be greater than or equal to 0",
            json!({"model": OLD, "top_k": -1}),
            json!({"model": OLD, "top_k": 5}),
        )
        .create(),
        case(
            "sampling-ranges",
            "temperature: Input should be greater than or equal to 0",
            json!({"model": OLD, "temperature": -0.1}),
            json!({"model": OLD, "temperature": 0}),
        )
        .create(),
        case(
            "sampling-ranges",
            "top_p: Input should be less than or equal to 1",
            json!({"model": OLD, "top_p": 1.01}),
            json!({"model": OLD, "top_p": 1}),
        )
        .create(),
        case(
            "sampling-ranges",
            "top_p: Input should be greater than or equal to 0",
            json!({"model": OLD, "top_p": -1}),
            json!({"model": OLD, "top_p": 0}),
        )
        .create(),
        case(
            "sampling-model",
            "`temperature` is deprecated for this model.",
            json!({"temperature": 0.5}),
            json!({"temperature": 1}),
        )
        .create(),
        case(
            "sampling-model",
            "`top_k` is deprecated for this model.",
            json!({"top_k": 5}),
            json!({"model": BOTH, "top_k": 5}),
        )
        .create(),
        case(
            "sampling-model",
            "`top_p` is deprecated for this model.",
            json!({"top_p": 1}),
            json!({"model": BOTH, "top_p": 1}),
        )
        .create(),
        case(
            "sampling-pair",
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
            json!({"model": OLD, "temperature": 0.5, "top_p": 0.5}),
            json!({"model": "claude-sonnet-4-20250514", "temperature": 0.5, "top_p": 0.5}),
        )
        .create(),
    ]
}

fn thinking() -> Vec<Case> {
    let adaptive = |with: Value| {
        let mut fields =
            json!({"model": BOTH, "thinking": {"type": "adaptive"}, "tools": [tool("look")]});
        let more = with.as_object().unwrap().clone();
        fields.as_object_mut().unwrap().extend(more);
        fields
    };
    let budget = |model: &str, budget: u64| json!({"model": model, "max_tokens": 2_048, "thinking": {"type": "enabled", "budget_tokens": budget}});
    let thought =
        |signature: &str| json!({"type": "thinking", "thinking": "Hm.", "signature": signature});
    vec![
        case(
            "thinking-mode",
            "\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" and \
             \"output_config.effort\" to control thinking behavior.",
            budget("claude-opus-4-7", 1_024),
            budget(BOTH, 1_024),
        )
        .create(),
        case(
            "thinking-mode",
            "'claude-3-5-sonnet-20241022' does not support thinking.",
            budget("claude-3-5-sonnet-20241022", 1_024),
            budget("claude-3-7-sonnet-20250219", 1_024),
        )
        .create(),
        case(
            "thinking-mode",
            "adaptive thinking is not supported on this model",
            json!({"model": OLD, "thinking": {"type": "adaptive"}}),
            json!({"model": BOTH, "thinking": {"type": "adaptive"}}),
        ),
        case(
            "thinking-budget",
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
            budget(OLD, 1_023),
            budget(OLD, 1_024),
        )
        .create(),
        case(
            "thinking-budget",
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
            json!({"model": OLD, "max_tokens": 2_048, "thinking": {"type": "enabled", "budget_tokens": -5}}),
            json!({"model": OLD, "max_tokens": 2_048, "thinking": {"type": "enabled", "budget_tokens": 1.5e3}}),
        )
        .create(),
        case(
            "thinking-budget",
            BUDGET,
            json!({"model": OLD, "max_tokens": 2_048, "thinking": {"type": "enabled", "budget_tokens": 1e30}}),
            budget(OLD, 2_000),
        )
        .create(),
        case(
            "thinking-budget",
            BUDGET,
            budget(OLD, 2_048),
            budget(OLD, 2_047),
        )
        .create(),
        case(
            "thinking-tools",
            "Thinking may not be enabled when tool_choice forces tool use.",
            adaptive(json!({"tool_choice": {"type": "any"}})),
            adaptive(json!({"tool_choice": {"type": "auto"}})),
        ),
        case(
            "thinking-sampling",
            format!("`temperature` may only be set to 1 when thinking is enabled. {DOCS}"),
            adaptive(json!({"temperature": 0.5})),
            adaptive(json!({"temperature": 1})),
        )
        .create(),
        case(
            "thinking-sampling",
            format!("`top_k` must be unset when thinking is enabled. {DOCS}"),
            adaptive(json!({"top_k": 5})),
            adaptive(json!({"top_p": 0.95})),
        )
        .create(),
        case(
            "thinking-sampling",
            format!(
                "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. {DOCS}"
            ),
            adaptive(json!({"top_p": 0.94})),
            adaptive(json!({"top_p": 1})),
        )
        .create(),
        case(
            "thinking-signature",
            "messages.1.content.0: Invalid `signature` in `thinking` block",
            turn(&[thought(""), text("So.")], &[text("On.")]),
            turn(&[thought("signed"), text("So.")], &[text("On.")]),
        ),
        case(
            "thinking-signature",
            "messages.1.content.0: Invalid `signature` in `thinking` block",
            turn(&[thought("not signed"), text("So.")], &[text("On.")]),
            turn(&[thought("Eq=="), text("So.")], &[text("On.")]),
        ),
        case(
            "thinking-unchanged",
            "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be \
             modified. These blocks must remain as they were in the original response.",
            turn(
                &[thought("simulated123456789ABCDEFGHJKLMN"), call("a")],
                &[result("a")],
            ),
            turn(&[thought("simulated"), call("a")], &[result("a")]),
        ),
    ]
}

const DRAFT: &str = "tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at https://docs.claude.com/en/docs/tool-use.";

fn tools() -> Vec<Case> {
    let schema = |schema: Value| json!({"tools": [{"name": "look", "input_schema": schema}]});
    let within = |property: Value| schema(json!({"type": "object", "properties": {"a": property}}));
    let choice = |tools: Value, choice: Value| json!({"tools": tools, "tool_choice": choice});
    let searches = |most: i64| {
        let kind = "web_search_20260209";
        json!({"tools": [{"type": kind, "name": "web_search", "max_uses": most}]})
    };
    vec![
        case(
            "tool-uses",
            "tools.0.web_search_20260209.max_uses: Input should be greater than 0",
            searches(0),
            searches(1),
        ),
        case(
            "tool-uses",
            "tools.0.web_search_20260209.max_uses: Input should be greater than 0",
            searches(-1),
            searches(5),
        ),
        case(
            "tool-names",
            "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
            json!({"tools": [tool("look up")]}),
            json!({"tools": [tool("look-up_1")]}),
        ),
        case(
            "tool-names",
            "tools.0.custom.name: String should have at most 128 characters",
            json!({"tools": [tool(&"a".repeat(129))]}),
            json!({"tools": [tool(&"a".repeat(128))]}),
        ),
        case(
            "tool-names",
            "tools: Tool names must be unique.",
            json!({"tools": [tool("a"), tool("a")]}),
            json!({"tools": [tool("a"), tool("b")]}),
        ),
        case(
            "tool-schemas",
            "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level",
            schema(json!({"type": "object", "anyOf": [{"type": "object"}]})),
            schema(json!({"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}]}}})),
        ),
        case(
            "tool-schemas",
            "tools.0.custom.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'",
            schema(json!({"type": "object", "properties": {"filter[id]": {}}})),
            schema(
                json!({"type": "object", "properties": {"filter.id": {"type": "object", "properties": {"$top": {}}}}}),
            ),
        ),
        case(
            "tool-schemas",
            "tools.0.custom.input_schema.type: Field required",
            schema(json!({"properties": {}})),
            schema(json!({"type": "object", "properties": {}})),
        ),
        case(
            "tool-schemas",
            "tools.0.custom.input_schema.type: Input should be 'object'",
            schema(json!({"type": "string"})),
            schema(json!({"type": "object"})),
        ),
        case(
            "tool-schemas",
            DRAFT,
            within(json!({"type": "array", "items": [{"type": "string"}]})),
            within(json!({"type": "array", "prefixItems": [{"type": "string"}]})),
        ),
        case(
            "tool-schemas",
            DRAFT,
            within(json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true})),
            within(json!({"type": "integer", "exclusiveMinimum": 0, "nullable": true})),
        ),
        case(
            "tool-schemas",
            DRAFT,
            within(json!({"type": "object", "required": null})),
            within(json!({"type": "object", "required": [], "not": {}})),
        ),
        case(
            "tool-choice",
            "Tool 'find' not found in provided tools",
            choice(
                json!([tool("look")]),
                json!({"type": "tool", "name": "find"}),
            ),
            choice(
                json!([tool("look")]),
                json!({"type": "tool", "name": "look"}),
            ),
        ),
        case(
            "tool-choice",
            "tool_choice.any may only be specified while providing tools",
            choice(json!([]), json!({"type": "any"})),
            choice(json!([]), json!({"type": "auto"})),
        ),
        case(
            "tool-choice",
            "Tool 'look' not found in provided tools",
            choice(json!([]), json!({"type": "tool", "name": "look"})),
            choice(json!([]), json!({"type": "none"})),
        ),
    ]
}

fn cached(content: &str, ttl: &str) -> Value {
    json!({"type": "text", "text": content, "cache_control": {"type": "ephemeral", "ttl": ttl}})
}

/// A request that is cached as a whole, with a block that is cached before.
fn automatic(ttl: &str, before: &str) -> Value {
    let mut body = blocks(&[cached("a", before), text("b")]);
    body["cache_control"] = json!({"type": "ephemeral", "ttl": ttl});
    body
}

fn cache() -> Vec<Case> {
    let four: Vec<Value> = (0..4).map(|_| cached("a", "5m")).collect();
    let five: Vec<Value> = (0..5).map(|_| cached("a", "5m")).collect();
    vec![
        case(
            "cache-count",
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
            blocks(&five),
            blocks(&four),
        ),
        case(
            "cache-empty",
            "messages.0.content.1.text: cache_control cannot be set for empty text blocks",
            blocks(&[text("a"), cached("", "5m")]),
            blocks(&[text("a"), cached("b", "5m")]),
        ),
        case(
            "cache-order",
            "messages.0.content.1.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' \
             cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
            blocks(&[cached("a", "5m"), cached("b", "1h")]),
            blocks(&[cached("a", "1h"), cached("b", "5m")]),
        ),
        case(
            "cache-order",
            "cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that \
             blocks are processed in the following order: `tools`, `system`, `messages`.",
            automatic("1h", "5m"),
            automatic("5m", "1h"),
        ),
    ]
}
