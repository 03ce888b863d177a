//! A run that waits for decisions, as plain data.

use std::collections::BTreeMap;
use std::fmt;

use anthropic_types::{
    CompactionConfig, Json, Message, MessageCreateParams, MessageParam, SystemMessageContentBlock,
    ToolResultBlock, ToolUseBlock, Usage,
};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Deserializer, Serialize};

use super::canonical::canonical;
use super::transcript::{OpenCall, Transcript};
use crate::text::sha256;
use crate::threads::StoredThread;
use crate::tools::call::ToolCall;
use crate::tools::output::ToolOutput;

/// The form of what is serialised; rises when an older version could not read it.
const FORMAT: u64 = 1;

/// A run that waits for somebody's decision about some of its calls: plain data, to be stored and
/// loaded, in another process too.
///
/// [`Messages::resume`](crate::resources::Messages::resume) goes on from it, with the same tools
/// and with decisions about the [`calls`](Self::calls). Calls that are finished have their results
/// in it and do not run again. It holds the whole conversation; keep it as you keep that. A run
/// whose conversation the API [holds](super::Runner::thread) goes on with what is new, if it is
/// resumed as such a run again.
///
/// [`version`](Self::version) rises with each state of the same run. A call that was approved runs
/// as soon as a run is resumed, so a state that is resumed twice runs it twice: take the state out
/// of its store before, by deleting it or by replacing it only where it has still this version, and
/// resume only if that succeeded.
///
/// ```
/// use anthropic::tools::{Approval, Waiting};
///
/// fn approve_all(stored: &str) -> serde_json::Result<Vec<Approval>> {
///     let waiting: Waiting = serde_json::from_str(stored)?;
///     Ok(waiting.calls().map(|call| call.approve()).collect())
/// }
/// ```
#[derive(Clone)]
#[must_use = "a run that waits goes on only when it is resumed"]
pub struct Waiting {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) beta: bool,
    pub(super) params: MessageCreateParams,
    pub(super) transcript: Transcript,
    /// What the API holds of it.
    pub(super) thread: Option<StoredThread>,
    pub(super) pending: Pending,
}

/// What hooks asked for while the model's turn was paused: it takes place once that is complete.
#[derive(Clone, Default)]
pub(super) struct Pending {
    /// Tools that come and go.
    pub(super) changes: Vec<SystemMessageContentBlock>,
    pub(super) compaction: Option<CompactionConfig>,
}

impl Waiting {
    /// The id and the version of the state after this one, if there was one.
    pub(super) fn next(origin: Option<(&str, u64)>) -> (String, u64) {
        match origin {
            Some((id, version)) => (id.to_owned(), version.saturating_add(1)),
            None => (crate::clock::boundary(), 1),
        }
    }

    /// The run's id, random and the same in all of its states.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Which of the run's states it is, from 1.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The calls that wait for a decision.
    pub fn calls(&self) -> impl Iterator<Item = &ToolCall> {
        let open = self.transcript.open.iter();
        open.filter(|open| open.result.is_none())
            .map(|open| &open.call)
    }

    /// The conversation so far, and what it cost. Its last calls have no results yet:
    /// [`Transcript::into_messages`] gives up on them.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// The conversation so far, and what it cost.
    pub fn into_transcript(self) -> Transcript {
        self.transcript
    }
}

/// A digest of the first messages of a conversation, however a store writes them.
pub(super) fn held(messages: &[MessageParam], count: usize) -> String {
    let text = serde_json::to_string(&messages.get(..count)).unwrap_or_default();
    let text = canonical(&text).unwrap_or(text);
    sha256(text.as_bytes())
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls: Vec<&ToolCall> = self.calls().collect();
        f.debug_struct("Waiting")
            .field("id", &self.id)
            .field("version", &self.version)
            .field("calls", &calls)
            .finish_non_exhaustive()
    }
}

