//! What the README lists of spans and events, beside what is traced: levels, names, fields.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use anthropic::Client;
use anthropic::tools::{ToolError, tool_with};
use anthropic::types::{MessageCreateParams, Model, Tool};
use anthropic_sim::faults::Rule;
use anthropic_sim::{Reply, Simulator, When};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Which fields each span and event had, by its level and its name or message.
type Seen = BTreeMap<(String, String), BTreeSet<String>>;

struct Watch(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl Watch {
    fn note(&self, metadata: &Metadata<'_>, name: &str) {
        let fields = metadata
            .fields()
            .iter()
            .map(|field| field.name().to_owned());
        let fields = fields.filter(|name| name != "message").collect();
        let key = (metadata.level().to_string(), name.to_owned());
        self.0.lock().unwrap().insert(key, fields);
    }
}

impl Subscriber for Watch {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("anthropic")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(span.metadata(), span.metadata().name());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        self.note(event.metadata(), &message.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What is in backticks.
fn code(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The rows of the README's table of logs that name a span or an event.
fn listed() -> Seen {
    let readme = include_str!("../../../../README.md");
    let (_, section) = readme.split_once("\n### Logs\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let mut listed = Seen::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, level, _, name, fields, ..] = cells.as_slice() else {
            panic!("{row}");
        };
        let (level, name) = (code(level), code(name));
        let fields = code(fields).into_iter().filter(|it| it != "ErrorKind");
        if let [name] = name.as_slice() {
            listed.insert((level[0].clone(), name.clone()), fields.collect());
        }
    }
    listed
}

#[tokio::test]
async fn the_readme_lists_spans_and_events_as_they_are() {
    let seen = Arc::default();
    let simulator = Simulator::builder()
        .fault(Rule::parse("status=529; retry-after=0; nth=1").unwrap())
        .when(
            When::any().answered("look"),
            Reply::error(400, "invalid_request_error", "no"),
        )
        .when(When::any(), Reply::tool_use("look", json!({})))
        .start()
        .await
        .unwrap();
    let builder = Client::builder().api_key(simulator.api_key());
    let client = builder.base_url(simulator.url()).build().unwrap();
    let tool = Tool::new(json!({"type": "object", "properties": {}}), "look");
    let look = tool_with(
        tool.description("Looks at the lamp."),
        |_: Value, _| async { Err::<String, _>(ToolError::new("it is dark")) },
    );
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 64).user("Is it on?");
    let watching = tracing::subscriber::set_default(Watch(Arc::clone(&seen)));
    client.messages().run(params).tools(look).await.unwrap_err();
    drop(watching);

    let mut listed = listed();
    // The table has it beside the warning.
    let failed = listed.get_mut(&("WARN".to_owned(), "a tool failed".to_owned()));
    let why: Vec<_> = ["DEBUG", "why it failed", "error"]
        .map(str::to_owned)
        .into();
    let failed = failed.unwrap();
    assert!(why.iter().all(|part| failed.remove(part)));
    listed.insert(
        (why[0].clone(), why[1].clone()),
        BTreeSet::from([why[2].clone()]),
    );
    assert_eq!(*seen.lock().unwrap(), listed);
}
