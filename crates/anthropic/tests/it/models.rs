//! Which models a request may name, and what is logged about the old ones.

#[cfg(feature = "agents")]
use anthropic::types::agents::{
    AgentCreateParams, AgentUpdateParams, DreamCreateParams, DreamCreateParamsModel, DreamInput,
    ModelConfigParams,
};
use anthropic::types::{
    BatchRequest, Fallback, Message, MessageCountTokensParams, MessageCreateParams, Model, to_vec,
};
use serde_json::{Value, json};

use crate::support::{Reply, Script, client, traces};

fn params(model: &str) -> MessageCreateParams {
    MessageCreateParams::new(model, 16_u64).user("Hello")
}

/// How often a model has been named in a trace of this thread.
fn named(model: &str) -> usize {
    traces::of_this_thread()
        .matches(&format!("model={model:?}"))
        .count()
}

#[tokio::test]
async fn a_deprecated_model_is_sent_and_warned_of_once() {
    traces::watch();
    let script = Script::new((0..5).map(|_| Reply::status(404)));
    let client = client(&script);
    // No other test of this program names these.
    let (old, older, newest) = (
        "claude-instant-1.1-100k",
        "claude-3-haiku-20240307",
        "claude-of-tomorrow",
    );
    for model in [old, newest, older, old] {
        client.messages().create(params(model)).await.unwrap_err();
    }
    client.messages().stream(params(old)).await.unwrap_err();
    let bodies = script.sent();
    assert_eq!(bodies.len(), 5);
    assert!(String::from_utf8_lossy(&bodies[0].body).contains(old));
    assert_eq!((named(old), named(older), named(newest)), (1, 1, 0));
    let text = traces::of_this_thread();
    assert_eq!(text.matches("the model is deprecated").count(), 2, "{text}");
    assert!(text.contains(r#"end_of_life="2024-11-06""#), "{text}");
}

/// Some gateways choose the model themselves; the API refuses such a request, and names the field.
#[tokio::test]
async fn a_model_without_a_name_is_sent_as_it_is() {
    let script = Script::new((0..3).map(|_| Reply::status(404)));
    let client = client(&script);
    let messages = client.messages();
    messages.create(params("")).await.unwrap_err();
    messages.stream(params("")).await.unwrap_err();
    let beta = client.beta().messages();
    beta.create(params("")).await.unwrap_err();
    let sent = script.sent();
    assert_eq!(sent.len(), 3);
    for request in &sent {
        let body = String::from_utf8_lossy(&request.body);
        assert!(body.contains(r#""model":"""#), "{body}");
    }
}

#[tokio::test]
async fn a_deprecated_model_is_warned_of_wherever_it_is_named() {
    traces::watch();
    let script = Script::new((0..5).map(|_| Reply::status(404)));
    let client = client(&script);
    let messages = client.messages();
    // No other test of this program names these.
    let counted = MessageCountTokensParams::new("claude-2.0").user("Hello");
    messages.count_tokens(counted).await.unwrap_err();
    let rows = [
        "claude-instant-1.2",
        "claude-opus-5-5",
        "claude-3-opus-20240229",
    ]
    .map(|model| BatchRequest::new(model, params(model)));
    messages.batches().create(rows.clone()).await.unwrap_err();
    let beta = client.beta();
    let batches = beta.messages().batches();
    batches.create(rows).await.unwrap_err();
    for (model, times) in [
        ("claude-2.0", 1),
        ("claude-instant-1.2", 1),
        ("claude-3-opus-20240229", 1),
        ("claude-opus-5-5", 0),
    ] {
        assert_eq!(named(model), times, "{model}");
    }
}

#[cfg(feature = "agents")]
#[tokio::test]
async fn agents_dreams_and_fallbacks_are_looked_at_too() {
    traces::watch();
    let script = Script::new((0..9).map(|_| Reply::status(404)));
    let client = client(&script);
    // No other test of this program names these.
    let [agent, updated, dream, fallback, said] = [
        "claude-opus-4-0",
        "claude-opus-4-20250514",
        "claude-sonnet-4-0",
        "claude-sonnet-4-20250514",
        "claude-3-5-sonnet-20240620",
    ];
    let beta = client.beta();
    let config = ModelConfigParams::new(agent);
    let create = AgentCreateParams::new(config, "name");
    beta.agents().create(create).await.unwrap_err();
    let update = AgentUpdateParams::new().model(Model::from(updated));
    beta.agents().update("a", update).await.unwrap_err();
    let dreams = DreamCreateParams::new(
        Vec::<DreamInput>::new(),
        DreamCreateParamsModel::Text(dream.to_owned()),
    );
    beta.dreams().create(dreams).await.unwrap_err();
    let with_fallback = || {
        let fallbacks = vec![Fallback::new(fallback)];
        params("claude-opus-5-5").fallbacks(fallbacks)
    };
    beta.messages().create(with_fallback()).await.unwrap_err();
    beta.messages().create(with_fallback()).await.unwrap_err();
    // What is said of models, and what a tool takes or took, names none.
    let text = json!({"model": said}).to_string();
    let mut spoken = params("claude-opus-5-5").user(text);
    spoken
        .extra
        .set("brand_new", &json!({"model": said}))
        .unwrap();
    beta.messages().create(spoken).await.unwrap_err();
    for (model, times) in [
        (agent, 1),
        (updated, 1),
        (dream, 1),
        (fallback, 1),
        (said, 0),
    ] {
        assert_eq!(named(model), times, "{model}");
    }
}

#[cfg(feature = "operations")]
#[tokio::test]
async fn a_call_by_name_warns_of_its_models_too() {
    traces::watch();
    let script = Script::new((0..3).map(|_| Reply::status(404)));
    let client = client(&script);
    let call = |id| client.call(anthropic::operations::find(id).unwrap());
    // No other test of this program names these.
    let (one, row) = ("claude-3-5-haiku-20241022", "claude-3-7-sonnet-20250219");
    let count = call("messages.count_tokens").param("model", one);
    count.param("messages", json!([])).await.unwrap_err();
    let rows = json!([{"custom_id": "a"}, 7, {"params": {"model": row}}]);
    let batch = call("beta.messages.batches.create").param("requests", rows);
    batch.await.unwrap_err();
    // What is no model at all is sent.
    let odd = call("messages.count_tokens").param("model", 7);
    odd.param("messages", json!([])).await.unwrap_err();
    assert_eq!((named(one), named(row), script.sent().len()), (1, 1, 3));
}

#[tokio::test]
async fn every_known_model_goes_round() {
    let script = Script::new(Model::KNOWN.iter().map(|model| {
        let body = json!({
            "id": "m", "type": "message", "role": "assistant", "model": model.as_str(),
            "content": [], "usage": {"input_tokens": 1, "output_tokens": 2},
        });
        Reply::new(
            200,
            &[("content-type", "application/json")],
            body.to_string(),
        )
    }));
    let client = client(&script);
    for model in Model::KNOWN {
        // Not by `create`, which would warn of those that other tests name.
        let request = client.post::<Message>("/v1/messages");
        let message = request.json(&params(model.as_str())).await.unwrap();
        assert_eq!(&message.model, model);
        let sent: Value = serde_json::from_slice(&script.take()[0].body).unwrap();
        assert_eq!(sent["model"], model.as_str());
        let written: Value = serde_json::from_slice(&to_vec(&message)).unwrap();
        assert_eq!(written["model"], model.as_str());
    }
}
