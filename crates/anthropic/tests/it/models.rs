//! Which models a request may name, and what is logged about the old ones.

use anthropic::types::MessageCreateParams;

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
