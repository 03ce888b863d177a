//! Other models in place of one that declines. Ones that fail: `fallback_failures.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anthropic::fallback::RefusalFallback;
use anthropic::tools::{Outcome, tool_with};
use anthropic::types::{
    Beta, ContentBlock, Fallback, IterationsUsageItem, Json, Message, MessageCreateParams, Model,
    Speed, StopReason, Tool,
};
use anthropic::{Client, ErrorKind, RequestOptions};
use anthropic_sim::{Reply, Simulator};
use serde_json::{Value, json};

pub(crate) const FIRST: &str = "claude-opus-5-5";
pub(crate) const SECOND: &str = "claude-opus-4-8";
pub(crate) const THIRD: &str = "claude-sonnet-5";

fn fallback() -> RefusalFallback {
    RefusalFallback::new([
        Fallback::new(SECOND).max_tokens(512_u64),
        Fallback::new(THIRD),
    ])
}

async fn simulator(
    replies: impl IntoIterator<Item = Reply>,
    fallback: RefusalFallback,
) -> (Simulator, Client) {
    let simulator = Simulator::builder().replies(replies).start().await.unwrap();
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .max_retries(0)
        .middleware(fallback)
        .build()
        .unwrap();
    (simulator, client)
}

pub(crate) fn params() -> MessageCreateParams {
    MessageCreateParams::new(FIRST, 1024).user("Go.")
}

/// A refusal with a credit token, after what the model wrote.
fn refusal(reply: Reply, token: &str, may_continue: bool) -> Reply {
    let details = json!({
        "type": "refusal", "category": "cyber", "explanation": "No.",
        "fallback_credit_token": token, "fallback_has_prefill_claim": may_continue,
    });
    reply.stop_reason("refusal").field("stop_details", details)
}

fn at_once() -> Reply {
    Reply::refusal("cyber", "No.")
}

fn bodies(simulator: &Simulator) -> Vec<Value> {
    simulator
        .requests()
        .iter()
        .map(anthropic_sim::RecordedRequest::json)
        .collect()
}

pub(crate) async fn ask(
    client: &Client,
    params: MessageCreateParams,
    streams: bool,
) -> anthropic::Result<Message> {
    let messages = client.beta().messages();
    if streams {
        messages.stream(params).await?.final_message().await
    } else {
        messages.create(params).await
    }
}

/// The models before and after each place where one took over.
pub(crate) fn seams(message: &Message) -> Vec<(String, String)> {
    let seams = message.content.iter().filter_map(ContentBlock::as_fallback);
    seams
        .map(|seam| (seam.from.model.to_string(), seam.to.model.to_string()))
        .collect()
}

