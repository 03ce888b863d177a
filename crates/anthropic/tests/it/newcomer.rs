//! Conversions: what somebody writes who does not know which types there are.

use anthropic::Client;
use anthropic::tools::{
    Decision, IntoToolOutput, IntoToolResult, ToolError, ToolOutput, tool_with,
};
use anthropic::types::{
    BatchCreateParams, BatchRequest, ContentBlock, DocumentBlock, ImageBlock, Json, MessageContent,
    MessageCountTokensParams, MessageCreateParams, MessageParam, Model, TextBlock, Tool,
    ToolReferenceBlock, ToolResultBlockContent, ToolResultContentBlock, ToolUseBlock,
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

    let usage = Usage::new(1, 2);
    assert_eq!(usage.clone() + &usage, &usage + &usage);
    assert_eq!(&usage + usage.clone(), Usage::new(2, 4));
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
