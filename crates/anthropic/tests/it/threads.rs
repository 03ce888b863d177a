//! Conversations that the API holds.

use anthropic::tools::tool_with;
use anthropic::types::{
    CacheControlEphemeral, ContainerParams, ContentBlock, Json, MessageCreateParams, Model,
    SkillParams, StreamEvent, TextBlock, Tool, WebSearchTool20260209,
};
use anthropic::{Client, ErrorKind};
use anthropic_sim::faults::Fault;
use anthropic_sim::{Reply, Simulator};
use futures_core::stream::FusedStream;
use futures_util::StreamExt;
use serde_json::{Value, json};

async fn simulator(replies: impl IntoIterator<Item = Reply>) -> (Simulator, Client) {
    let simulator = Simulator::builder().replies(replies).start().await.unwrap();
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .max_retries(0)
        .build()
        .unwrap();
    (simulator, client)
}

fn params() -> MessageCreateParams {
    MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).system("Be brief.")
}

/// Of each request: what it does to the thread, and how many messages it sends.
fn sent(simulator: &Simulator) -> Vec<(String, usize)> {
    let requests = simulator.requests();
    let bodies = requests.iter().map(anthropic_sim::RecordedRequest::json);
    bodies
        .map(|body: Value| {
            let kind = body["thread"]["type"].as_str().unwrap_or("none").to_owned();
            assert_eq!(body.get("system").is_some(), kind != "continue", "{body}");
            (kind, body["messages"].as_array().unwrap().len())
        })
        .collect()
}

fn each(sent: &[(&str, usize)]) -> Vec<(String, usize)> {
    sent.iter()
        .map(|(kind, count)| ((*kind).to_owned(), *count))
        .collect()
}

fn lost() -> Reply {
    Reply::error(404, "not_found_error", "lost").details(json!({"error_code": "thread_not_found"}))
}

#[tokio::test]
async fn each_turn_sends_only_what_is_new() {
    let replies = ["One.", "Two.", "Three."].map(Reply::text);
    let (simulator, client) = simulator(replies).await;
    let mut thread = client.beta().messages().thread(params());
    assert_eq!(thread.previous_message_id(), None);
    let first = thread.send("1?").await.unwrap();
    assert_eq!(thread.previous_message_id(), Some(&*first.id));
    let mut stream = thread.stream("2?").await.unwrap();
    let mut text = String::new();
    while let Some(event) = stream.try_next().await.unwrap() {
        text.push_str(event.text().unwrap_or_default());
    }
    let second = stream.final_message().await.unwrap();
    assert_eq!((text.as_str(), second.text().as_str()), ("Two.", "Two."));
    assert_eq!(thread.send("3?").await.unwrap().text(), "Three.");
    assert_eq!(
        sent(&simulator),
        each(&[("create", 1), ("continue", 1), ("continue", 1)])
    );
    assert_eq!(thread.messages().len(), 6);
}

/// One that has expired is replaced by the API, and what was asked of it stays.
#[tokio::test]
async fn the_newest_container_is_used() {
    for skills in [false, true] {
        let replies = ["1", "2", "3"].map(|id| {
            let container = json!({"id": id, "expires_at": "2026-01-01T00:00:00Z"});
            Reply::text("Done.").field("container", container)
        });
        let (simulator, client) = simulator(replies).await;
        let asked = if skills {
            params().container(ContainerParams::new().skills(Vec::<SkillParams>::new()))
        } else {
            params()
        };
        let mut thread = client.beta().messages().thread(asked);
        for turn in ["1?", "2?", "3?"] {
            thread.send(turn).await.unwrap();
        }
        let requests = simulator.requests();
        let used = requests
            .iter()
            .map(|request| request.json()["container"].clone());
        let expected = if skills {
            [
                json!({"skills": []}),
                json!({"id": "1", "skills": []}),
                json!({"id": "2", "skills": []}),
            ]
        } else {
            [json!(null), json!("1"), json!("2")]
        };
        assert_eq!(used.collect::<Vec<_>>(), expected);
    }
}

/// Whoever reads the events need not ask for the message, too.
#[tokio::test]
async fn a_stream_that_is_read_to_its_end_is_a_turn() {
    for to_the_stop in [false, true] {
        let replies = ["One.", "Two."].map(Reply::text);
        let (simulator, client) = simulator(replies).await;
        let mut thread = client.beta().messages().thread(params());
        let mut stream = thread.stream("1?").await.unwrap();
        while let Some(event) = stream.try_next().await.unwrap() {
            if to_the_stop && matches!(event, StreamEvent::MessageStop(_)) {
                break;
            }
        }
        drop(stream);
        assert_eq!(thread.messages().len(), 2);
        assert!(thread.previous_message_id().is_some());
        assert_eq!(thread.send("2?").await.unwrap().text(), "Two.");
        assert_eq!(sent(&simulator), each(&[("create", 1), ("continue", 1)]));
        assert_eq!(thread.messages().len(), 4);
    }
}