pub(crate) fn pair(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

#[tokio::test]
async fn a_refusal_before_any_output_goes_to_the_next_model() {
    for streams in [false, true] {
        let replies = [
            at_once(),
            refusal(Reply::new(), "tok_2", false),
            Reply::text("Yes."),
        ];
        let (simulator, client) = simulator(replies, fallback()).await;
        let message = ask(&client, params(), streams).await.unwrap();
        assert_eq!(message.text(), "Yes.");
        assert_eq!(message.stop_reason, Some(StopReason::EndTurn));
        assert_eq!(seams(&message), [pair(FIRST, SECOND), pair(SECOND, THIRD)]);
        let bodies = bodies(&simulator);
        let models: Vec<&str> = bodies
            .iter()
            .filter_map(|body| body["model"].as_str())
            .collect();
        assert_eq!(models, [FIRST, SECOND, THIRD]);
        assert_eq!(bodies[1]["max_tokens"], 512);
        assert_eq!(bodies[2]["max_tokens"], 1024, "entries change the original");
        assert!(bodies[1].get("fallback_credit_token").is_none());
        assert_eq!(
            bodies[2]["fallback_credit_token"],
            json!({"token": "tok_2", "mode": "best_effort"})
        );
        for request in simulator.requests() {
            let betas = request
                .header("anthropic-beta")
                .unwrap_or_default()
                .to_owned();
            assert!(betas.contains("fallback-credit-2026-07-01"), "{betas}");
        }
    }
}

#[tokio::test]
async fn a_stream_goes_on_with_the_next_model() {
    for may_continue in [false, true] {
        let first = Reply::new()
            .with_thinking("Hm.")
            .with_text("The first step")
            .with_thinking("No.");
        let replies = [
            refusal(first, "tok_1", may_continue),
            Reply::text(" is to look.").with_text("Then go."),
        ];
        let (simulator, client) = simulator(replies, fallback()).await;
        let message = ask(&client, params(), true).await.unwrap();
        let names: Vec<&str> = message
            .content
            .iter()
            .map(ContentBlock::type_name)
            .collect();
        assert_eq!(
            names,
            ["thinking", "text", "thinking", "fallback", "text", "text"]
        );
        assert_eq!(message.stop_reason, Some(StopReason::EndTurn));
        assert_eq!(message.model, Model::from(SECOND));
        let steps = message.usage.iterations.as_deref().unwrap();
        assert_eq!(steps.len(), 2, "{steps:?}");
        assert!(matches!(&steps[0], IterationsUsageItem::Message(_)));
        let IterationsUsageItem::FallbackMessage(last) = &steps[1] else {
            panic!("{steps:?}");
        };
        assert_eq!(last.model, Model::from(SECOND));
        let sent = &bodies(&simulator)[1];
        assert_eq!(sent["fallback_credit_token"]["token"], "tok_1");
        let messages = sent["messages"].as_array().unwrap();
        if may_continue {
            let content = messages[1]["content"].as_array().unwrap();
            let names: Vec<&Value> = content.iter().map(|block| &block["type"]).collect();
            assert_eq!(names, ["thinking", "text"], "a turn can't end in thinking");
            assert_eq!(content[1]["text"], "The first step");
        } else {
            assert_eq!(messages.len(), 1);
        }
    }
}

#[tokio::test]
async fn a_continuation_that_is_refused_is_left_out() {
    let replies = [
        refusal(Reply::text("So"), "tok_1", true),
        Reply::error(400, "invalid_request_error", "body mismatch"),
        Reply::text("Yes."),
    ];
    let (simulator, client) = simulator(replies, fallback()).await;
    let message = ask(&client, params(), true).await.unwrap();
    assert_eq!(message.text(), "SoYes.");
    let bodies = bodies(&simulator);
    let counts: Vec<usize> = bodies
        .iter()
        .map(|it| it["messages"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [1, 2, 1]);
    assert_eq!(bodies[2]["model"], SECOND);
    assert_eq!(bodies[2]["fallback_credit_token"]["token"], "tok_1");
}

#[tokio::test]
async fn a_model_that_can_not_be_asked_is_passed_over_and_its_token_kept() {
    for streams in [false, true] {
        let replies = [
            refusal(Reply::new(), "tok_1", false),
            Reply::error(529, "overloaded_error", "Overloaded"),
            Reply::text("Yes."),
        ];
        let (simulator, client) = simulator(replies, fallback()).await;
        let message = ask(&client, params(), streams).await.unwrap();
        assert_eq!(seams(&message), [pair(FIRST, THIRD)]);
        assert_eq!(
            bodies(&simulator)[2]["fallback_credit_token"]["token"],
            "tok_1"
        );
        // None is left.
        let replies = [
            refusal(Reply::text("So"), "tok_1", false),
            Reply::error(500, "api_error", "Sorry"),
            Reply::error(529, "overloaded_error", "Overloaded"),
        ];
        let (simulator, client) = self::simulator(replies, fallback()).await;
        let message = ask(&client, params(), streams).await.unwrap();
        assert_eq!(message.stop_reason, Some(StopReason::Refusal));
        assert_eq!(message.text(), "So");
        let details = message.stop_details.unwrap();
        assert_eq!(details.recommended_model.as_deref(), Some(THIRD));
        assert_eq!(simulator.requests().len(), 3);
    }
}

#[tokio::test]
async fn a_model_that_took_over_before_is_the_one_that_declines() {
    let seam = json!({"type": "fallback", "from": {"model": FIRST}, "to": {"model": "another"}});
    let first = Reply::new().with_block(seam).with_text("The first step");
    let replies = [refusal(first, "tok_1", false), Reply::text("is to look.")];
    let (_simulator, client) = simulator(replies, fallback()).await;
    let message = ask(&client, params(), true).await.unwrap();
    assert_eq!(
        seams(&message),
        [pair(FIRST, "another"), pair("another", SECOND)]
    );
}

#[tokio::test]
async fn a_refusal_in_mid_stream_without_a_token_is_the_caller_s() {
    let replies = [Reply::text("So").stop_reason("refusal")];
    let (simulator, client) = simulator(replies, fallback()).await;
    let message = ask(&client, params(), true).await.unwrap();
    assert_eq!(message.stop_reason, Some(StopReason::Refusal));
    assert_eq!(simulator.requests().len(), 1);
}

#[tokio::test]
async fn what_is_no_refusal_passes_as_it_came() {
    for streams in [false, true] {
        let replies = [
            Reply::text("A refusal? No."),
            Reply::error(429, "rate_limit_error", "Slow down"),
        ];
        let (simulator, client) = simulator(replies, fallback()).await;
        let message = ask(&client, params(), streams).await.unwrap();
        assert_eq!(message.text(), "A refusal? No.");
        let error = ask(&client, params(), streams).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(simulator.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_sticky_one_begins_where_the_last_one_ended() {
    for streams in [false, true] {
        let sticky = fallback().sticky();
        let replies = [
            at_once(),
            Reply::text("One."),
            Reply::text("Two."),
            at_once(),
            Reply::text("Three."),
        ];
        let (simulator, client) = simulator(replies, sticky.clone()).await;
        assert_eq!(sticky.accepted(), None);
        let first = ask(&client, params(), streams).await.unwrap();
        assert_eq!(sticky.accepted(), Some(SECOND));
        // The place of the fallback does not go back to the API.
        let next = params().message(first).user("And then?");
        ask(&client, next, streams).await.unwrap();
        let last = ask(&client, params(), streams).await.unwrap();
        assert_eq!(seams(&last), [pair(SECOND, THIRD)]);
        let bodies = bodies(&simulator);
        let models: Vec<&str> = bodies
            .iter()
            .filter_map(|body| body["model"].as_str())
            .collect();
        assert_eq!(models, [FIRST, SECOND, SECOND, SECOND, THIRD]);
        assert!(!bodies[2]["messages"].to_string().contains("fallback"));
        assert_eq!(bodies[2]["max_tokens"], 512);
    }
}

#[tokio::test]
async fn the_speed_is_dropped_where_a_model_is_too_busy_for_it() {
    let replies = [
        at_once(),
        Reply::error(429, "rate_limit_error", "Too fast"),
        Reply::text("Yes."),
    ];
    let (simulator, client) = simulator(replies, fallback()).await;
    let params = params().speed(Speed::Fast);
    let request = client.beta().messages().create(params);
    let message = request.beta(Beta::FAST_MODE_2026_02_01).await.unwrap();
    assert_eq!(message.text(), "Yes.");
    let bodies = bodies(&simulator);
    assert_eq!(bodies[1]["speed"], "fast");
    assert!(bodies[2].get("speed").is_none() && bodies[2]["model"] == SECOND);
}

#[tokio::test]
async fn the_speed_is_dropped_for_the_model_that_took_over_before() {
    let replies = [
        at_once(),
        Reply::text("One."),
        Reply::error(529, "overloaded_error", "Too fast"),
        Reply::text("Two."),
    ];
    let (simulator, client) = simulator(replies, fallback().sticky()).await;
    for text in ["One.", "Two."] {
        let request = client.beta().messages().create(params().speed(Speed::Fast));
        let message = request.beta(Beta::FAST_MODE_2026_02_01).await.unwrap();
        assert_eq!(message.text(), text);
    }
    let bodies = bodies(&simulator);
    assert_eq!(bodies[2]["speed"], "fast");
    assert!(bodies[3].get("speed").is_none() && bodies[3]["model"] == SECOND);
}

#[tokio::test]
async fn no_model_took_over_where_all_decline() {
    for streams in [false, true] {
        let sticky = fallback().sticky();
        let (_simulator, client) =
            simulator([at_once(), at_once(), at_once()], sticky.clone()).await;
        let message = ask(&client, params(), streams).await.unwrap();
        assert_eq!(message.stop_reason, Some(StopReason::Refusal));
        let accepted = if streams { Some(THIRD) } else { None };
        assert_eq!(
            sticky.accepted(),
            accepted,
            "a refusal of the last one is streamed"
        );
    }
}

#[tokio::test]
async fn the_api_s_own_fallbacks_are_refused() {
    let (simulator, client) = simulator([], fallback()).await;
    let params = params().fallbacks(vec![Fallback::new(SECOND)]);
    let error = client.beta().messages().create(params).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Middleware);
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_run_does_not_run_the_calls_of_a_model_that_declined() {
    for (streams, eager) in [(false, false), (true, false), (true, true)] {
        let first = Reply::new().with_tool_use("delete", json!({"x": 1}));
        // The model goes on from its call before it declines.
        let first = first.with_text("Then I'll look.");
        let replies = [
            refusal(first, "tok_1", true),
            Reply::text("I'd rather look.").with_tool_use("look", json!({"x": 2})),
            Reply::text("Done."),
        ];
        let simulator = Simulator::builder().replies(replies).start().await.unwrap();
        let client = Client::builder()
            .api_key(simulator.api_key())
            .base_url(simulator.url())
            .build()
            .unwrap();
        let deleted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&deleted);
        let define = |name: &str| {
            let schema = json!({"type": "object", "properties": {"x": {"type": "integer"}}});
            Tool::new(schema, name).description("A test's tool.")
        };
        let delete = tool_with(define("delete"), move |_: Json, _| {
            count.fetch_add(1, Ordering::SeqCst);
            async { "deleted" }
        });
        let look = tool_with(define("look"), |_: Json, _| async { "seen" });
        let options = RequestOptions::new().middleware(fallback().sticky());
        let run = client.beta().messages().run(params()).tools((delete, look));
        let run = run.options(options).stream(streams).eager_tools(eager);
        let outcome = run.await.unwrap();
        assert!(matches!(outcome, Outcome::Answer(_)), "{outcome:?}");
        assert_eq!(outcome.text().unwrap(), "Done.");
        assert_eq!(deleted.load(Ordering::SeqCst), 0);
        assert_eq!(outcome.transcript().calls(), 1);
        let last = bodies(&simulator).pop().unwrap();
        assert_eq!(last["model"], SECOND);
        assert!(!last["messages"].to_string().contains("\"fallback\""));
    }
}
