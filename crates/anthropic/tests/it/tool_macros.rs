//! `#[tool]` and `#[tools]`: what the tools are that they make, and what a call of one does.

#![allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    clippy::unused_self,
    reason = "functions of all forms are what is tested"
)]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anthropic::tools::{Outcome, ToolCall, ToolContext, ToolError, ToolOutput, Tools};
use anthropic::types::{MessageCreateParams, MessageParam, Model, StopReason, ToolUseBlock};
use anthropic::{Client, tool, tools};
use anthropic_sim::{Reply, Simulator, When};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{Script, client};

/// A unit of temperature.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Celsius,
    Kelvin,
}

#[derive(Debug, PartialEq, Serialize)]
struct Weather {
    city: String,
    degrees: f64,
}

#[derive(Debug)]
struct WeatherError(String);

impl fmt::Display for WeatherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no station in {}", self.0)
    }
}

impl std::error::Error for WeatherError {}

/// The weather at a place, now.
#[tool]
async fn weather(
    /// A city, such as "Oslo".
    city: String,
    unit: Option<Unit>,
) -> Result<Weather, WeatherError> {
    tokio::task::yield_now().await;
    let degrees = match unit {
        Some(Unit::Kelvin) => 285.0,
        _ => 12.0,
    };
    match &*city {
        "Oslo" => Ok(Weather { city, degrees }),
        _ => Err(WeatherError(city)),
    }
}

/// What the API gets of a set of tools.
fn definitions(tools: &Tools) -> Value {
    tools.check().unwrap();
    let tools = tools.iter().map(|tool| tool.definition());
    tools
        .map(|tool| serde_json::to_value(tool).unwrap())
        .collect()
}

/// Calls a tool, and returns the text of its result.
async fn call(tools: &Tools, name: &str, input: Value) -> Result<String, ToolError> {
    call_output(tools, name, input)
        .await
        .map(|output| output.text())
}

async fn call_output(tools: &Tools, name: &str, input: Value) -> Result<ToolOutput, ToolError> {
    let call = ToolCall::new(ToolUseBlock::new("toolu_7", input, name));
    let context = ToolContext::new(&client(&Script::new([])), call.clone());
    tools.get(name).unwrap().call(call, context).await
}

