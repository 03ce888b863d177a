//~ `Place` has no JSON schema
//~ derive `schemars::JsonSchema` for it
use anthropic::__macros::serde;
use anthropic::tools::tool_fn;

#[derive(serde::Deserialize)]
#[serde(crate = "anthropic::__macros::serde")]
struct Place {
    city: String,
}

fn main() {
    let _ = tool_fn("weather", "The weather, now.", |place: Place, _| async move { place.city });
}
