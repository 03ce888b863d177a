//! The documents: a message of a thousand blocks and a page of a thousand models, as the API writes
//! them.

use std::fmt::Write as _;

const COUNT: usize = 1000;

/// A message whose blocks are of five kinds, in turn.
pub fn message() -> String {
    let blocks: Vec<String> = (0..COUNT).map(block).collect();
    format!(
        concat!(
            r#"{{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"claude-opus-5-5","#,
            r#""content":[{}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":2095,"#,
            r#""cache_creation_input_tokens":0,"cache_read_input_tokens":1024,"output_tokens":50300,"#,
            r#""service_tier":"standard"}}}}"#
        ),
        blocks.join(",")
    )
}

fn block(number: usize) -> String {
    match number % 5 {
        0 => r#"{"type":"text","text":"The river flows through the old town, from the mill to the harbour."}"#.into(),
        1 => format!(
            r#"{{"type":"text","text":"It is quiet there.\nThe café, no. {number}, is called \"At the weir\"."}}"#
        ),
        2 => format!(
            concat!(
                r#"{{"type":"text","text":"The mill was built in 1742.","citations":[{{"type":"char_location","#,
                r#""cited_text":"Built in 1742, the mill is the oldest house.","document_index":0,"#,
                r#""document_title":"The old town","start_char_index":{number},"end_char_index":9999,"#,
                r#""file_id":null}}]}}"#
            ),
            number = number
        ),
        3 => format!(
            concat!(
                r#"{{"type":"tool_use","id":"toolu_{number:024}","name":"find_places","#,
                r#""input":{{"query":"mill","near":{{"latitude":51.5,"longitude":-0.12}},"limit":{number}}}}}"#
            ),
            number = number
        ),
        _ => format!(
            concat!(
                r#"{{"type":"thinking","thinking":"The user wants to know about the mill, so the register of "#,
                r#"houses should be searched first.","signature":"{}"}}"#
            ),
            "EqQBCgIYAhIkYzU0NDQwZjItM2E5".repeat(8)
        ),
    }
}

/// A page of models.
pub fn models() -> String {
    let mut data = String::new();
    for number in 0..COUNT {
        let comma = if number == 0 { "" } else { "," };
        write!(
            data,
            r#"{comma}{{"id":"claude-opus-{number}","type":"model","display_name":"Claude Opus {number}","line":"opus","lifecycle":"active","created_at":"2026-02-04T00:00:00Z","deprecated_at":null,"retires_at":null,"max_input_tokens":1000000,"max_tokens":128000,"capabilities":{CAPABILITIES}}}"#,
        )
        .expect("a string takes everything");
    }
    format!(
        r#"{{"data":[{data}],"has_more":true,"first_id":"claude-opus-0","last_id":"claude-opus-999"}}"#
    )
}

/// The list in a page, without what is around it.
pub fn list(page: &str) -> &str {
    let from = page.find('[').expect("a list");
    let to = page.rfind(']').expect("a list");
    &page[from..=to]
}

const CAPABILITIES: &str = concat!(
    r#"{"batch":{"supported":true},"citations":{"supported":true},"code_execution":{"supported":true},"#,
    r#""image_input":{"supported":true},"pdf_input":{"supported":true},"structured_outputs":{"supported":true},"#,
    r#""context_management":{"supported":true,"clear_thinking_20251015":{"supported":true},"#,
    r#""clear_tool_uses_20250919":{"supported":true},"compact_20260112":{"supported":true}},"#,
    r#""effort":{"supported":true,"low":{"supported":true},"medium":{"supported":true},"#,
    r#""high":{"supported":true},"xhigh":{"supported":true},"max":{"supported":true}},"#,
    r#""server_tools":{"supported":true,"code_execution":{"supported":true},"web_search":{"supported":true}},"#,
    r#""thinking":{"supported":true,"types":{"adaptive":{"supported":true},"between_tools":{"supported":true},"#,
    r#""disabled":{"supported":true},"enabled":{"supported":true}}}}"#
);