impl Serialize for Waiting {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let transcript = &self.transcript;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("format", &FORMAT)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("version", &self.version)?;
        map.serialize_entry("beta", &self.beta)?;
        map.serialize_entry("params", &self.params)?;
        map.serialize_entry("messages", &transcript.messages)?;
        map.serialize_entry("message", &transcript.last)?;
        let calls: Vec<&ToolUseBlock> = transcript
            .open
            .iter()
            .map(|open| open.call.block())
            .collect();
        map.serialize_entry("calls", &calls)?;
        let results = transcript.open.iter().map(OpenCall::result_block);
        let results: Vec<Option<ToolResultBlock>> = results.collect();
        map.serialize_entry("results", &results)?;
        // Hooks may have replaced the inputs. One that is no JSON is text.
        let inputs = transcript.open.iter().map(|open| open.call.input());
        let inputs: Vec<_> = inputs
            .map(|input| (input.invalid().is_none(), input))
            .collect();
        map.serialize_entry("inputs", &inputs)?;
        map.serialize_entry("usage", &transcript.usage)?;
        map.serialize_entry("turns", &transcript.turns)?;
        map.serialize_entry("calls_run", &transcript.calls)?;
        map.serialize_entry("cost", &transcript.cost)?;
        map.serialize_entry("input_tokens", &transcript.input_tokens)?;
        map.serialize_entry("floor", &transcript.floor)?;
        map.serialize_entry("unsummed", &transcript.unsummed)?;
        map.serialize_entry("tool_changes", &self.pending.changes)?;
        map.serialize_entry("compaction", &self.pending.compaction)?;
        map.serialize_entry("thread", &self.thread)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Waiting {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Fields::read("the state of a run", from)?;
        read(&fields).map_err(D::Error::custom)
    }
}

/// The members of what is stored, and what that is.
pub(super) struct Fields {
    what: &'static str,
    members: BTreeMap<String, Json>,
}

impl Fields {
    pub(super) fn read<'de, D: Deserializer<'de>>(
        what: &'static str,
        from: D,
    ) -> Result<Self, D::Error> {
        let members = BTreeMap::deserialize(from)?;
        Ok(Self { what, members })
    }

    pub(super) fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T, String> {
        let (what, json) = (self.what, self.members.get(name));
        let json = json.ok_or_else(|| format!("{what} has no `{name}`"))?;
        json.get()
            .map_err(|error| format!("`{name}` of {what}: {error}"))
    }
}

/// An input as it was: why one is no JSON is found again.
fn input_of((is_json, input): (bool, Json)) -> Json {
    match input.get::<String>() {
        Ok(text) if !is_json => Json::recover(&text),
        _ => input,
    }
}

/// Compiled where states are loaded.
#[inline]
fn read(fields: &Fields) -> Result<Waiting, String> {
    let format: u64 = fields.get("format")?;
    if format != FORMAT {
        return Err(format!(
            "the state of a run has the form {format}, and this version reads {FORMAT}"
        ));
    }
    let messages: Vec<MessageParam> = fields.get("messages")?;
    let mut transcript = Transcript::new(messages);
    let calls: Vec<ToolUseBlock> = fields.get("calls")?;
    let results: Vec<Option<ToolResultBlock>> = fields.get("results")?;
    let inputs: Vec<(bool, Json)> = fields.get("inputs")?;
    if calls.len() != results.len() || calls.len() != inputs.len() {
        return Err("the state of a run has other results or inputs than calls".to_owned());
    }
    if !calls.iter().map(|call| &*call.id).eq(transcript.last_ids()) {
        return Err("the state of a run has other calls than its last message".to_owned());
    }
    let mut done = calls.iter().zip(&results);
    if !done.all(|(call, done)| done.as_ref().is_none_or(|it| it.tool_use_id == call.id)) {
        return Err("the state of a run has the result of another call".to_owned());
    }
    let open = calls
        .into_iter()
        .zip(inputs)
        .zip(results)
        .map(|((call, input), result)| OpenCall {
            call: ToolCall::new(call).with_input(input_of(input)),
            result: result.map(ToolOutput::of_block),
        });
    transcript.open = open.collect();
    transcript.last = fields.get::<Option<Message>>("message")?.map(Box::new);
    transcript.usage = fields.get::<Usage>("usage")?;
    transcript.turns = fields.get("turns")?;
    transcript.calls = fields.get("calls_run")?;
    transcript.cost = fields.get("cost")?;
    transcript.input_tokens = fields.get("input_tokens")?;
    transcript.floor = fields.get("floor")?;
    transcript.unsummed = fields.get("unsummed")?;
    Ok(Waiting {
        id: fields.get("id")?,
        version: fields.get("version")?,
        beta: fields.get("beta")?,
        params: fields.get("params")?,
        transcript,
        thread: fields.get("thread")?,
        pending: Pending {
            changes: fields.get("tool_changes")?,
            compaction: fields.get("compaction")?,
        },
    })
}
