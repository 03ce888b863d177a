//~ `Place` has no JSON schema
//~ derive `schemars::JsonSchema` for it
use anthropic::__macros::serde;
use anthropic::tool;

#[derive(serde::Deserialize)]
#[serde(crate = "anthropic::__macros::serde")]
struct Place {
    city: String,
}

/// The weather, now.
#[tool]
fn weather(
    /// Where.
    place: Place,
) -> String {
    place.city
}

fn main() {}
