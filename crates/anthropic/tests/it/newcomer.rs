//! Conversions: what somebody writes who does not know which types there are.

use std::time::Duration;

use anthropic::Client;
use anthropic::fallback::RefusalFallback;
use anthropic::tools::{
    Decision, IntoToolOutput, IntoToolResult, Outcome, ToolCall, ToolError, ToolOutput, tool_with,
};
use anthropic::types::{
    BatchCreateParams, BatchRequest, ContentBlock, DocumentBlock, Fallback, ImageBlock, Json,
    MessageContent, MessageCountTokensParams, MessageCreateParams, MessageParam, Model, TextBlock,
    Tool, ToolReferenceBlock, ToolResultBlockContent, ToolResultContentBlock, ToolUseBlock,
    UrlImageSource, Usage,
};
use anthropic_sim::{Reply, Simulator};
use serde_json::{Value, json};

#[derive(Debug, PartialEq, serde::Deserialize, schemars::JsonSchema)]
struct River {
    name: String,
}

fn image() -> ImageBlock {
    ImageBlock::new(UrlImageSource::new("https://example.com/a.png"))
}

fn text() -> TextBlock {
    TextBlock::new("Basel")
}

fn base() -> MessageCreateParams {
    MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
}

/// The types of the blocks, or the text.
fn types(content: &Value) -> String {
    let Some(blocks) = content.as_array() else {
        return content.as_str().unwrap().to_owned();
    };
    let types = blocks.iter().map(|it| it["type"].as_str().unwrap());
    types.collect::<Vec<_>>().join(" ")
}

fn user(content: impl Into<MessageContent>) -> String {
    let MessageParam::User(turn) = MessageParam::user(content) else {
        unreachable!("it is the user's")
    };
    types(&serde_json::to_value(turn.content).unwrap())
}

fn result(content: impl Into<ToolResultBlockContent>) -> String {
    let call = ToolUseBlock::new("toolu_1", Json::default(), "map");
    let block = serde_json::to_value(call.result(content)).unwrap();
    types(&block["content"])
}

fn output(output: &ToolOutput) -> String {
    output.content().map_or_else(String::new, |content| {
        types(&serde_json::to_value(content).unwrap())
    })
}

