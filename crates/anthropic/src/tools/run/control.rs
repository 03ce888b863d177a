//! What a caller decides during a run.

use std::fmt;
use std::future::Future;
use std::sync::Mutex;

use anthropic_types::{CompactionConfig, Json, MessageCreateParams};

use super::caught::hooked;
use super::changes::Changes;
use super::job::Done;
use super::sync::lock;
use crate::BoxFuture;
use crate::threads::ThreadState;
use crate::tools::call::ToolCall;
use crate::tools::error::{ToolError, ToolErrorKind};
use crate::tools::guarded::Guarded;
use crate::tools::output::ToolOutput;
use crate::tools::set::IntoTools;

/// What becomes of a call, by [`Runner::before_tool`](super::Runner::before_tool) or by an
/// [`Approval`](super::Approval).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Decision {
    /// The tool runs. A hook's decision comes before the tool's own
    /// [confirmation](crate::tools::ToolSettings::confirm), which may still refuse or defer the
    /// call; an [`Approval`](super::Approval) takes its place.
    Run,
    /// As [`Run`](Self::Run), with this input: what later hooks, confirmations and approvers see,
    /// and what the tool gets. The conversation keeps the model's.
    RunWith(Json),
    /// The tool does not run; this is the result.
    Answer(ToolOutput),
    /// The tool does not run, and the model sees this reason, as an error; without one, that the
    /// call was declined.
    Deny(String),
    /// The call waits for a decision. The run ends when the other calls of the message are done,
    /// with [`Outcome::Waiting`](super::Outcome::Waiting). Later calls of the same
    /// [toolset](crate::tools::Tool::toolset_name) wait with it, so that they keep their order. A
    /// call of a tool that does not exist has its error at once instead.
    Defer,
    /// The run ends, for this reason. No more calls run.
    Stop(String),
}

impl Decision {
    /// [`RunWith`](Self::RunWith).
    pub fn run_with(input: impl Into<Json>) -> Self {
        Self::RunWith(input.into())
    }

    /// [`Answer`](Self::Answer).
    pub fn answer(output: impl Into<ToolOutput>) -> Self {
        Self::Answer(output.into())
    }

    /// [`Deny`](Self::Deny).
    pub fn deny(reason: impl Into<String>) -> Self {
        Self::Deny(reason.into())
    }

    /// [`Stop`](Self::Stop).
    pub fn stop(reason: impl Into<String>) -> Self {
        Self::Stop(reason.into())
    }
}

/// What becomes of a result, by [`Runner::after_tool`](super::Runner::after_tool).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AfterTool {
    /// It goes to the model.
    Keep,
    /// This goes to the model instead.
    Replace(ToolOutput),
    /// The run ends, for this reason, when the calls that are running are done. The result stays in
    /// the conversation.
    Stop(String),
}

/// The request that comes next, for [`Runner::before_turn`](super::Runner::before_turn).
pub struct Turn<'a> {
    pub(super) number: u32,
    pub(super) params: &'a mut MessageCreateParams,
    pub(super) changes: &'a mut Changes,
    pub(super) compaction: &'a mut Option<CompactionConfig>,
    pub(super) thread: Option<&'a mut ThreadState>,
    pub(super) stop: Option<String>,
}

impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Turn<'_> {
    /// Which of the run's messages it asks for, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The request's parameters, with the whole conversation. Changes hold for the rest of the run.
    ///
    /// Changing `tools` or what is before the last message costs the prompt cache:
    /// [`add_tools`](Self::add_tools) does not.
    ///
    /// A message of the user's ends a turn of the model's that is paused: calls of the API's own
    /// tools that have no result are left out of the conversation then, since the API would refuse
    /// it.
    pub fn params_mut(&mut self) -> &mut MessageCreateParams {
        if let Some(thread) = &mut self.thread {
            thread.watch(&self.params.messages);
        }
        self.params
    }

    /// Offers more tools from here on, in a message of the conversation, so that the cached prompt
    /// stays valid. Sends the beta `inline-tools-2026-09-15`; not all models take it.
    ///
    /// Not before the model's turn is complete: where it is paused, the tools come afterwards. A
    /// run that waits then has them among its state; their code is that of the tools that it is
    /// given again. Calls of one that is not given again wait for a decision.
    pub fn add_tools(&mut self, tools: impl IntoTools) {
        self.changes.add(&tools.into_tools());
    }

    /// Withdraws a tool from here on, as [`add_tools`](Self::add_tools) adds them. A call of it
    /// gets an error. A toolset is named by its family, such as `computer`.
    ///
    /// Nothing happens where the tool is withdrawn already. Where there never was one of that name,
    /// the run fails with an error that names the tools, of kind
    /// [`Request`](crate::ErrorKind::Request), and no request is sent.
    pub fn remove_tool(&mut self, name: impl Into<String>) {
        self.changes.remove(name.into());
    }

    /// Sums up the conversation before the request is sent: the API writes a summary, which takes
    /// its place. The events have [`RunEvent::Compacted`](super::RunEvent::Compacted) then.
    ///
    /// It is a request of its own, whose usage counts, and which counts as no turn. Where the
    /// model's turn is paused, it comes when that is complete. Sends the beta `compact-2026-09-04`;
    /// the run fails where `context_management` compacts, too.
    pub fn compact(&mut self, config: CompactionConfig) {
        *self.compaction = Some(config);
    }

    /// Ends the run before the request is sent.
    pub fn stop(&mut self, reason: impl Into<String>) {
        self.stop = Some(reason.into());
    }
}