/// A stream that fails while it is read is none.
#[tokio::test]
async fn a_stream_that_breaks_is_taken_back() {
    let cut = Fault::on_stream(|transcript| Fault::cut_after(transcript, 4));
    let broken = Reply::text("One, and more.").fault(cut);
    let (simulator, client) = simulator([broken, Reply::text("Two.")]).await;
    let mut thread = client.beta().messages().thread(params());
    let mut stream = thread.stream("1?").await.unwrap();
    let failed = loop {
        match stream.next().await {
            Some(Ok(_)) => {}
            other => break other,
        }
    };
    assert!(failed.unwrap().is_err());
    assert!(stream.next().await.is_none());
    assert!(stream.final_message().await.is_err());
    assert_eq!(thread.messages().len(), 0);
    thread.send("2?").await.unwrap();
    assert_eq!(sent(&simulator), each(&[("create", 1), ("create", 1)]));
}

/// The API sends text that it does not take back.
#[tokio::test]
async fn blank_text_is_not_sent_back() {
    let replies = [
        Reply::text("\n\n").with_text("One."),
        Reply::text(" ").stop_reason("end_turn"),
        Reply::text("Three."),
    ];
    let (simulator, client) = simulator(replies).await;
    let mut thread = client.beta().messages().thread(params());
    thread.send("1?").await.unwrap();
    // The API takes what it holds itself.
    thread.send("2?").await.unwrap();
    // Another system prompt, so it is another thread.
    thread.params_mut().system = Some("Be long.".into());
    thread.send("3?").await.unwrap();
    let expected = [("create", 1), ("continue", 1), ("create", 4)];
    assert_eq!(sent(&simulator), each(&expected));
    let last = simulator.requests().last().unwrap().json();
    let expected = json!([
        {"role": "user", "content": "1?"},
        {"role": "assistant", "content": [{"type": "text", "text": "One."}]},
        {"role": "user", "content": "2?"},
        {"role": "user", "content": "3?"},
    ]);
    assert_eq!(last["messages"], expected);
}

#[tokio::test]
async fn a_lost_thread_is_begun_again_within_the_call() {
    for streams in [false, true] {
        let replies = [
            Reply::text("One."),
            lost(),
            Reply::text("Two."),
            lost(),
            lost(),
        ];
        let (simulator, client) = simulator(replies).await;
        let mut thread = client.beta().messages().thread(params());
        thread.send("1?").await.unwrap();
        let second = if streams {
            let stream = thread.stream("2?").await.unwrap();
            stream.final_message().await.unwrap()
        } else {
            thread.send("2?").await.unwrap()
        };
        assert_eq!(second.text(), "Two.");
        let error = thread.send("3?").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "not without end");
        assert_eq!(
            sent(&simulator),
            each(&[
                ("create", 1),
                ("continue", 1),
                ("create", 3),
                ("continue", 1),
                ("create", 5)
            ])
        );
        // The turn is taken back.
        assert_eq!(thread.messages().len(), 4);
        assert!(thread.send("3?").await.is_ok());
    }
}

#[tokio::test]
async fn a_turn_that_is_refused_fails_or_is_dropped_is_taken_back() {
    let (simulator, client) = simulator([
        Reply::text("One."),
        Reply::refusal("cyber", "No."),
        Reply::text("Two."),
        Reply::error(500, "api_error", "Sorry."),
        Reply::text("Three."),
        Reply::text("Four."),
    ])
    .await;
    let mut thread = client.beta().messages().thread(params());
    thread.send("1?").await.unwrap();
    thread.send("Break in.").await.unwrap();
    assert_eq!(thread.messages().len(), 2);
    assert_eq!(
        thread.previous_message_id(),
        None,
        "the API may hold the refused turn"
    );
    thread.send("2?").await.unwrap();
    thread.send("3?").await.unwrap_err();
    assert_eq!(thread.messages().len(), 4);
    let mut stream = thread.stream("3?").await.unwrap();
    stream.try_next().await.unwrap();
    drop(stream);
    assert_eq!(thread.messages().len(), 4);
    thread.send("4?").await.unwrap();
    assert_eq!(
        sent(&simulator),
        each(&[
            ("create", 1),
            ("continue", 1),
            ("create", 3),
            ("continue", 1),
            ("continue", 1),
            ("create", 5),
        ])
    );
}

#[tokio::test]
async fn changes_of_what_a_thread_keeps_begin_a_new_one() {
    let replies = (0..4).map(|_| Reply::text("Yes."));
    let (simulator, client) = simulator(replies).await;
    let mut thread = client.beta().messages().thread(params());
    thread.send("1?").await.unwrap();
    // Nothing of what it keeps.
    thread.params_mut().max_tokens = 7;
    thread.send("2?").await.unwrap();
    let tool = Tool::new(json!({"type": "object", "properties": {}}), "look").description("Looks.");
    thread.params_mut().tools = Some(vec![tool.into()]);
    thread.send("3?").await.unwrap();
    thread.params_mut().messages.truncate(2);
    thread.send("4?").await.unwrap();
    assert_eq!(
        sent(&simulator),
        each(&[("create", 1), ("continue", 1), ("create", 5), ("create", 3)])
    );
}

