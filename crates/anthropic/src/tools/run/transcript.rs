//! The conversation of a run, and what it cost.

use std::fmt;
use std::sync::Arc;

use anthropic_types::{
    AssistantMessage, ContentBlock, Json, Message, MessageContent, MessageParam, StopReason,
    ToolResultBlock, ToolUseBlock, Usage,
};

use super::ids::Ids;
use super::unanswered;
use crate::tools::call::{ToolCall, is_object};
use crate::tools::check::{MAX_NAME, is_name, is_plain};
use crate::tools::error::{ToolError, ToolErrorKind};
use crate::tools::output::ToolOutput;

/// So many new input tokens are always worth a summary. It is a tenth of the smallest window that
/// models have.
const WORTH_A_SUMMARY: u64 = 20_000;

/// The conversation of a run with everything that came of it.
///
/// It is a valid conversation at any moment: [`into_messages`](Self::into_messages) adds a result
/// to every call that has none. Every [`Outcome`](super::Outcome) has one; so has an error of a
/// run:
///
/// ```
/// use anthropic::tools::Transcript;
/// use anthropic::types::MessageParam;
///
/// fn conversation(error: &anthropic::Error) -> Option<Vec<MessageParam>> {
///     Some(error.partial::<Transcript>()?.clone().into_messages())
/// }
/// ```
#[derive(Clone)]
pub struct Transcript {
    pub(super) messages: Vec<MessageParam>,
    /// The calls of the last message, while not all of them have a result in the conversation.
    pub(super) open: Vec<OpenCall>,
    pub(super) usage: Usage,
    pub(super) turns: u32,
    pub(super) calls: u32,
    pub(super) cost: u64,
    /// Without its content while that is `lent`: see [`complete`](Self::complete).
    pub(super) last: Option<Box<Message>>,
    /// The place of the message in the conversation that has the last message's content as it came.
    /// It may be long, and most are followed by another message before anybody looks.
    lent: Option<usize>,
    pub(super) cut: Option<Box<Message>>,
    /// The input tokens of the last request.
    pub(super) input_tokens: u64,
    /// Since the conversation was summed up: the fewest input tokens of a request,
    /// which tools, system prompt and summary take.
    pub(super) floor: Option<u64>,
    /// Where the API made no summary: up to so many input tokens it is not asked again.
    pub(super) unsummed: u64,
    /// The ids of all calls so far.
    pub(super) ids: Ids,
}

/// A call that waits for its result to go into the conversation.
#[derive(Debug, Clone)]
pub(super) struct OpenCall {
    pub(super) call: ToolCall,
    pub(super) result: Option<ToolOutput>,
}

impl OpenCall {
    /// The block that is to bring the result, if there is one.
    pub(super) fn result_block(&self) -> Option<ToolResultBlock> {
        let (id, toolset_name) = self.call.clone().into_names();
        let result = self.result.clone();
        result.map(|output| result_block(id, toolset_name, output))
    }
}

/// What became of a message's content.
struct Taken {
    /// The conversation has its calls as they came.
    is_kept: bool,
    /// The content as it came, unless the conversation has it so.
    as_it_came: Option<Vec<ContentBlock>>,
}

impl Transcript {
    pub(super) fn new(messages: Vec<MessageParam>) -> Self {
        let calls = messages.iter().flat_map(blocks);
        let ids = calls.filter_map(|block| Some(block.as_tool_use()?.id.as_str()));
        Self {
            ids: ids.collect(),
            messages,
            open: Vec::new(),
            usage: Usage::new(0_u64, 0_u64),
            turns: 0,
            calls: 0,
            cost: 0,
            last: None,
            lent: None,
            cut: None,
            input_tokens: 0,
            floor: None,
            unsummed: 0,
        }
    }

    /// The conversation so far. While a run waits or goes on, its last calls have no results yet:
    /// see [`into_messages`](Self::into_messages).
    pub fn messages(&self) -> &[MessageParam] {
        &self.messages
    }

    /// The conversation so far, with a result for every call: for a call that has none, an error
    /// that it did not run. It can be sent as it is, with a turn of the user's after it: calls of
    /// the API's own tools that have no result, because the turn was paused or cut off, are left
    /// out.
    pub fn into_messages(mut self) -> Vec<MessageParam> {
        self.close("The call was not finished: the run ended before");
        unanswered::take_out(&mut self.messages);
        self.messages
    }

