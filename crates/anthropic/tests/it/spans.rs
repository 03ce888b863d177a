//! The span of a request: from its first attempt to its first output.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use anthropic::operation::{Operation, PageShape};
use anthropic::{Client, Error, ErrorKind, Page, Result};
use http::Method;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::stream_support::{EVENT_STREAM, answer, params, sse, then_broken};
use crate::support::{Reply, Script, builder};

/// What was recorded of the spans of requests, and which messages were in which of them.
#[derive(Default)]
struct Spans {
    fields: Vec<BTreeMap<String, Vec<String>>>,
    events: Vec<(Option<usize>, String)>,
    inside: Vec<usize>,
}

impl Spans {
    fn field(&self, name: &str) -> &[String] {
        self.fields[0].get(name).map_or(&[][..], Vec::as_slice)
    }

    /// How many events were in no span.
    fn lost(&self) -> usize {
        let events = self.events.iter();
        events.filter(|(inside, _)| inside.is_none()).count()
    }

    /// How many events have this text.
    fn count(&self, text: &str) -> usize {
        let events = self.events.iter();
        events.filter(|(_, fields)| fields.contains(text)).count()
    }
}

fn kind(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Body => "Body",
        ErrorKind::Decode => "Decode",
        ErrorKind::Overloaded => "Overloaded",
        ErrorKind::StreamTruncated => "StreamTruncated",
        ErrorKind::UnexpectedContent => "UnexpectedContent",
        _ => "another",
    }
}

struct Follow(Arc<Mutex<Spans>>);

struct Fields<'a>(&'a mut BTreeMap<String, Vec<String>>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let values = self.0.entry(field.name().to_owned()).or_default();
        values.push(format!("{value:?}"));
    }
}

