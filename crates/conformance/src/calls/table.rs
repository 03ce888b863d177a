//! The same calls by the table of operations, in which nothing is typed.

use anthropic::operation::OperationInfo;
use anthropic::operations::{self, Answer as Untyped, Call, ParameterInfo};
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
        call = argument(call, info, &name, &value);
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
fn argument(call: Call, info: &OperationInfo, name: &str, value: &RawValue) -> Call {
    if !info.parameter(name).is_some_and(ParameterInfo::is_file) {
        return call.param(name, value);
    }
    match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
        Ok(list) => call.files(name, list.into_iter().filter_map(upload)),
        Err(_) => call.files(name, upload(value)),
    }
}

/// An upload, if the value is one. serde would read its fields from a list, too.
fn upload(value: &RawValue) -> Option<Upload> {
    let object = value.get().starts_with('{').then_some(value.get())?;
    serde_json::from_str::<File>(object).ok().map(Upload::from)
}
