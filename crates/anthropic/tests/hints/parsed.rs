//~ `Place` has no JSON schema
//~ derive `schemars::JsonSchema` for it
use anthropic::Client;
use anthropic::__macros::serde;
use anthropic::types::MessageCreateParams;

#[derive(serde::Deserialize)]
#[serde(crate = "anthropic::__macros::serde")]
struct Place {
    city: String,
}

fn run(client: &Client, params: MessageCreateParams) {
    let _ = client.messages().parse::<Place>(params);
}

fn main() {}