#[test]
fn what_a_newcomer_writes_compiles() {
    let name = String::from("Basel");

    let params = MessageCreateParams::new(&name, 1024)
        .system(&name)
        .user(&name);
    assert_eq!(params.model.as_str(), name);
    let written = serde_json::to_value(&params).unwrap();
    assert_eq!(written["system"], "Basel");
    assert_eq!(written["messages"][0]["content"], "Basel");
    let _ = base()
        .system(text())
        .system([text(), text()])
        .system(vec![text()]);

    assert_eq!(user(&name), "Basel");
    assert_eq!(user(text()), "text");
    assert_eq!(user([text(), text()]), "text text");
    assert_eq!(user([image(), image()]), "image image");
    assert_eq!(user(vec![image()]), "image");
    let document = DocumentBlock::from_bytes("The Rhine").unwrap();
    assert_eq!(user([document.clone()]), "document");
    assert_eq!(user((image(), "Where is it?")), "image text");
    assert_eq!(
        user((document, image(), &name, text())),
        "document image text text"
    );
    let six = (image(), "a", image(), "b", image(), "c");
    assert_eq!(user(six), "image text image text image text");
    assert_eq!(
        user([ContentBlock::from(image()), name.as_str().into()]),
        "image text"
    );
    assert_eq!(
        user(vec![ContentBlock::from(image()), text().into()]),
        "image text"
    );

    assert_eq!(result(&name), "Basel");
    assert_eq!(result(text()), "text");
    assert_eq!(result([text(), text()]), "text text");
    assert_eq!(result([image(), image()]), "image image");
    assert_eq!(result(vec![image()]), "image");
    assert_eq!(result((text(), image())), "text image");
    assert_eq!(result(json!({"a": 1})), r#"{"a":1}"#);

    let document = DocumentBlock::from_bytes("The Rhine").unwrap();
    let cited = document.citations(true).citations.unwrap();
    assert_eq!(cited.enabled, Some(true));

    let models = base().fallbacks([Model::CLAUDE_OPUS_4_8, (&name).into()]);
    let named = base().fallbacks(["claude-opus-4-8", "Basel"]);
    assert_eq!(models, named);
    let sent = serde_json::to_value(&models).unwrap();
    assert_eq!(
        sent["fallbacks"],
        json!([{"model": "claude-opus-4-8"}, {"model": "Basel"}])
    );
    let given = RefusalFallback::new([Fallback::new("claude-opus-4-8"), name.clone().into()]);
    let models = RefusalFallback::new(["claude-opus-4-8", &name]);
    assert_eq!(format!("{models:?}"), format!("{given:?}"));

    let usage = Usage::new(1, 2);
    assert_eq!(usage.clone() + &usage, &usage + &usage);
    assert_eq!(&usage + usage.clone(), Usage::new(2, 4));
}

#[tokio::test]
async fn what_takes_futures_takes_runs_and_polls() {
    let replies = [Reply::tool_use("map", json!({})), Reply::text("Here.")];
    let simulator = Simulator::builder().replies(replies).start().await.unwrap();
    let builder = Client::builder().api_key(simulator.api_key());
    let client = builder.base_url(simulator.url()).build().unwrap();
    let tool = Tool::new(json!({"type": "object"}), "map").description("A map.");
    let map = tool_with(tool, |_: Json, _| async { "a map" }).needs_approval();
    let params = base().user("Where is it?");

    let run = client.messages().run(params).tools(map.clone());
    let outcome = tokio::spawn(run.send()).await.unwrap().unwrap();
    let error = outcome.text().unwrap_err().to_string();
    assert!(error.contains(": a tool call waits for a decision; go on"));
    let Outcome::Waiting(waiting) = outcome else {
        panic!("{error}");
    };
    let approvals: Vec<_> = waiting.calls().map(ToolCall::approve).collect();
    let run = client.messages().resume(*waiting, approvals).tools(map);
    let outcome = tokio::spawn(run.send()).await.unwrap().unwrap();
    let Outcome::Answer(run) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(run.text(), "Here.");
    assert_eq!(run.into_messages().len(), 4);

    let batch = BatchRequest::new("a", base().user("Go."));
    let batch = client.messages().batches().create(batch).await.unwrap();
    let poller = client.messages().batches().poll(&batch.id);
    let poller = poller.every(Duration::from_millis(10));
    let batch = tokio::spawn(poller.send()).await.unwrap().unwrap();
    assert_eq!(batch.request_counts.succeeded, 1);
}

#[test]
fn what_a_tool_returns_is_taken_as_it_is() {
    let name = String::from("Basel");

    assert_eq!(output(&ToolOutput::from(&name)), "Basel");
    assert_eq!(output(&ToolOutput::from(json!({"a": 1}))), r#"{"a":1}"#);
    assert_eq!(output(&ToolOutput::from(json!("Basel"))), "Basel");
    assert_eq!(ToolOutput::from(Value::Null), ToolOutput::empty());
    for json in [json!({"a": [1]}), json!("Basel"), json!(null)] {
        let same = ToolOutput::from(Json::new(&json).unwrap());
        assert_eq!(ToolOutput::from(json.clone()), same);
        assert_eq!(json.into_tool_output().unwrap(), same);
    }
    assert_eq!(output(&ToolOutput::from([image(), image()])), "image image");
    assert_eq!(output(&ToolOutput::from(vec![text()])), "text");
    let _ = (Decision::answer(json!({})), Decision::answer(&name));
    let _ = ToolError::new("It failed.").for_model(json!({"code": 5}));

    let array = [image(), image(), image()];
    let union = array.clone().map(ToolResultContentBlock::from);
    let expected = ToolOutput::from(union.to_vec());
    for made in [
        array.clone().into_tool_output(),
        array.clone().into_tool_result(),
        array.to_vec().into_tool_result(),
        union.clone().into_tool_output(),
        union.into_tool_result(),
        Ok::<_, ToolError>(array).into_tool_result(),
    ] {
        assert_eq!(made.unwrap(), expected);
    }
    let texts = [text(), text()].into_tool_output().unwrap();
    assert_eq!(output(&texts), "text text");
    let most: [_; 32] = std::array::from_fn(|_| text());
    let expected = ToolOutput::from(most.to_vec());
    assert_eq!(most.into_tool_output().unwrap(), expected);
    let none: [TextBlock; 0] = [];
    assert_eq!(
        none.clone().into_tool_output().unwrap(),
        ToolOutput::from(none)
    );
    let tools = [ToolReferenceBlock::new("map")];
    let expected = ToolOutput::from(tools.clone());
    assert_eq!(tools.into_tool_output().unwrap(), expected);
    // An array of other values is JSON.
    assert_eq!([1, 2].into_tool_output().unwrap().text(), "[1,2]");

    let tool = Tool::new(json!({"type": "object"}), "map").description("A map.");
    let _ = tool_with(tool, |_: Json, _| async { [text(), text()] });
}

#[test]
fn a_batch_is_made_of_what_gives_requests() {
    let names = ["a", "b"];
    let requests = || {
        names
            .iter()
            .map(|name| BatchRequest::new(*name, base().user("Go.")))
    };
    let all: Vec<BatchRequest> = requests().collect();
    for params in [
        BatchCreateParams::from(requests()),
        requests().collect(),
        all.clone().into(),
        [all[0].clone(), all[1].clone()].into(),
    ] {
        assert_eq!(params.requests, all);
    }
    assert_eq!(BatchCreateParams::from(all[0].clone()).requests.len(), 1);
}

#[tokio::test]
async fn parameters_can_be_lent_wherever_they_are_taken() {
    let replies = (0..9).map(|_| Reply::text(r#"{"name": "Rhine"}"#));
    let simulator = Simulator::builder().replies(replies).start().await.unwrap();
    let builder = Client::builder().api_key(simulator.api_key());
    let client = builder.base_url(simulator.url()).build().unwrap();
    let (messages, beta) = (client.messages(), client.beta().messages());
    let params = base().user("Which river flows through Basel?");

    let _ = (messages.create(&params), messages.stream(&params));
    let river = messages.parse::<River>(&params).await.unwrap();
    assert_eq!(river.into_output().unwrap().name, "Rhine");
    let river = beta.parse::<River>(&params).await.unwrap();
    assert_eq!(river.into_output().unwrap().name, "Rhine");
    let _ = (
        messages.parse_stream::<River>(&params),
        beta.parse_stream::<River>(&params),
    );
    let outcome = messages.run(&params).await.unwrap();
    assert_eq!(outcome.parse::<River>().unwrap().name, "Rhine");
    let _ = (beta.run(&params), beta.thread(&params));

    let counted = MessageCountTokensParams::from(&params);
    let (lent, given) = (
        messages.count_tokens(&counted).await.unwrap(),
        messages.count_tokens(&params).await.unwrap(),
    );
    assert_eq!(lent, given);
    assert_eq!(beta.count_tokens(&counted).await.unwrap(), given);

    let request = BatchRequest::new("rhine", &params);
    let batch = BatchCreateParams::from(request.clone());
    for made in [
        messages.batches().create(&batch),
        messages.batches().create(request.clone()),
        messages.batches().create(std::iter::once(request.clone())),
        beta.batches().create(&batch),
        beta.batches().create([request]),
    ] {
        made.await.unwrap();
        let sent = simulator.requests().pop().unwrap();
        assert_eq!(sent.json()["requests"][0]["custom_id"], "rhine");
    }
}