pub(super) type BeforeTool = dyn Fn(ToolCall) -> BoxFuture<'static, Decision> + Send + Sync;
pub(super) type AfterToolHook =
    dyn Fn(ToolCall, ToolOutput) -> BoxFuture<'static, AfterTool> + Send + Sync;
pub(super) type BeforeTurn = dyn FnMut(&mut Turn<'_>) + Send;

/// What the model sees of a call about which a hook or a confirmation panicked.
pub(super) const UNDECIDED: &str = "the call could not be decided about; the tool did not run";

/// The hooks of a run.
#[derive(Default)]
pub(super) struct Hooks {
    before_tool: Vec<Guarded<Box<BeforeTool>>>,
    after_tool: Vec<Guarded<Box<AfterToolHook>>>,
    /// Each behind a lock, so that it need not be `Sync`; nothing else takes it.
    before_turn: Vec<Mutex<Guarded<Box<BeforeTurn>>>>,
}

impl Hooks {
    pub(super) fn add_before_tool<F, Fut>(&mut self, hook: F)
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Decision> + Send + 'static,
    {
        let hook: Box<BeforeTool> = Box::new(move |call| Box::pin(hook(call)));
        self.before_tool.push(Guarded::new(hook));
    }

    pub(super) fn add_after_tool<F, Fut>(&mut self, hook: F)
    where
        F: Fn(ToolCall, ToolOutput) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = AfterTool> + Send + 'static,
    {
        let hook: Box<AfterToolHook> = Box::new(move |call, output| Box::pin(hook(call, output)));
        self.after_tool.push(Guarded::new(hook));
    }

    pub(super) fn add_before_turn(&mut self, hook: impl FnMut(&mut Turn<'_>) + Send + 'static) {
        let hook: Box<BeforeTurn> = Box::new(hook);
        self.before_turn.push(Mutex::new(Guarded::new(hook)));
    }

    pub(super) fn has_before_tool(&self) -> bool {
        !self.before_tool.is_empty()
    }

    pub(super) fn has_after_tool(&self) -> bool {
        !self.after_tool.is_empty()
    }

    pub(super) fn has_before_turn(&self) -> bool {
        !self.before_turn.is_empty()
    }

    /// Lets the hooks change what comes next. Returns why one of them stops the run.
    pub(super) fn before_turn(&self, turn: &mut Turn<'_>) -> Option<String> {
        for hook in &self.before_turn {
            if let Some(hook) = lock(hook).get_mut() {
                hook(turn);
            }
        }
        turn.stop.take()
    }

    /// The first decision that is not to run the tool, and the call with the input that the hooks
    /// before it left.
    pub(super) async fn before_tool(&self, mut call: ToolCall) -> (ToolCall, Decision) {
        for hook in self.before_tool.iter().filter_map(Guarded::get) {
            let asked = call.clone();
            match hooked("before_tool", || hook(asked)).await {
                Ok(Decision::Run) => {}
                Ok(Decision::RunWith(input)) => call = call.with_input(input),
                Ok(decision) => return (call, decision),
                // What would have refused the call did not.
                Err(_) => return (call, Decision::deny(UNDECIDED)),
            }
        }
        (call, Decision::Run)
    }

    /// Lets the hooks look at what came of a call. Nobody sees a result that one of them might have
    /// replaced and did not, since it panicked.
    pub(super) async fn after_tool(&self, call: &ToolCall, mut done: Done) -> Done {
        for hook in self.after_tool.iter().filter_map(Guarded::get) {
            let (call, output) = (call.clone(), done.output.clone());
            match hooked("after_tool", || hook(call, output)).await {
                Ok(AfterTool::Keep) => {}
                Ok(AfterTool::Replace(other)) => done.output = other,
                Ok(AfterTool::Stop(reason)) => {
                    done.stop = Some(reason);
                    return done;
                }
                Err(panic) => {
                    let text = format!("an after_tool hook panicked: {panic}");
                    let error = ToolError::of(ToolErrorKind::Panicked, text).hide_from_model();
                    return Done {
                        elapsed: done.elapsed,
                        ..Done::at_once(Err(error))
                    };
                }
            }
        }
        done
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("before_tool", &self.before_tool.len())
            .field("after_tool", &self.after_tool.len())
            .field("before_turn", &self.before_turn.len())
            .finish()
    }
}
