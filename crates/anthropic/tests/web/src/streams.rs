//! Streams, whole and broken.

use std::time::Duration;

use anthropic::partial_json::Strings;
use anthropic::stream::SnapshotEvent;
use anthropic::types::{Message, MessageCreateParams, Tool, ToolChoiceTool};
use anthropic::{Client, ErrorKind, StreamLimits};
use serde_json::json;

use crate::Outcome;
use crate::support::{
    Failed, Place, error, hello, holds, is_browser, loses_what_it_has, same, sleep, unique,
};

const FAULT: &str = "anthropic-sim-fault";

pub async fn a_stream_and_its_message(place: Place) -> Outcome {
    let client = place.client()?;
    let mut stream = client.messages().stream(hello()).await?;
    holds(stream.request_id().is_some(), "no request id")?;
    let mut text = String::new();
    while let Some(event) = stream.try_next().await? {
        text.push_str(event.text().unwrap_or_default());
    }
    let message = stream.final_message().await?;
    same(message.text(), text)?;
    let plain = client.messages().create(hello()).await?;
    same(message.text(), plain.text())
}

pub async fn input_as_it_grows(place: Place) -> Outcome {
    let schema = json!({
        "type": "object",
        "properties": {"to": {"type": "string"}, "lines": {"type": "array", "items": {"type": "string"}}},
        "required": ["to", "lines"],
    });
    let params: MessageCreateParams = hello()
        .tools([Tool::new(schema, "write_letter")])
        .tool_choice(ToolChoiceTool::new("write_letter"));
    let stream = place.client()?.messages().stream(params).await?;
    let mut events = stream.snapshot_events().strings(Strings::Show);
    let mut states = Vec::new();
    while let Some(event) = events.try_next().await? {
        if let SnapshotEvent::InputJson {
            snapshot: Some(input),
            ..
        } = event
        {
            states.push(input.to_string());
        }
    }
    let message = events.into_inner().final_message().await?;
    let calls: Vec<String> = message.tool_uses().map(|call| call.name.clone()).collect();
    same(calls, vec!["write_letter".to_owned()])?;
    states.dedup();
    holds(states.len() > 2, format!("{states:?}"))
}

pub async fn byte_by_byte(place: Place) -> Outcome {
    let client = place.client()?;
    let whole = client
        .messages()
        .stream(hello())
        .await?
        .final_message()
        .await?;
    let dripped = client
        .messages()
        .stream(hello())
        .header(FAULT, "byte-by-byte")
        .await?;
    same(dripped.final_message().await?.text(), whole.text())
}

/// The error of a stream that breaks, which has what came before.
async fn broken(client: &Client, fault: &str) -> Result<anthropic::Error, Failed> {
    let request = client.messages().stream(hello()).header(FAULT, fault);
    let stream = request.max_retries(0).await?;
    let error = error(stream.final_message().await)?;
    holds(error.is_in_stream(), &error)?;
    let may_lose = fault.starts_with("cut") && loses_what_it_has();
    let is_kept = error.partial::<Message>().is_some() || may_lose;
    holds(is_kept, format!("{fault}: the message so far is lost"))?;
    Ok(error)
}

pub async fn a_cut_stream(place: Place) -> Outcome {
    let client = place.client()?;
    for fault in ["end-after=4", "cut-after=4"] {
        let error = broken(&client, fault).await?;
        same((fault, error.kind()), (fault, ErrorKind::StreamTruncated))?;
    }
    Ok(())
}

pub async fn a_reset_stream(place: Place) -> Outcome {
    let error = broken(&place.client()?, "reset-after=4").await?;
    same(error.kind(), ErrorKind::StreamTruncated)
}

/// A quarter of a second after the last event, which everyone has read by then.
pub async fn a_stream_that_breaks_later(place: Place) -> Outcome {
    for how in ["cut", "reset"] {
        let client = place.helped(&format!("breaking/{how}"))?;
        let stream = client.messages().stream(hello()).await?;
        let error = error(stream.final_message().await)?;
        same((how, error.kind()), (how, ErrorKind::StreamTruncated))?;
        let text = error.partial::<Message>().map(Message::text);
        same((how, text.as_deref()), (how, Some("So")))?;
    }
    Ok(())
}

fn impatient(place: &Place) -> Result<Client, Failed> {
    let mut limits = StreamLimits::default();
    limits.bytes_idle = Some(Duration::from_millis(400));
    limits.events_idle = Some(Duration::from_millis(800));
    Ok(place.builder().stream_limits(limits).build()?)
}

pub async fn a_stalled_stream(place: Place) -> Outcome {
    let error = broken(&impatient(&place)?, "stall-after=4").await?;
    same(error.kind(), ErrorKind::StreamStalled)?;
    holds(error.to_string().contains("bytes_idle"), &error)
}

pub async fn a_stream_of_pings(place: Place) -> Outcome {
    let error = broken(&impatient(&place)?, "pings-after=4; every=100").await?;
    same(error.kind(), ErrorKind::StreamStalled)?;
    holds(error.to_string().contains("events_idle"), &error)
}

pub async fn a_dropped_stream_is_aborted(place: Place) -> Outcome {
    let id = unique();
    let client = place.helped(&format!("hanging/{id}"))?;
    let mut stream = client.messages().stream(hello()).await?;
    holds(stream.try_next().await?.is_some(), "no event")?;
    same(place.seen(&id).await?["closed"].as_u64(), Some(0))?;
    drop(stream);
    place.sees_the_close(&id).await
}

/// 64 MB that nobody reads are not taken from the server. Browsers read ahead by themselves.
pub async fn a_slow_reader_slows_the_server(place: Place) -> Outcome {
    if is_browser() {
        return Ok(());
    }
    let id = unique();
    let client = place.helped(&format!("flood/{id}"))?;
    let stream = client.messages().stream(hello()).await?;
    sleep(700).await;
    let seen = place.seen(&id).await?;
    let sent = seen["sent"].as_u64().unwrap_or_default();
    holds(
        sent < 48 << 20,
        format!("{sent} bytes were sent to a reader that took none"),
    )?;
    drop(stream);
    place.sees_the_close(&id).await
}