    /// The model's last message, as it came.
    pub fn message(&self) -> Option<&Message> {
        self.last.as_deref()
    }

    /// The text of the model's last message, which in [`Outcome::Answer`](super::Outcome::Answer)
    /// is its final one; empty where there is none.
    pub fn text(&self) -> String {
        self.message().map(Message::text).unwrap_or_default()
    }

    /// What had arrived of a message when its stream failed, or when the run's time was over. Only
    /// where calls of it had [started](super::Runner::eager_tools) the conversation has it, up to
    /// the last of them, with their results. There is none of a summary that broke off.
    pub fn partial_message(&self) -> Option<&Message> {
        self.cut.as_deref()
    }

    /// What all messages and summaries that are complete used together.
    ///
    /// Not in it is a message whose stream broke off: what is known of its usage is in
    /// [`partial_message`](Self::partial_message), whose output tokens are those of the last event
    /// that had a count, and may be too few. Nor is an attempt that failed and was made again. So
    /// it is for limits and estimates. For billing use the API's own reports: the Console's, or
    /// `beta().organization().analytics().cost_report()` (feature `admin`).
    ///
    /// ```
    /// use anthropic::tools::Transcript;
    /// use anthropic::types::Usage;
    ///
    /// fn used(transcript: &Transcript) -> Usage {
    ///     let mut used = transcript.usage().clone();
    ///     if let Some(broken) = transcript.partial_message() {
    ///         used += &broken.usage;
    ///     }
    ///     used
    /// }
    /// ```
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// How many messages the model has written.
    pub fn turns(&self) -> u32 {
        self.turns
    }

    /// How many calls of tools ran.
    pub fn calls(&self) -> u32 {
        self.calls
    }

    /// What it cost, by the run's [price function](super::Runner::max_cost); 0 without one.
    pub fn cost(&self) -> u64 {
        self.cost
    }

    /// Takes a message of the model: into the conversation, as the API takes it back, and its
    /// calls. A refusal stays out of the conversation. Calls before a fallback are those of a model
    /// whose message was declined: they have their results at once, and do not run.
    ///
    /// The message is then to be the [last](Self::set_last) one; its content may be in the
    /// conversation only. Returns whether the conversation has it as it came.
    pub(super) fn add(&mut self, message: &mut Message, cost: u64) -> bool {
        self.add_usage(&message.usage, cost);
        self.turns = self.turns.saturating_add(1);
        self.input_tokens = message.usage.total_input_tokens();
        self.floor = self.floor.map(|floor| floor.min(self.input_tokens));
        self.lent = None;
        if message.stop_reason == Some(StopReason::Refusal) {
            // What was declined is not gone on from.
            return false;
        }
        let place = self.messages.len();
        let content = std::mem::take(&mut message.content);
        let taken = self.take(content);
        if let Some(content) = taken.as_it_came {
            message.content = content;
        } else if self.messages.len() > place {
            self.lent = Some(place);
        }
        taken.is_kept
    }

    /// In the place of the one before: it is large.
    #[inline]
    pub(super) fn set_last(&mut self, message: Message) {
        match &mut self.last {
            Some(last) => **last = message,
            None => self.last = Some(Box::new(message)),
        }
    }

    /// Gives the last message its content, where only the conversation has it: before the
    /// conversation may change, and before anybody sees the transcript.
    pub(super) fn complete(&mut self) {
        if let (Some(place), Some(last)) = (self.lent.take(), &mut self.last) {
            let content = self.messages.get(place).map_or(&[][..], blocks);
            last.content = content.to_vec();
        }
    }

    /// The transcript as it is now, to be seen.
    pub(super) fn seen(&self) -> Self {
        let mut seen = self.clone();
        seen.complete();
        seen
    }

    /// Takes a message that broke off as far as the call with this number, which was started.
    pub(super) fn keep_calls(&mut self, mut message: Message, last: usize) {
        let blocks = message.content.iter().enumerate();
        let mut of_calls = blocks.filter(|(_, block)| block.as_tool_use().is_some());
        if let Some((last, _)) = of_calls.nth(last) {
            message.content.truncate(last.saturating_add(1));
            self.take(message.content);
        }
    }

