//~ is not a tool
//~ for a function with `#[tool]` write `NAME::tool()`
use anthropic::types::MessageCreateParams;
use anthropic::{Client, tool};

/// The weather, now.
#[tool]
fn weather() -> &'static str {
    "rain"
}

fn run(client: &Client, params: MessageCreateParams) {
    let _ = client.messages().run(params).tools(weather);
}

fn main() {}
