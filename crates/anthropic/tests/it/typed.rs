//! Typed answers: what is asked for, and what each kind of reply becomes, plain and streamed.

use std::time::Duration;

use anthropic::partial_json::Strings;
use anthropic::typed::{Output, ParseRow, Parsed, output_format};
use anthropic::types::{
    BatchRequest, Effort, JsonOutputFormat, Message, MessageCreateParams, Model, OutputConfig,
    StopReason, Tool,
};
use anthropic::{Client, ErrorKind};
use anthropic_sim::{Reply, Simulator};
use futures_core::stream::FusedStream;
use futures_util::TryStreamExt;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// A river of this world.
#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct River {
    name: String,
    /// From the source to the mouth.
    length_km: u32,
    mouth: Mouth,
    #[serde(default)]
    tributaries: Vec<Tributary>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Tributary {
    name: String,
    length_km: u32,
    mouth: Mouth,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mouth {
    Sea,
    River,
}

const RHINE: &str = r#"{"name": "Rhine", "length_km": 1233, "mouth": "sea", "tributaries": [
    {"name": "Aare", "length_km": 291, "mouth": "river"}]}"#;

fn params() -> MessageCreateParams {
    MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Which river flows through Basel?")
}

async fn simulated(reply: Reply) -> (Simulator, Client) {
    let simulator = Simulator::builder().reply(reply).start().await.unwrap();
    let builder = Client::builder().api_key(simulator.api_key());
    let client = builder.base_url(simulator.url()).build().unwrap();
    (simulator, client)
}

fn assert_rhine(river: &River) {
    assert_eq!((river.name.as_str(), river.length_km), ("Rhine", 1233));
    assert_eq!(river.tributaries[0].name, "Aare");
}

/// A comment and what was said to it.
#[derive(Debug, Deserialize, JsonSchema)]
struct Comment {
    #[expect(dead_code, reason = "never read")]
    replies: Vec<Self>,
}

#[tokio::test]
async fn a_type_that_contains_itself_is_refused_by_its_name() {
    let (simulator, client) = simulated(Reply::text("{}")).await;
    let error = client
        .messages()
        .parse::<Comment>(params())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    let line = error.to_string();
    assert!(line.contains("`it::typed::Comment`"), "{line}");
    assert!(line.contains("contains itself"), "{line}");
    assert!(simulator.requests().is_empty());
    let line = output_format::<Comment>().unwrap_err().to_string();
    assert!(line.contains("`it::typed::Comment`"), "{line}");
}

#[tokio::test]
async fn the_type_is_asked_for_and_returned() {
    let (simulator, client) = simulated(Reply::text(RHINE)).await;
    let config = OutputConfig::new().effort(Effort::Low);
    let request = client
        .messages()
        .parse::<River>(params().output_config(config));
    let parsed = request.header("x-trace", "abc").await.unwrap();
    assert_eq!(parsed.message.stop_reason, Some(StopReason::EndTurn));
    assert_rhine(parsed.output().unwrap());
    assert_rhine(&parsed.into_output().unwrap());

    let request = &simulator.requests()[0];
    let body: Value = request.json();
    assert_eq!(body["output_config"]["effort"], "low");
    let schema = &body["output_config"]["format"]["schema"];
    assert_eq!(body["output_config"]["format"]["type"], "json_schema");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["length_km"]["type"], "integer");
    assert_eq!(
        schema["required"],
        json!(["name", "length_km", "mouth"]),
        "{schema}"
    );
}

