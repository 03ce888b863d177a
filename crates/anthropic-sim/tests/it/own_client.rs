//! The client of this repository: it knows every block the simulator makes, and folds its streams
//! to its messages.

use anthropic::Client;
use anthropic::types::{ContentBlock, MessageCreateParams, Model, StopReason};
use anthropic_sim::{Citation, Reply, Simulator};
use serde_json::{Value, json};

fn replies() -> Vec<Reply> {
    let url = "https://example.com/";
    vec![
        Reply::new().with_thinking("Let me see.").with_text("Yes."),
        Reply::new().with_redacted_thinking("abc").with_text("Yes."),
        Reply::tool_use("weather", json!({"city": "Bern", "days": [1, 2.5]})),
        Reply::new().with_cited_text(
            "cited",
            [
                Citation::characters("c", 0, 0..1),
                Citation::pages("p", 0, 1..2),
                Citation::blocks("b", 0, 0..1),
                Citation::web("w").source(url).title("Web"),
                Citation::search_result("s", 0, 0..1).source("source"),
            ],
        ),
        Reply::new().with_web_search("rivers", [(url, "Rivers")]),
        Reply::new().with_web_fetch(url, "page"),
        Reply::new().with_code_execution("print(1)", "1\n"),
        Reply::new().with_bash("ls", "a\n"),
        Reply::new()
            .with_file_created("/a", "x")
            .with_file_viewed("/a", "x"),
        Reply::new().with_tool_search("weather", ["weather"]),
        Reply::new().with_advice("Think."),
        Reply::new().with_mcp_tool("files", "read", json!({"path": "/a"}), "text"),
        Reply::compaction("All was said."),
        Reply::refusal("cyber", "No."),
        Reply::text("wait").pause_turn(),
        Reply::text("to the end").stop_sequence("END"),
    ]
}

fn client(simulator: &Simulator) -> Client {
    Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .build()
        .unwrap()
}

#[tokio::test]
async fn every_known_model_takes_a_message_and_streams_one() {
    let simulator = Simulator::start().await.unwrap();
    let client = client(&simulator);
    assert!(Model::KNOWN.len() > 40, "{}", Model::KNOWN.len());
    for model in Model::KNOWN {
        let params = MessageCreateParams::new(model.clone(), 1024).user("Hello.");
        let plain = client.messages().create(params.clone()).await;
        let plain = plain.unwrap_or_else(|error| panic!("{model}: {error}"));
        let stream = client.messages().stream(params).await;
        let stream = stream.unwrap_or_else(|error| panic!("{model}: {error}"));
        let streamed = stream.final_message().await;
        let streamed = streamed.unwrap_or_else(|error| panic!("{model}: {error}"));
        // An alias is that of a model with a date.
        assert!(Model::KNOWN.contains(&plain.model), "{}", plain.model);
        assert_eq!(streamed.model, plain.model);
        for message in [plain, streamed] {
            assert_eq!(message.stop_reason, Some(StopReason::EndTurn), "{model}");
            assert!(
                !message.text().is_empty() && message.usage.output_tokens > 0,
                "{model}"
            );
        }
        let requests = simulator.requests();
        let [.., whole, stream] = &*requests else {
            panic!("{} requests", requests.len())
        };
        let sent = [whole.json(), stream.json()];
        let sent: Vec<_> = sent
            .iter()
            .map(|body| (&body["model"], &body["stream"]))
            .collect();
        let name = json!(model.as_str());
        assert_eq!(sent, [(&name, &Value::Null), (&name, &json!(true))]);
    }
}

#[tokio::test]
async fn every_reply_is_known_and_folds() {
    let simulator = Simulator::start().await.unwrap();
    let client = client(&simulator);
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Go on.");
    for reply in replies() {
        let shown = format!("{reply:?}");
        simulator.reply(reply.clone());
        simulator.reply(reply);
        let plain = client
            .beta()
            .messages()
            .create(params.clone())
            .await
            .unwrap();
        let stream = client
            .beta()
            .messages()
            .stream(params.clone())
            .await
            .unwrap();
        assert_eq!(stream.final_message().await.unwrap(), plain, "{shown}");
        for block in &plain.content {
            assert!(!matches!(block, ContentBlock::Unrecognized(_)), "{block:?}");
        }
        assert!(!format!("{plain:?}").contains("Unrecognized"), "{plain:?}");
    }
}
