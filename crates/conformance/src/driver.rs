//! The protocol: one line in, one line out, and never an end before the input's.

use std::fmt;

use anthropic::Client;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::calls::{Arguments, Problem};
use crate::generated::calls::call;
use crate::object::{Object, object};
use crate::types::round_trip;
use crate::via::Via;

/// Answers lines.
///
/// A line is one of
///
/// - `{"module":"types.beta.beta_message","type":"BetaMessage","value":{…}}`, and `"via":"yaml"` if the
///   value is to take a detour: decodes the value and encodes it again;
/// - `{"call":"beta.files.list","args":{…}}`: makes the typed call and encodes its answer;
/// - `{"stream":"messages.create","args":{…}}`: the same; the answer is a list of the events, and at
///   its end `{"final":{…}}`.
///
/// The answer is `{"ok":true,"value":…}` or `{"ok":false,"error":…}`.
#[derive(Default)]
pub struct Driver {
    client: Option<Client>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    module: Option<String>,
    #[serde(rename = "type")]
    name: Option<String>,
    value: Option<Box<RawValue>>,
    via: Option<Via>,
    call: Option<String>,
    stream: Option<String>,
    #[serde(default)]
    args: Object,
}

impl Driver {
    /// A driver whose client reads the environment at its first call.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers one line.
    pub async fn answer(&mut self, line: &str) -> String {
        self.try_answer(line)
            .await
            .unwrap_or_else(|problem| problem.to_line())
    }

    async fn try_answer(&mut self, line: &str) -> Result<String, Problem> {
        let line: Line =
            serde_json::from_str(line).map_err(|error| Problem::usage(format!("line: {error}")))?;
        match line {
            Line {
                module: Some(module),
                name: Some(name),
                value: Some(value),
                via,
                ..
            } => passed(&module, &name, &value, via.unwrap_or(Via::Json)),
            Line {
                call: Some(name),
                args,
                ..
            } => self.call(&name, Arguments::new(args)).await,
            Line {
                stream: Some(name),
                args,
                ..
            } => self.call(&name, Arguments::new(args).streaming()).await,
            _ => Err(Problem::usage(
                "line: neither a type and a value, nor a call, nor a stream",
            )),
        }
    }

    async fn call(&mut self, name: &str, arguments: Arguments) -> Result<String, Problem> {
        let client = match &self.client {
            Some(client) => client,
            None => self.client.insert(Client::from_env()?),
        };
        Ok(call(client, name, arguments).await?.to_line())
    }
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