#[tokio::test]
async fn lent_parameters_stay_as_they_are() {
    let (simulator, client) = simulated(Reply::text(RHINE)).await;
    let config = OutputConfig::new().effort(Effort::Low);
    // Its name in a text, and one that is not at its end, are no places to put it.
    let params = params().user(r#"What is "output_config":{}?"#);
    for params in [params.clone(), params.output_config(config)] {
        let before = params.clone();
        let parsed = client.messages().parse::<River>(&params).await.unwrap();
        assert_rhine(parsed.output().unwrap());
        simulator.reply(Reply::text(RHINE));
        let stream = client.messages().parse_stream::<River>(&params);
        let parsed = stream.await.unwrap().finish().await.unwrap();
        assert_rhine(parsed.output().unwrap());
        simulator.reply(Reply::text(RHINE));
        assert_eq!(params, before);

        let requests = simulator.requests();
        for request in requests.iter().rev().take(2) {
            let body: Value = request.json();
            assert_eq!(
                body["messages"],
                serde_json::to_value(&params.messages).unwrap()
            );
            let config = &body["output_config"];
            assert_eq!(config["format"]["type"], "json_schema");
            assert_eq!(config["effort"] == "low", params.output_config.is_some());
            let text = std::str::from_utf8(&request.body).unwrap();
            assert_eq!(text.matches(r#""output_config":"#).count(), 1, "{text}");
        }
    }
}

#[tokio::test]
async fn both_sides_of_the_api_and_a_response_head() {
    let (_simulator, client) = simulated(Reply::text(RHINE)).await;
    let request = client.beta().messages().parse::<River>(params());
    let response = request.with_response().await.unwrap();
    assert!(response.request_id().is_some());
    assert_rhine(response.output().unwrap());
}

#[tokio::test]
async fn without_a_script_the_simulator_makes_a_value() {
    let simulator = Simulator::start().await.unwrap();
    let builder = Client::builder().api_key(simulator.api_key());
    let client = builder.base_url(simulator.url()).build().unwrap();
    let river = client.messages().parse::<River>(params()).await.unwrap();
    river.into_output().unwrap();
}

/// What a reply becomes, asked for plainly and as a stream.
async fn both(reply: Reply) -> [Parsed<River>; 2] {
    let (_simulator, client) = simulated(reply.clone()).await;
    let plain = client.messages().parse(params()).await.unwrap();
    let (_simulator, client) = simulated(reply).await;
    let stream = client
        .beta()
        .messages()
        .parse_stream(params())
        .await
        .unwrap();
    [plain, stream.finish().await.unwrap()]
}

#[tokio::test]
async fn a_text_that_was_cut_off_names_what_to_raise() {
    for parsed in both(Reply::text(r#"{"name": "Rhi"#).stop_reason("max_tokens")).await {
        let line = parsed.into_output().unwrap_err().to_string();
        assert!(line.ends_with("; raise `max_tokens`"), "{line}");
    }
}

#[tokio::test]
async fn a_refusal_is_no_value_whatever_its_text_is() {
    for parsed in both(Reply::text(RHINE).stop_reason("refusal")).await {
        assert!(matches!(parsed.output, Output::Refused));
        assert!(parsed.output().is_none());
        let error = parsed.into_output().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoAnswer);
        assert!(
            error.to_string().contains("stop_reason is `refusal`"),
            "{error}"
        );
        assert_eq!(error.partial::<Message>().unwrap().text(), RHINE);
    }
}

/// Nine fields of several types.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct Address {
    a: Option<String>,
    b: Option<String>,
    c: Option<String>,
    d: Option<String>,
    e: Option<String>,
    f: Option<String>,
    g: Option<String>,
    h: Option<String>,
    i: Option<String>,
}

/// Thirteen fields that may be left out.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct Options {
    #[serde(default)]
    a: u8,
    #[serde(default)]
    b: u8,
    #[serde(default)]
    c: u8,
    #[serde(default)]
    d: u8,
    #[serde(default)]
    e: u8,
    #[serde(default)]
    f: u8,
    #[serde(default)]
    g: u8,
    #[serde(default)]
    h: u8,
    #[serde(default)]
    i: u8,
    #[serde(default)]
    j: u8,
    #[serde(default)]
    k: u8,
    #[serde(default)]
    l: u8,
    #[serde(default)]
    m: u8,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct Person {
    /// Where.
    home: Address,
    /// How.
    options: Options,
}

/// What a description puts in the place of a reference is sent and counted once.
#[tokio::test]
async fn a_type_within_a_described_field_counts_once() {
    let person = json!({"home": {}, "options": {}}).to_string();
    let (simulator, client) = simulated(Reply::text(person)).await;
    let parsed = client.messages().parse::<Person>(params()).await.unwrap();
    parsed.into_output().unwrap();
    let sent = simulator.requests()[0].json();
    let schema = &sent["output_config"]["format"]["schema"];
    assert_eq!(schema.get("$defs"), None, "{schema:#}");
    assert_eq!(schema["properties"]["home"]["description"], "Where.");
}

/// The API counts the strict tools of a request, too.
#[tokio::test]
async fn the_strict_tools_beside_a_type_count() {
    let (simulator, client) = simulated(Reply::text("{}")).await;
    let tool = |optional| {
        let names = (0..optional).map(|number| format!("name_{number}"));
        let properties: serde_json::Map<String, Value> = names
            .map(|name| (name, json!({"type": "string"})))
            .collect();
        let schema =
            json!({"type": "object", "properties": properties, "additionalProperties": false});
        Tool::new(schema, "look").description("Looks.")
    };
    let beside = |tool| params().tools([tool]);
    let messages = client.messages();
    // With the thirteen of the type.
    let request = messages.parse::<Options>(beside(tool(12).strict(true)));
    let line = request.await.unwrap_err().to_string();
    assert!(line.contains("25 optional parameters"), "{line}");
    assert!(simulator.requests().is_empty());
    for fine in [tool(11).strict(true), tool(12)] {
        let request = messages.parse::<Options>(beside(fine));
        assert!(request.await.is_ok());
    }
}

#[tokio::test]
async fn a_cut_text_is_no_value_and_names_its_place() {
    let (cut, _) = RHINE.split_once("are\"").unwrap();
    for reason in ["max_tokens", "model_context_window_exceeded"] {
        for parsed in both(Reply::text(cut).stop_reason(reason)).await {
            assert!(
                matches!(&parsed.output, Output::Cut(error) if error.path() == "tributaries[0].name")
            );
            let read = parsed.message.json::<River>().unwrap_err();
            assert_eq!(anthropic::Error::from(read).kind(), ErrorKind::NoAnswer);
            let error = parsed.into_output().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NoAnswer);
            let line = error.to_string();
            assert!(line.contains("at `tributaries[0].name`"), "{line}");
            assert!(line.contains("cut off") && line.contains(reason), "{line}");
            assert!(line.contains(r#""tributaries": [ {"name": "A`"#), "{line}");
            assert!(error.partial::<Message>().is_some());
        }
    }
    // A value that is complete is one, wherever the text ends.
    for parsed in both(Reply::text(RHINE).stop_reason("max_tokens")).await {
        assert_rhine(&parsed.into_output().unwrap());
    }
}

#[tokio::test]
async fn a_value_of_another_shape_is_a_misfit_with_its_path() {
    let text = RHINE.replace("291", "-291");
    for parsed in both(Reply::text(text)).await {
        assert!(
            matches!(&parsed.output, Output::Misfit(error) if error.stop_reason() == Some(&StopReason::EndTurn))
        );
        let line = parsed.into_output().unwrap_err().to_string();
        assert!(
            line.contains("at `tributaries[0].length_km`: invalid value: integer `-291`"),
            "{line}"
        );
        assert!(!line.contains('\n'), "{line}");
    }
}

/// The format was not passed on, or the model does not support it.
#[tokio::test]
async fn a_text_that_is_no_json_is_a_misfit_with_a_hint() {
    for parsed in both(Reply::text("The Rhine is 1,233 km long.")).await {
        let error = parsed.into_output().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let line = error.to_string();
        for words in ["near `The Rhine", "`output_config.format`", "`parse`"] {
            assert!(line.contains(words), "{line}");
        }
    }
}

#[tokio::test]
async fn a_call_of_a_strict_tool_comes_before_the_value() {
    let reply = Reply::new()
        .with_text("Let me look.")
        .with_tool_use("look", json!({}));
    let simulator = Simulator::builder()
        .replies([reply, Reply::text(RHINE)])
        .start()
        .await
        .unwrap();
    let builder = Client::builder().api_key(simulator.api_key());
    let client = builder.base_url(simulator.url()).build().unwrap();
    let schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let params = params().tools([Tool::new(schema, "look").description("Looks.").strict(true)]);
    let request = client.messages().parse::<River>(params.clone());
    let parsed = request.await.unwrap();
    assert!(matches!(parsed.output, Output::Unfinished));
    let message = parsed.message.clone();
    let line = parsed.into_output().unwrap_err().to_string();
    assert!(line.contains("stop_reason is `tool_use`"), "{line}");

    let call = message.tool_uses().next().unwrap();
    let result = call.result("It is the Rhine.");
    let params = params.message(message).user([result]);
    let parsed = client.messages().parse::<River>(params).await.unwrap();
    assert_rhine(&parsed.into_output().unwrap());
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_not_sent() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "never decoded")]
    enum Choice {
        Text { text: String },
        Number { number: u32 },
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "never decoded")]
    struct Open {
        map: std::collections::HashMap<String, u32>,
    }

    let (simulator, client) = simulated(Reply::text(RHINE)).await;
    let messages = client.messages();
    let faults = [
        (
            messages.parse::<Choice>(params()).await.unwrap_err(),
            "can't be at the root",
        ),
        (
            messages.parse::<Open>(params()).await.unwrap_err(),
            "at `/properties/map`",
        ),
        (
            messages.parse::<Vec<River>>(params()).await.unwrap_err(),
            "wrap the value in an object",
        ),
        (
            messages.parse_stream::<Open>(params()).await.unwrap_err(),
            "at `/properties/map`",
        ),
    ];
    for (error, part) in faults {
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains(part), "{error}");
    }
    let format = OutputConfig::new().format(JsonOutputFormat::new(json!({"type": "object"})));
    let request = messages.parse::<River>(params().output_config(format));
    let error = request.await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the output format is set already"),
        "{error}"
    );
    assert!(simulator.requests().is_empty());
}

