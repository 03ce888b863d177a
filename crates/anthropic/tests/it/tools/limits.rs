//! What the API limits in a request is counted over all of it, and found before it is sent.

use anthropic::tools::{Tools, ToolsFault, tool_with};
use anthropic::types::{Json, JsonOutputFormat, OutputConfig, Tool};
use anthropic::{ErrorKind, tool};
use anthropic_sim::Reply;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{echo, params, simulator};

/// An object with so many optional properties.
fn schema(optional: usize) -> Value {
    let names = (0..optional).map(|number| format!("of_{optional}_{number}"));
    let properties = names.map(|name| (name, json!({"type": "string", "description": "One."})));
    let properties: Map<String, Value> = properties.collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn strict(name: &str, optional: usize) -> Tool {
    let tool = Tool::new(schema(optional), name);
    tool.description("A test's tool.").strict(true)
}

fn own(optional: usize) -> Tools {
    tool_with(strict("own", optional), |_: Json, _| async {}).into()
}

fn format(schema: Value) -> OutputConfig {
    OutputConfig::new().format(JsonOutputFormat::new(schema))
}

#[tokio::test]
async fn tools_and_the_format_of_the_parameters_count() {
    let beyond = [
        (
            params().tools([strict("beside", 13)]),
            own(12),
            "25 optional",
        ),
        (
            params().tools([strict("one", 12), strict("two", 13)]),
            Tools::new(),
            "25 optional",
        ),
        (
            params().output_config(format(schema(13))),
            own(12),
            "25 optional",
        ),
        (
            params()
                .tools([strict("beside", 5)])
                .output_config(format(schema(10))),
            own(10),
            "25 optional",
        ),
        (
            params().tools((0..20).map(|number| strict(&format!("beside_{number}"), 0))),
            own(0),
            "21 strict tools",
        ),
        (
            params().tools([Tool::new(json!({"type": "string"}), "beside")]),
            echo().into(),
            "the schema of the tool `beside`: the schema's type is not `object`",
        ),
        (
            params().tools([Tool::new(schema(1), "be side")]),
            echo().into(),
            "`be side` is no name",
        ),
        (
            params().output_config(format(json!({"type": "object", "properties": {}}))),
            echo().into(),
            "the schema of the output format: an object of a strict schema",
        ),
    ];
    let (simulator, client) = simulator([]).await;
    for (params, tools, expected) in beyond {
        let error = client.messages().run(params).tools(tools).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn what_is_within_the_limits_together_is_sent() {
    let (_simulator, client) = simulator([Reply::text("{}")]).await;
    let params = params()
        .tools([
            strict("beside", 10),
            Tool::new(schema(30), "open").description("Not strict."),
        ])
        .output_config(format(schema(4)));
    let outcome = client.messages().run(params).tools(own(10)).await;
    outcome.unwrap().text().unwrap();
}

/// A type without docs.
type Id = u32;

#[derive(Deserialize, JsonSchema)]
struct Bare {
    #[expect(dead_code, reason = "only described")]
    name: String,
}

/// A place, by its name.
#[derive(Deserialize, JsonSchema)]
struct Place {
    #[expect(dead_code, reason = "only described")]
    name: String,
}

/// Takes a number whose type is another's.
#[tool(strict)]
fn by_alias(id: Id) -> String {
    id.to_string()
}

/// Takes what has no docs.
#[tool]
fn by_bare(#[serde(rename = "what")] _what: Option<Bare>) {}

/// Takes what has docs.
#[tool]
fn by_place(
    _place: Place,
    _other: Option<Box<Place>>,
    /// Any that there is.
    _bare: Bare,
) {
}

/// Takes what has no docs, in the place of arguments.
#[tool]
fn flattened(#[serde(flatten)] _all: Bare, _place: Place) {}

/// The compiler can't see whether a type has docs.
#[tokio::test]
async fn an_argument_whose_type_has_no_description_is_reported() {
    for (tools, name, argument) in [
        (by_alias::tool(), "by_alias", "id"),
        (by_bare::tool(), "by_bare", "what"),
    ] {
        let (name, argument) = (name.to_owned(), argument.to_owned());
        let fault = ToolsFault::Argument { name, argument };
        assert_eq!(tools.check(), Err(fault));
        let (simulator, client) = simulator([]).await;
        let error = client.messages().run(params()).tools(tools).await;
        let line = error.unwrap_err().to_string();
        assert!(line.contains("has no description"), "{line}");
        assert!(simulator.requests().is_empty());
    }
    by_place::tool().check().unwrap();
    flattened::tool().check().unwrap();
}