#[tokio::test]
async fn a_function_is_a_tool_and_stays_a_function() {
    assert_eq!(
        definitions(&weather::tool()),
        json!([{
            "name": "weather",
            "description": "The weather at a place, now.",
            "input_schema": {
                "type": "object",
                "properties": {
                    "city": {"description": "A city, such as \"Oslo\".", "type": "string"},
                    "unit": {"anyOf": [{"$ref": "#/$defs/Unit"}, {"type": "null"}]},
                },
                "required": ["city"],
                "additionalProperties": false,
                "$defs": {"Unit": {
                    "description": "A unit of temperature.", "type": "string", "enum": ["celsius", "kelvin"],
                }},
            },
        }])
    );
    let oslo = call(&weather::tool(), "weather", json!({"city": "Oslo"}))
        .await
        .unwrap();
    assert_eq!(oslo, r#"{"city":"Oslo","degrees":12.0}"#);
    let kelvin = json!({"city": "Oslo", "unit": "kelvin"});
    let kelvin = call(&weather::tool(), "weather", kelvin).await.unwrap();
    assert_eq!(kelvin, r#"{"city":"Oslo","degrees":285.0}"#);
    let error = call(&weather::tool(), "weather", json!({"city": "Ur"}))
        .await
        .unwrap_err();
    assert_eq!(error.output().text(), "there is no station in Ur");
    let source = error.source().unwrap();
    assert!(source.is::<WeatherError>());

    let weather = weather("Oslo".to_owned(), None).await.unwrap();
    assert!(weather.degrees > 11.0);
}

#[tokio::test]
async fn an_input_that_does_not_fit_goes_back_with_its_path() {
    for (input, reason) in [
        (json!({}), "missing field `city`"),
        (json!({"city": 7}), "at `city`: invalid type: integer `7`"),
        (
            json!({"city": "Oslo", "unit": "miles"}),
            "at `unit`: unknown variant `miles`",
        ),
        (json!({"city": "Oslo", "day": 1}), "unknown field `day`"),
        (json!("Oslo"), "the input is not a JSON object"),
    ] {
        let error = call(&weather::tool(), "weather", input).await.unwrap_err();
        let shown = error.output().text();
        assert!(shown.contains(reason), "{shown}");
    }
}

/// A price.
///
/// In cents.
#[tool(name = "get-price", strict, sequential, timeout = 2.5)]
fn price(
    /// An article's number.
    #[serde(rename = "articleNumber")]
    number: u32,
    /// How many; one unless set.
    #[serde(default = "one")]
    count: u32,
    /// The kind of customer.
    r#type: Option<String>,
    context: &ToolContext,
) -> u32 {
    assert_eq!(context.call_id(), "toolu_7");
    number * count + u32::from(r#type.is_some())
}

fn one() -> u32 {
    1
}

#[tokio::test]
async fn options_attributes_and_contexts_are_taken() {
    let tools = price::tool();
    let definition = &definitions(&tools)[0];
    assert_eq!(definition["name"], "get-price");
    assert_eq!(definition["description"], "A price.\n\nIn cents.");
    assert_eq!(definition["strict"], true);
    let properties = definition["input_schema"]["properties"]
        .as_object()
        .unwrap();
    assert_eq!(properties.keys().len(), 3);
    assert!(properties.contains_key("articleNumber") && properties.contains_key("type"));
    assert_eq!(
        definition["input_schema"]["required"],
        json!(["articleNumber"])
    );
    let settings = format!("{:?}", tools.get("get-price").unwrap().settings());
    assert!(
        settings.contains("sequential: true") && settings.contains("2.5s"),
        "{settings}"
    );

    let input = json!({"articleNumber": 5, "type": "a"});
    assert_eq!(call(&tools, "get-price", input).await.unwrap(), "6");
    let input = json!({"articleNumber": 5, "count": 3});
    assert_eq!(call(&tools, "get-price", input).await.unwrap(), "15");
}

/// Any value that has a JSON form, without a `Result`.
#[tool]
async fn report() -> Weather {
    Weather {
        city: "Oslo".to_owned(),
        degrees: 1.0,
    }
}

/// Nothing.
#[tool(timeout = std::time::Duration::from_millis(7))]
fn nothing(_context: ToolContext) {}

const DESCRIPTION: &str = "From elsewhere.";

/// For people, not for the model.
#[tool(description = DESCRIPTION)]
fn described() -> Result<Option<&'static str>, ToolError> {
    Ok(None)
}

#[tokio::test]
async fn what_a_function_returns_is_the_result() {
    let tools = Tools::from((report::tool(), nothing::tool(), described::tool()));
    let value = call(&tools, "report", json!({})).await.unwrap();
    assert_eq!(value, r#"{"city":"Oslo","degrees":1.0}"#);
    for name in ["nothing", "described"] {
        let output = call_output(&tools, name, json!({})).await.unwrap();
        assert!(output.content().is_none(), "{output:?}");
    }
    let definitions = definitions(&tools);
    let none = json!({"type": "object", "properties": {}, "additionalProperties": false});
    assert_eq!(definitions[0]["input_schema"], none);
    assert_eq!(definitions[2]["description"], DESCRIPTION);
}

#[tokio::test]
async fn a_tool_may_be_made_inside_of_a_function() {
    #[derive(Deserialize, JsonSchema)]
    struct Local {
        x: u8,
    }

    /// Of this function.
    #[tool]
    async fn local(
        /// A value of a type of this function.
        value: Local,
    ) -> String {
        value.x.to_string()
    }

    let text = call(&local::tool(), "local", json!({"value": {"x": 7}})).await;
    assert_eq!(text.unwrap(), "7");
}

/// A module in which the usual names mean something else.
mod shadowed {
    #![allow(dead_code, unused_macros, reason = "they only have to be there")]

    mod std {}
    mod core {}
    mod serde {}
    mod schemars {}
    mod anthropic {}
    struct Option;
    struct Result;
    struct String;
    struct Vec;
    struct Box;
    struct Arc;
    struct Input;
    struct Tools;
    struct ToolContext;
    struct Some;
    struct Ok;
    trait Send {}
    trait Sync {}
    trait Into {}
    trait From {}
    trait Clone {}
    trait Default {}
    trait Iterator {}
    trait Deserialize {}
    trait JsonSchema {}
    macro_rules! concat {
        () => {};
    }

    /// A kind.
    #[derive(::serde::Deserialize, ::schemars::JsonSchema)]
    #[serde(crate = "::serde")]
    #[schemars(crate = "::schemars")]
    pub(super) struct Kind(u8);

    /// One.
    #[::anthropic::tool]
    pub(super) async fn one(input: Kind, kind: ::std::option::Option<Kind>) -> u32 {
        u32::from(input.0) + kind.map_or(0, |kind| u32::from(kind.0))
    }

    pub(super) struct Shop(pub(super) u32);

    #[::anthropic::tools]
    impl Shop {
        /// Two.
        #[tool]
        async fn two(&self, value: Kind) -> u32 {
            self.0 + u32::from(value.0)
        }
    }
}

#[tokio::test]
async fn no_name_around_a_tool_changes_it() {
    let tools = Tools::from([shadowed::one::tool(), shadowed::Shop(40).tools()]);
    let input = json!({"input": 1, "kind": 2});
    assert_eq!(call(&tools, "one", input).await.unwrap(), "3");
    assert_eq!(
        call(&tools, "two", json!({"value": 2})).await.unwrap(),
        "42"
    );
}

#[derive(Serialize)]
struct OnlyJson {
    reason: &'static str,
}

/// An error that has a JSON form and no text.
#[tool]
async fn fails(
    /// Whether.
    fails: bool,
) -> Result<Weather, OnlyJson> {
    if fails {
        return Err(OnlyJson { reason: "closed" });
    }
    Ok(report().await)
}

#[tokio::test]
async fn an_error_that_is_a_value_is_no_result() {
    let error = call(&fails::tool(), "fails", json!({"fails": true})).await;
    let output = error.unwrap_err().output();
    assert!(output.is_error());
    assert_eq!(output.text(), r#"{"reason":"closed"}"#);
    let value = call(&fails::tool(), "fails", json!({"fails": false})).await;
    assert_eq!(value.unwrap(), r#"{"city":"Oslo","degrees":1.0}"#);
}

async fn never(_call: ToolCall) -> bool {
    false
}

/// Asks somebody later.
#[tool(needs_approval)]
fn later() {}

/// Asks at once.
#[tool(confirm = never)]
fn asked() {}

#[tokio::test]
async fn a_tool_asks_before_it_runs() {
    let replies = [Reply::new()
        .with_tool_use("later", json!({}))
        .with_tool_use("asked", json!({}))];
    let simulator = Simulator::builder().replies(replies).start().await.unwrap();
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .build()
        .unwrap();
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Go.");
    let run = client.messages().run(params);
    let outcome = run.tools([later::tool(), asked::tool()]).await.unwrap();
    let Outcome::Waiting(waiting) = outcome else {
        panic!("{outcome:?}");
    };
    let calls: Vec<&str> = waiting.calls().map(ToolCall::name).collect();
    assert_eq!(calls, ["later"], "the other one was declined");
    assert_eq!(waiting.transcript().calls(), 0);
}

struct Parts(u32);

#[tools]
impl Parts {
    /// The first.
    #[tool]
    fn first(&self) -> u32 {
        self.0
    }
}

#[tools(method = "more_tools", prefix = "more_")]
impl Parts {
    /// The second.
    #[tool]
    fn second(&self) -> u32 {
        self.0 + 1
    }
}

#[tokio::test]
async fn two_blocks_of_one_type_have_a_method_each() {
    let parts = Arc::new(Parts(7));
    let tools = Tools::from([
        Parts::shared_tools(parts.clone()),
        Parts::shared_more_tools(parts),
        Parts(1)
            .more_tools()
            .iter()
            .take(0)
            .cloned()
            .map(Tools::from)
            .collect(),
    ]);
    assert_eq!(tools.names().collect::<Vec<_>>(), ["first", "more_second"]);
    assert_eq!(call(&tools, "more_second", json!({})).await.unwrap(), "8");
}

mod reexport {
    pub(super) use anthropic as sdk;
}

/// By another path.
#[reexport::sdk::tool(crate = "crate::tool_macros::reexport::sdk")]
fn elsewhere() -> &'static str {
    "here"
}

#[tokio::test]
async fn the_crate_may_have_another_path() {
    assert_eq!(
        call(&elsewhere::tool(), "elsewhere", json!({}))
            .await
            .unwrap(),
        "here"
    );
}

trait Store: Send + Sync + 'static {
    fn price(&self, article: &str) -> Option<u32>;
}

struct Shop<S> {
    store: S,
    asked: AtomicU32,
}

#[tools(prefix = "shop_")]
impl<S: Store> Shop<S> {
    fn new(store: S) -> Self {
        Self {
            store,
            asked: AtomicU32::new(0),
        }
    }

    /// The price of an article, in cents.
    #[tool(sequential)]
    async fn price(
        &self,
        /// The article's name.
        article: String,
    ) -> Result<u32, ToolError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let price = self.store.price(&article);
        price.ok_or_else(|| ToolError::new(format!("there is no `{article}`")))
    }

    /// When the shop is open.
    #[anthropic::tool(name = "hours")]
    fn open() -> &'static str {
        "9 to 5"
    }

    /// Not compiled, and so no tool.
    #[cfg(any())]
    #[tool]
    fn absent(&self) {}

    /// Not for the model.
    #[expect(dead_code, reason = "it is not called")]
    fn delete_everything(&self) {}
}

struct Nails;

impl Store for Nails {
    fn price(&self, article: &str) -> Option<u32> {
        (article == "nails").then_some(250)
    }
}

#[tokio::test]
async fn methods_share_their_value() {
    let shop = Arc::new(Shop::new(Nails));
    let tools = Shop::shared_tools(Arc::clone(&shop));
    assert_eq!(
        tools.names().collect::<Vec<_>>(),
        ["shop_price", "shop_hours"]
    );
    assert_eq!(
        call(&tools, "shop_price", json!({"article": "nails"}))
            .await
            .unwrap(),
        "250"
    );
    let error = call(&tools, "shop_price", json!({"article": "saws"}))
        .await
        .unwrap_err();
    assert_eq!(error.output().text(), "there is no `saws`");
    assert_eq!(
        call(&tools, "shop_hours", json!({})).await.unwrap(),
        "9 to 5"
    );
    assert_eq!(shop.asked.load(Ordering::Relaxed), 2);
    // One for the tool, one here.
    assert_eq!(Arc::strong_count(&shop), 2);
    assert_eq!(shop.price("nails".to_owned()).await.unwrap(), 250);
    assert_eq!(Shop::new(Nails).tools().len(), 2);
}

#[tokio::test]
async fn the_simulator_calls_the_tools() {
    let simulator = Simulator::builder()
        .when(When::any().answered("weather"), Reply::text("Mild."))
        .when(When::any(), Reply::tool_call("weather"))
        .start()
        .await
        .unwrap();
    let builder = Client::builder().api_key(simulator.api_key());
    let client = builder.base_url(simulator.url()).build().unwrap();
    let tools = Tools::from([weather::tool(), Shop::new(Nails).tools()]);
    tools.check().unwrap();
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
        .tools(tools.iter().map(|tool| tool.definition()))
        .user("How is it in Oslo?");
    let message = client.messages().create(params.clone()).await.unwrap();
    assert_eq!(message.stop_reason, Some(StopReason::ToolUse));
    let mut results = Vec::new();
    for block in message.tool_uses() {
        let call = ToolCall::new(block.clone());
        let context = ToolContext::new(&client, call.clone());
        // The input is made up, and fits: the city of that name has no station.
        let result = tools.get(&block.name).unwrap().call(call, context).await;
        let error = result.unwrap_err();
        assert!(
            error.to_string().starts_with("there is no station in "),
            "{error}"
        );
        results.push(block.error(error.output().text()));
    }
    let params = params.message(message).message(MessageParam::user(results));
    let message = client.messages().create(params).await.unwrap();
    assert_eq!(message.text(), "Mild.");
}

/// Fails with a text.
#[tool]
async fn text_error() -> Result<u8, String> {
    Err("no disk".to_owned())
}

/// Fails with a boxed error.
#[tool]
async fn boxed_error(
    /// Whether it fails.
    fails: bool,
) -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
    if fails { Err("no disk".into()) } else { Ok(7) }
}

#[tokio::test]
async fn errors_that_are_texts_are_errors_for_the_model() {
    let failed = call(&text_error::tool(), "text_error", json!({})).await;
    assert_eq!(failed.unwrap_err().to_string(), "no disk");
    let boxed = boxed_error::tool();
    let failed = call(&boxed, "boxed_error", json!({"fails": true})).await;
    assert_eq!(failed.unwrap_err().to_string(), "no disk");
    let fine = call(&boxed, "boxed_error", json!({"fails": false})).await;
    assert_eq!(fine.unwrap(), "7");
}