#[derive(Debug, PartialEq, Default, Deserialize)]
#[serde(default)]
struct SoFar {
    name: String,
    tributaries: Vec<Self>,
}

#[tokio::test]
async fn a_stream_shows_the_value_as_it_grows() {
    let (_simulator, client) = simulated(Reply::text(RHINE)).await;
    let mut stream = client
        .messages()
        .parse_stream::<River>(params())
        .await
        .unwrap();
    let (mut views, mut complete) = (Vec::new(), 0);
    while let Some(event) = stream.try_next().await.unwrap() {
        if let Some(view) = stream.partial::<SoFar>() {
            views.push((view.name, view.tributaries.len()));
        }
        complete += usize::from(stream.partial::<River>().is_some());
        if event.text().is_some() {
            assert!(stream.partial_value(Strings::Hide).unwrap().is_object());
            assert!(!stream.is_terminated());
        }
        let text = stream.snapshot().unwrap().text();
        assert!(RHINE.starts_with(&text), "{text}");
    }
    assert!(stream.is_terminated());
    assert_eq!(stream.snapshot().unwrap().text(), RHINE);
    let whole: Value = serde_json::from_str(RHINE).unwrap();
    assert_eq!(stream.partial_value(Strings::Hide), Some(&whole));
    assert!(views.len() > 3, "{views:?}");
    assert!(
        views.is_sorted_by_key(|(name, tributaries)| (name.len(), *tributaries)),
        "{views:?}"
    );
    assert_eq!(views.last(), Some(&("Rhine".to_owned(), 1)));
    // Each type has views of its own.
    assert!(complete > 0, "{complete}");
    let id = stream.meta().request_id().unwrap().to_owned();
    assert!(id.starts_with("req_"), "{id}");
    assert_eq!(stream.request_id(), Some(&*id));
    let debug = format!("{stream:?}");
    let begins = "ParsedStream { stream: MessageStream { ";
    assert!(debug.starts_with(begins) && debug.contains(&id), "{debug}");
    assert!(!debug.contains("Rhine"), "{debug}");
    assert_rhine(&stream.finish().await.unwrap().into_output().unwrap());
}