    /// Takes what the model wrote into the conversation, as the API takes it back.
    fn take(&mut self, mut content: Vec<ContentBlock>) -> Taken {
        let declined = declined_blocks(&content);
        let mut mended = Vec::new();
        for (at, block) in content.iter().enumerate() {
            let ContentBlock::ToolUse(call) = block else {
                if let Some(input) = api_input(block).and_then(mended_input) {
                    mended.push((at, None, input));
                }
                continue;
            };
            // Where it is to stay: it is not small.
            let mut shared = Arc::new((**call).clone());
            let call = Arc::make_mut(&mut shared);
            let mut is_other = make_readable(call);
            is_other |= self.ids.make_unique(&mut call.id);
            let (input, name) = (mended_input(&call.input), mended_name(&call.name));
            if is_other || input.is_some() || name.is_some() {
                let input = input.unwrap_or_else(|| call.input.clone());
                let name = name.unwrap_or_else(|| call.name.clone());
                mended.push((at, Some((call.id.clone(), name)), input));
            }
            self.open.push(OpenCall {
                call: ToolCall::shared(shared),
                result: (at < declined).then(|| declined_call().output().accepted()),
            });
        }
        let is_kept = mended.is_empty();
        let goes_back = is_kept && content.iter().all(goes_back_as_it_is);
        let as_it_came = (!goes_back).then(|| content.clone());
        for (at, named, input) in mended {
            match (content.get_mut(at), named) {
                (Some(ContentBlock::ToolUse(call)), Some((id, name))) => {
                    call.id = id;
                    call.name = name;
                    call.input = input;
                }
                (Some(ContentBlock::ServerToolUse(call)), _) => call.input = input,
                (Some(ContentBlock::McpToolUse(call)), _) => call.input = input,
                _ => {}
            }
        }
        let turn = if goes_back {
            MessageParam::Assistant(AssistantMessage::new(content))
        } else {
            // Nothing but the content goes back.
            Message::new("", content, "", Usage::new(0, 0)).into_param()
        };
        if !blocks(&turn).is_empty() {
            self.messages.push(turn);
        }
        Taken {
            is_kept,
            as_it_came,
        }
    }

    /// Whether the last request had more input tokens than this, and so many more than the first
    /// one after the last summary, or than the one for which there was none, that another summary
    /// is worth its request.
    pub(super) fn is_above(&self, tokens: u64) -> bool {
        // Half of a long summary more may be beyond the model's window.
        let most = (tokens / 10).max(WORTH_A_SUMMARY);
        let has_grown =
            |floor: u64| self.input_tokens > floor.saturating_add((floor / 2).min(most));
        self.input_tokens > tokens.max(self.unsummed) && self.floor.is_none_or(has_grown)
    }

    /// Notes that the conversation was to be summed up, and whether it was.
    pub(super) fn summed_up(&mut self, has_summary: bool) {
        if has_summary {
            // Not once more for the same request.
            self.input_tokens = 0;
            self.floor = Some(u64::MAX);
            self.unsummed = 0;
        } else {
            // It is as long as before, and may soon be too long for the model.
            let tokens = self.input_tokens;
            self.unsummed = tokens.saturating_add(tokens / 10);
        }
    }

    /// Adds up what a request used.
    pub(super) fn add_usage(&mut self, usage: &Usage, cost: u64) {
        let is_zero = self.usage.input_tokens == 0 && self.usage.output_tokens == 0;
        if is_zero && self.usage == Usage::new(0, 0) {
            // The region and the tier stay where all agree; with zero nothing does.
            self.usage = usage.clone();
        } else {
            self.usage += usage;
        }
        self.cost = self.cost.saturating_add(cost);
    }

    /// How many of the open calls have no result yet.
    pub(super) fn waiting_calls(&self) -> usize {
        let waiting = self.open.iter().filter(|open| open.result.is_none());
        waiting.count()
    }

    /// The call at this place, if it has no result yet.
    pub(super) fn open_call(&self, index: usize) -> Option<ToolCall> {
        let open = self.open.get(index)?;
        open.result.is_none().then(|| open.call.clone())
    }

    /// The calls of the last message that a fallback keeps from running.
    pub(super) fn declined(&self) -> Vec<(usize, ToolCall)> {
        let open = self.open.iter().enumerate();
        let done = open.filter(|(_, open)| open.result.is_some());
        done.map(|(index, open)| (index, open.call.clone()))
            .collect()
    }

    /// The ids of the calls in the last message.
    pub(super) fn last_ids(&self) -> impl Iterator<Item = &str> {
        let content = self.messages.last().map_or(&[][..], blocks);
        let calls = content.iter().filter_map(|block| block.as_tool_use());
        calls.map(|call| &*call.id)
    }

