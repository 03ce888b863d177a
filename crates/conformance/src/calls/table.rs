//! The same calls by the table of operations, in which nothing is typed.

use anthropic::operations::{self, Answer as Untyped, Call};
use anthropic::{Client, Upload};
use serde_json::value::RawValue;

use super::arguments::File;
use super::{Answer, Arguments, Problem};

/// Makes the call of an official name by the table.
pub(crate) async fn call(
    client: &Client,
    name: &str,
    arguments: Arguments,
) -> Result<Answer, Problem> {
    let info = operations::find(name);
    let info = info.ok_or_else(|| Problem::usage(format!("there is no operation `{name}`")))?;
    let (given, streams) = arguments.into_parts();
    let mut call = client.call(info);
    for (name, value) in given {
        call = argument(call, &name, &value);
    }
    if streams && info.streaming().is_some() {
        call = call.param("stream", true);
    }
    match call.await? {
        Untyped::Json(json) => Answer::json(Ok(json)),
        Untyped::Page(page) => Answer::page(Ok(page)),
        Untyped::Events(events) => Answer::events(Ok(events)).await,
        Untyped::Lines(lines) => Answer::lines(Ok(lines)).await,
        Untyped::Bytes(body) => Answer::bytes(Ok(body)).await,
        _ => Answer::json(Ok(anthropic::types::Json::default())),
    }
}

/// Puts an argument: an upload, a list of them, or a value.
fn argument(call: Call, name: &str, value: &RawValue) -> Call {
    if let Ok(file) = serde_json::from_str::<File>(value.get()) {
        return call.file(name, Upload::from(file));
    }
    match serde_json::from_str::<Vec<File>>(value.get()) {
        Ok(files) if !files.is_empty() => files
            .into_iter()
            .fold(call, |call, file| call.file(name, Upload::from(file))),
        _ => call.param(name, value),
    }
}