#[tokio::test]
async fn what_can_not_be_threaded_fails_unless_it_may_go_on_without() {
    for lenient in [false, true] {
        let unsupported = Reply::error(400, "invalid_request_error", "no")
            .details(json!({"error_code": "thread_unsupported_request", "unsupported": ["hipaa"]}));
        let (simulator, client) = simulator([unsupported, Reply::text("One.")]).await;
        let mut thread = client.beta().messages().thread(params());
        if lenient {
            thread = thread.or_unthreaded();
        }
        let first = thread.send("1?").await;
        assert_eq!(first.is_ok(), lenient);
        if lenient {
            thread.send("2?").await.unwrap();
            assert_eq!(
                sent(&simulator),
                each(&[("create", 1), ("none", 1), ("none", 3)])
            );
            let requests = simulator.requests();
            let betas = requests.iter().map(|it| it.header("anthropic-beta"));
            let threads = |betas: Option<&str>| betas.is_some_and(|it| it.contains("threads"));
            assert_eq!(betas.map(threads).collect::<Vec<_>>(), [true, false, false]);
        }
    }
}

#[tokio::test]
async fn the_events_of_a_turn_are_a_stream() {
    let (_simulator, client) = simulator([Reply::text("One.")]).await;
    let mut thread = client.beta().messages().thread(params());
    let mut stream = thread.stream("A secret?").await.unwrap();
    assert!(stream.snapshot().is_none());
    assert!(!stream.is_terminated());
    let mut events = Vec::new();
    while let Some(event) = StreamExt::next(&mut stream).await {
        events.push(event.unwrap());
    }
    assert!(matches!(events.last(), Some(StreamEvent::MessageStop(_))));
    assert_eq!(stream.snapshot().unwrap().text(), "One.");
    assert!(stream.is_terminated());
    let text = format!("{stream:?}");
    assert!(text.starts_with("ThreadStream { stream: MessageStream"));
    assert!(!text.contains("secret"), "{text}");
}

/// The whole conversation has those of all turns, and the API takes four.
#[tokio::test]
async fn a_thread_that_begins_again_has_as_many_breakpoints_as_the_api_takes() {
    let replies = (0..6).map(|_| Reply::text("Yes."));
    let replies = replies.chain([lost(), Reply::text("Yes.")]);
    let (simulator, client) = simulator(replies).await;
    let mut thread = client.beta().messages().thread(params());
    for turn in 0..7 {
        let text = TextBlock::new(format!("{turn}?"));
        let text = text.cache_control(CacheControlEphemeral::new());
        thread.send(vec![ContentBlock::from(text)]).await.unwrap();
    }
    let whole = simulator.requests().last().unwrap().json()["messages"].clone();
    let whole = whole.as_array().unwrap().iter().map(Value::to_string);
    let marked: Vec<bool> = whole.map(|it| it.contains("cache_control")).collect();
    assert_eq!(marked.len(), 13);
    let places = marked.iter().enumerate().filter(|(_, it)| **it);
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    assert_eq!(places, [6, 8, 10, 12], "the newest");
}

/// What it holds is not what the conversation has: a name that no tool may have, what another model
/// went on from.
#[tokio::test]
async fn a_run_begins_a_thread_again_where_the_api_holds_something_else() {
    let call = |name: &str| Reply::new().with_tool_use(name, json!({"x": 1}));
    let step = json!({"type": "fallback_message", "model": "other", "input_tokens": 1, "output_tokens": 1,
        "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0, "cache_creation": null});
    let of_other = call("look").field("usage", json!({"iterations": [step]}));
    for (reply, next) in [
        (call("look"), ("continue", 1)),
        (call("look around"), ("create", 3)),
        (of_other, ("create", 3)),
    ] {
        let (simulator, client) = simulator([reply, Reply::text("Done.")]).await;
        let schema = json!({"type": "object", "properties": {"x": {"type": "integer"}}});
        let look = Tool::new(schema, "look").description("Looks.");
        let look = tool_with(look, |_: Json, _| async { "seen" });
        let run = client
            .beta()
            .messages()
            .run(params().user("Go."))
            .tools(look);
        run.thread(true).await.unwrap().text().unwrap();
        assert_eq!(sent(&simulator), each(&[("create", 1), next]));
    }
}

/// The API has all of it, and goes on.
#[tokio::test]
async fn a_turn_that_is_paused_goes_on_with_nothing_new() {
    let search = json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}});
    let paused = Reply::text("Searching.").with_block(search).pause_turn();
    let (simulator, client) = simulator([paused, Reply::text("Done.")]).await;
    let params = params().tools([WebSearchTool20260209::new()]).user("Go.");
    let run = client.beta().messages().run(params).thread(true);
    run.await.unwrap().text().unwrap();
    assert_eq!(sent(&simulator), each(&[("create", 1), ("continue", 0)]));
}