    /// How many of the open calls are before a fallback.
    pub(super) fn declined_calls(&self) -> usize {
        let content = self.messages.last().map_or(&[][..], blocks);
        let declined = content.iter().take(declined_blocks(content));
        declined.filter(|it| it.as_tool_use().is_some()).count()
    }

    /// Notes with which input an open call is to run.
    pub(super) fn replace(&mut self, index: usize, call: ToolCall) {
        if let Some(open) = self.open.get_mut(index) {
            open.call = call;
        }
    }

    /// Notes the result of an open call.
    pub(super) fn finish(&mut self, index: usize, output: ToolOutput) {
        if let Some(open) = self.open.get_mut(index) {
            open.result = Some(output.accepted());
        }
    }

    /// Puts the results of the open calls into the conversation, in the calls' order. A call
    /// without one gets an error with this text.
    pub(super) fn close(&mut self, reason: &str) {
        if self.open.is_empty() {
            return;
        }
        let mut results: Vec<ContentBlock> = Vec::with_capacity(self.open.len());
        for OpenCall { call, result } in self.open.drain(..) {
            let output = result.unwrap_or_else(|| {
                let none = ToolOutput::text_of(reason.to_owned());
                none.into_error().accepted()
            });
            let (id, toolset_name) = call.into_names();
            results.push(result_block(id, toolset_name, output).into());
        }
        self.messages.push(MessageParam::user(results));
    }
}

/// Without the conversation, which may be long and whose secrets are not for logs.
impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript")
            .field("messages", &self.messages.len())
            .field("turns", &self.turns)
            .field("calls", &self.calls)
            .field("usage", &self.usage)
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

fn blocks(message: &MessageParam) -> &[ContentBlock] {
    let content = message.as_assistant().map(|turn| &turn.content);
    match content {
        Some(MessageContent::Blocks(blocks)) => blocks,
        _ => &[],
    }
}

/// How many blocks are before the last fallback: those of a model whose message was declined.
fn declined_blocks(content: &[ContentBlock]) -> usize {
    let fallback = |block: &ContentBlock| matches!(block, ContentBlock::Fallback(_));
    content.iter().rposition(fallback).unwrap_or(0)
}

/// Makes a call one that can be read: some servers write `null` for no parameters. Returns whether
/// that changed it.
pub(super) fn make_readable(call: &mut ToolUseBlock) -> bool {
    let is_null = call.input.is_null();
    if is_null {
        call.input = Json::from(serde_json::json!({}));
    }
    is_null
}

/// What a call before a fallback gets as its result.
pub(super) fn declined_call() -> ToolError {
    let text = "another model went on from here; the call did not run";
    ToolError::of(ToolErrorKind::NotRun, text)
}

/// The input of a call of one of the API's own tools.
fn api_input(block: &ContentBlock) -> Option<&Json> {
    match block {
        ContentBlock::ServerToolUse(call) => Some(&call.input),
        ContentBlock::McpToolUse(call) => Some(&call.input),
        _ => None,
    }
}

/// The API takes objects as inputs only; what is none goes back inside one, as its docs advise.
fn mended_input(input: &Json) -> Option<Json> {
    let text = match input.invalid() {
        Some(invalid) => invalid.text.as_str(),
        None if is_object(input) => return None,
        None => input.as_str(),
    };
    Json::new(&serde_json::json!({"INVALID_JSON": text})).ok()
}

/// The API takes names back that tools may have, and a model may make up another one.
fn mended_name(name: &str) -> Option<String> {
    if is_name(name) {
        return None;
    }
    let plain = |char: char| u8::try_from(char).is_ok_and(is_plain);
    let chars = name.chars().take(MAX_NAME);
    let name: String = chars.map(|it| if plain(it) { it } else { '_' }).collect();
    Some(if name.is_empty() {
        "unknown".to_owned()
    } else {
        name
    })
}

/// Whether the API takes a block back as it came: it takes no text of white space, and no file ids
/// of citations.
fn goes_back_as_it_is(block: &ContentBlock) -> bool {
    let text = block.as_text();
    text.is_none_or(|text| text.citations.is_none() && !text.text.trim().is_empty())
}

/// The block that brings the result of a call with this id.
fn result_block(id: String, toolset_name: Option<String>, output: ToolOutput) -> ToolResultBlock {
    let mut block = ToolResultBlock::new(id);
    block.is_error = output.is_error().then_some(true);
    block.content = output.into_content();
    block.toolset_name = toolset_name;
    block
}
