//! The protocol: one line in, one line out, and never an end before the input's.

use std::collections::BTreeMap;
use std::fmt;

use anthropic::Client;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::calls::{Arguments, Call, Problem, table};
use crate::object::{RawObject, object};
use crate::runs;
use crate::types::round_trip;
use crate::via::Via;

/// Handles lines.
///
/// A line is one of
///
/// - `{"module":"types.beta.beta_message","type":"BetaMessage","value":{…}}`: decodes the value
///   into our type for that official name and encodes it again. `"via":"yaml"` sends it on a
///   detour.
/// - `{"call":"beta.files.list","args":{…}}`: makes the typed call of that official name and
///   encodes its result. Arguments have their official names; an upload is
///   `{"@file":"name","content":"text"}`, with `"type"` if it should have one. `betas`,
///   `workspace_id` and `user_profile_id` become options of the request.
/// - `{"stream":"messages.create","args":{…}}`, or `{"call":…,"args":…,"stream":true}`: the same,
///   for a method that streams.
/// - `{"run":{"params":{…},"tools":[…]}}`: runs tools by a script, and encodes how it ended.
///
/// With `"by":"table"` a call is not typed, but made by the table of operations; with
/// `"headers":{"name":"value"}` it has these headers of the caller's.
///
/// Keys of other names are passed over. The result is `{"ok":true,"value":…}` or
/// `{"ok":false,"error":…}`. What a call returns is
///
/// - of a method with one result: that;
/// - of a listing: the first page, `{"data":[…],"has_more":…,…}`;
/// - of a download: `{"content":"text"}` if the bytes are UTF-8, else `{"hex":"ff00"}`;
/// - of rows of JSON: their list;
/// - of a stream: the list of its events, and at its end `{"final":{…}}` with the message that they
///   make; `{"final":null}` where events make nothing, as those of a session.
///
/// An error is a string where the line was at fault, and otherwise an object with `kind`, `status`,
/// `type`, `code` and `message`; beside it are the `events` that had come before.
#[derive(Default)]
pub struct Driver {
    client: Option<Client>,
}

#[derive(Deserialize)]
struct Line {
    module: Option<String>,
    #[serde(rename = "type")]
    name: Option<String>,
    #[serde(default, deserialize_with = "even_null")]
    value: Option<Box<RawValue>>,
    via: Option<Via>,
    call: Option<String>,
    stream: Option<Stream>,
    #[serde(default)]
    by: By,
    args: Option<RawObject>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    run: Option<Box<RawValue>>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    #[default]
    Types,
    Table,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Stream {
    Wanted(bool),
    Of(String),
}

/// A value that is there, if only as null.
fn even_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(from).map(Some)
}

impl Driver {
    /// A driver whose client reads the environment at its first call.
    pub fn new() -> Self {
        Self::default()
    }

    /// A driver with this client.
    pub fn with_client(client: Client) -> Self {
        Self {
            client: Some(client),
        }
    }

    /// Handles one line, whatever bytes it has.
    pub async fn answer(&mut self, line: &[u8]) -> String {
        self.try_answer(line)
            .await
            .unwrap_or_else(|problem| problem.to_line())
    }

    async fn try_answer(&mut self, line: &[u8]) -> Result<String, Problem> {
        let line = std::str::from_utf8(line).map_err(at_fault)?;
        let line: Line = serde_json::from_str(line).map_err(at_fault)?;
        if let Some(script) = line.run {
            return Ok(runs::run(self.client()?, &script).await?.to_line());
        }
        let arguments = Arguments::new(line.args.unwrap_or_default());
        let headers = &line.headers;
        let call = match (line.call, line.stream) {
            (Some(name), None | Some(Stream::Wanted(false))) => Call::find(&name)?,
            (Some(name), Some(Stream::Wanted(true))) | (None, Some(Stream::Of(name))) => {
                let call = Call::find_streaming(&name)?;
                let arguments = arguments.streaming();
                return self.call(call, line.by, arguments, headers).await;
            }
            (None, None) => {
                let (Some(module), Some(name), Some(value)) = (line.module, line.name, line.value)
                else {
                    return Err(nothing());
                };
                return passed(&module, &name, &value, line.via.unwrap_or(Via::Json));
            }
            _ => return Err(nothing()),
        };
        self.call(call, line.by, arguments, headers).await
    }

    fn client(&mut self) -> Result<&Client, Problem> {
        Ok(match &mut self.client {
            Some(client) => client,
            client => client.insert(Client::from_env()?),
        })
    }

    async fn call(
        &mut self,
        call: &Call,
        by: By,
        arguments: Arguments,
        headers: &BTreeMap<String, String>,
    ) -> Result<String, Problem> {
        let mut client = self.client()?.clone();
        if !headers.is_empty() {
            let mut builder = client.to_builder();
            for (name, value) in headers {
                builder = builder.header(name, value);
            }
            client = builder.build()?;
        }
        let answer = match by {
            By::Types => call.make(&client, arguments).await?,
            By::Table => table::call(&client, call.name(), arguments).await?,
        };
        Ok(answer.to_line())
    }
}

fn at_fault(error: impl fmt::Display) -> Problem {
    Problem::usage(format!("line: {error}"))
}

fn nothing() -> Problem {
    Problem::usage("line: neither a type and a value, nor a call, nor a stream")
}

fn passed(module: &str, name: &str, value: &RawValue, via: Via) -> Result<String, Problem> {
    let name = format!("{module}.{name}");
    let passed = round_trip(&name, value.get(), via)
        .ok_or_else(|| Problem::usage(format!("there is no type `{name}`")))?
        .map_err(Problem::usage)?;
    Ok(object([("ok", "true"), ("value", &passed.json)]))
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("client", &self.client)
            .finish()
    }
}