fn at(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

impl Subscriber for Follow {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("anthropic")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        let mut spans = self.0.lock().unwrap();
        spans.fields.push(BTreeMap::new());
        Id::from_u64(spans.fields.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut self.0.lock().unwrap().fields[at(id)]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        let mut spans = self.0.lock().unwrap();
        let inside = spans.inside.last().copied();
        spans.events.push((inside, format!("{fields:?}")));
    }

    fn enter(&self, id: &Id) {
        self.0.lock().unwrap().inside.push(at(id));
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().inside.pop();
    }
}

/// How a response is read.
#[derive(Debug, Clone, Copy)]
enum Read {
    Whole,
    Stream,
    /// Not at all.
    Dropped,
    Events,
    Page,
    Rows,
}

static PAGE: Operation<Page<bool>> = Operation::page("p", Method::GET, "/v1/p", PageShape::Ids);

/// Reads up to the first output, and returns what holds the rest.
async fn read(client: &Client, how: Read) -> Result<Box<dyn Any>> {
    let messages = client.messages();
    Ok(match how {
        Read::Whole => Box::new(messages.create(params()).await?),
        Read::Stream => {
            let mut stream = messages.stream(params()).await?;
            // That a message starts is no output.
            stream.try_next().await?;
            stream.try_next().await?;
            Box::new(stream)
        }
        Read::Dropped => {
            drop(messages.stream(params()).await?);
            Box::new(())
        }
        Read::Events => {
            let mut events = messages.stream(params()).events().await?;
            events.try_next().await?;
            Box::new(events)
        }
        Read::Page => Box::new(client.request(&PAGE, &[]).await?),
        Read::Rows => {
            let mut rows = messages.batches().results("b").await?;
            // A row that can't be read is not the end.
            let _ = rows.next().await;
            rows.try_next().await?;
            Box::new(rows)
        }
    })
}

/// Sends a request, reads the beginning of its response, and returns what was recorded while the
/// rest was there.
async fn followed(replies: Vec<Reply>, how: Read) -> (Spans, Option<Error>) {
    let spans = Arc::<Mutex<Spans>>::default();
    let script = Script::new(replies);
    let client = builder(&script).max_retries(1).build().unwrap();
    let _watching = tracing::subscriber::set_default(Follow(Arc::clone(&spans)));
    let result = read(&client, how).await;
    let seen = std::mem::take(&mut *spans.lock().unwrap());
    (seen, result.err())
}

/// However a request ends, it is one span with all of its attempts, which has the error.
#[tokio::test(start_paused = true)]
async fn a_request_is_one_span_until_there_is_output() {
    let stream = |body: &str| Reply::new(200, &[EVENT_STREAM], body.to_owned());
    let (began, whole) = (sse(&answer("x")[..1]), sse(&answer("x")));
    let cut = || stream(&began);
    let broken = || Reply::new(200, &[EVENT_STREAM], then_broken(began.clone()));
    let json = |body: &'static str| Reply::new(200, &[("content-type", "application/json")], body);
    let half = || Reply::new(200, &[], then_broken("{".to_owned()));
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#;
    let page = || Reply::new(200, &[("content-type", "text/html")], "<html>");
    let event = format!("event: error\ndata: {error}\n\n");
    let rows = "{\"x\":\n{\"custom_id\":\"a\",\"result\":{\"type\":\"canceled\"}}\n";
    let repeated = r#"{"data":[true],"has_more":true,"last_id":"a"}"#;
    for (replies, how, error) in [
        (vec![page()], Read::Whole, "UnexpectedContent"),
        (vec![json("{}")], Read::Whole, "Decode"),
        (vec![json(error), json(error)], Read::Whole, "Overloaded"),
        (vec![half(), half()], Read::Whole, "Body"),
        (vec![cut(), cut()], Read::Stream, "StreamTruncated"),
        (vec![cut(), stream(&whole)], Read::Stream, ""),
        (vec![broken(), broken()], Read::Stream, "StreamTruncated"),
        (vec![broken(), stream(&whole)], Read::Stream, ""),
        (vec![page()], Read::Stream, "UnexpectedContent"),
        (
            vec![stream(&event), stream(&event)],
            Read::Stream,
            "Overloaded",
        ),
        (vec![stream(&whole)], Read::Stream, ""),
        (vec![stream(&whole)], Read::Dropped, ""),
        (vec![stream(&whole)], Read::Events, ""),
        (vec![stream(&event)], Read::Events, "Overloaded"),
        (vec![page()], Read::Events, "UnexpectedContent"),
        (vec![json(repeated)], Read::Page, ""),
        (vec![json("[]")], Read::Page, "Decode"),
        (vec![json(rows)], Read::Rows, ""),
        (vec![page()], Read::Rows, "UnexpectedContent"),
    ] {
        let attempts = replies.len().to_string();
        let (spans, failure) = followed(replies, how).await;
        let case = format!("{how:?}, {error}: {failure:?}, {:?}", spans.events);
        assert_eq!(spans.fields.len(), 1, "{case}");
        assert_eq!(failure.as_ref().map_or("", kind), error, "{case}");
        let kind: Vec<&str> = Some(error)
            .filter(|it| !it.is_empty())
            .into_iter()
            .collect();
        assert_eq!(spans.field("error"), kind, "{case}");
        assert_eq!(spans.field("attempts"), [attempts.as_str()], "{case}");
        assert_eq!(spans.field("status"), ["200"], "{case}");
        assert_eq!(spans.lost(), 0, "{case}");
        assert_eq!(spans.count("[\"failed\"]"), kind.len(), "{case}");
        assert_eq!(
            spans.count("trying again"),
            usize::from(attempts == "2"),
            "{case}"
        );
    }
}

/// What a response repeats is masked before it is in an event.
#[tokio::test(start_paused = true)]
async fn no_event_has_a_secret_that_a_broken_response_repeats() {
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"m"},
        "request_id":"canary-key-7f3a"}"#;
    let id = [("request-id", "canary-key-7f3a")];
    for (status, headers, whole) in [
        (200, &[][..], true),
        (529, &[], true),
        (200, &id, false),
        (529, &id, true),
    ] {
        let reply = || {
            if whole {
                Reply::new(status, headers, error)
            } else {
                Reply::new(status, headers, then_broken("{".to_owned()))
            }
        };
        let (spans, failure) = followed(vec![reply(), reply()], Read::Whole).await;
        let seen = format!("{:?} {:?} {failure:?}", spans.events, spans.fields);
        assert!(seen.contains("trying again"), "{seen}");
        assert!(!seen.contains("canary"), "{seen}");
    }
}