#[tokio::test]
async fn a_typed_stream_is_a_stream_of_the_events() {
    let (_simulator, client) = simulated(Reply::text(RHINE)).await;
    let typed = client.messages().parse_stream::<River>(params());
    let events: Vec<_> = typed.await.unwrap().try_collect().await.unwrap();
    let text: String = events.iter().filter_map(|event| event.text()).collect();
    assert_eq!(text, RHINE);
}

#[test]
fn a_refusal_gives_its_explanation_on_one_line() {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": "refusal",
        "stop_details": {"type": "refusal", "category": null, "explanation": "It is\n  not\tallowed. "},
        "usage": {"input_tokens": 3, "output_tokens": 1},
    });
    let message: Message = serde_json::from_value(message).unwrap();
    let error = Parsed::<River>::from(message).into_output().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoAnswer);
    let line = error.to_string();
    let end = "stop_reason is `refusal`: It is not allowed.";
    assert!(line.ends_with(end), "{line}");
}

#[tokio::test]
async fn rows_of_a_batch_are_values_or_errors() {
    let simulator = Simulator::builder()
        .replies([
            Reply::text(RHINE),
            Reply::text("No.").stop_reason("refusal"),
        ])
        .start()
        .await
        .unwrap();
    let builder = Client::builder().api_key(simulator.api_key());
    let client = builder.base_url(simulator.url()).build().unwrap();
    let format = OutputConfig::new().format(output_format::<River>().unwrap());
    let params = params().output_config(format);
    let batches = client.messages().batches();
    let batch = batches
        .create([
            BatchRequest::new("one", params.clone()),
            BatchRequest::new("two", params),
        ])
        .await
        .unwrap();
    let poller = batches.poll(&batch.id);
    poller.every(Duration::from_millis(20)).await.unwrap();
    let mut rows = batches.results(&batch.id).await.unwrap();
    let mut read = Vec::new();
    while let Some(row) = rows.try_next().await.unwrap() {
        let river = row.parse::<River>().unwrap().into_output();
        read.push((row.custom_id, river.map_err(|error| error.to_string())));
    }
    read.sort_by(|one, two| one.0.cmp(&two.0));
    assert_rhine(read[0].1.as_ref().unwrap());
    assert!(
        read[1].1.as_ref().unwrap_err().contains("refused"),
        "{read:?}"
    );

    for (result, kind) in [
        (
            json!({"type": "errored", "error": {"type": "error", "error":
            {"type": "overloaded_error", "message": "Overloaded"}}}),
            ErrorKind::Overloaded,
        ),
        (json!({"type": "canceled"}), ErrorKind::Api),
        (json!({"type": "expired"}), ErrorKind::Api),
    ] {
        let row = json!({"custom_id": "a", "result": result}).to_string();
        let row: anthropic::types::MessageBatchIndividualResponse =
            anthropic::types::from_slice(row.as_bytes()).unwrap();
        assert_eq!(row.parse::<River>().unwrap_err().kind(), kind);
    }
}
