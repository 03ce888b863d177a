//! The calls of a message: what becomes of each, and running those that run.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use super::approval::Approvals;
use super::caught::hooked;
use super::changes::History;
use super::control::{Decision, UNDECIDED};
use super::eager::Early;
use super::event::RunEvent;
use super::job::{self, CANCELLED, Done, Running, Work, meanwhile};
use super::known::Known;
use super::nearest::nearest;
use super::outcome::Limit;
use super::sync::lock;
use super::turns::Run;
use crate::BoxFuture;
use crate::tools::call::{ToolCall, ToolContext};
use crate::tools::check::{defined_name, family};
use crate::tools::error::{ToolError, ToolErrorKind};
use crate::tools::guarded::caught;
use crate::tools::output::ToolOutput;
use crate::tools::tool::{Ask, Confirm};

/// What the model sees of a call that was denied without a reason.
const DECLINED: &str = "the call was declined; the tool did not run";

/// How many tools the model is named in place of one that there is not: all of a run's may take
/// more tokens than the rest of the conversation.
const MOST_NAMES: usize = 40;

/// How a run goes on after the calls of a message.
pub(super) enum After {
    /// All of them have their results in the conversation.
    Next,
    Waiting,
    Limit(Limit),
    Stopped(String),
}

/// What becomes of a call.
enum Plan {
    Run(Planned),
    /// It runs if the tool's own confirmation is `true`.
    Ask(Planned, Ask),
    Done(ToolCall, Result<ToolOutput, ToolError>),
    Denied(ToolCall, String),
    /// With the input that is to be decided about.
    Deferred(ToolCall),
    Stop(String),
}

/// A call that is to run.
pub(super) struct Planned {
    pub(super) index: usize,
    pub(super) call: ToolCall,
    pub(super) tool: Arc<Known>,
}

/// A call that did not start, and why.
pub(super) type NotStarted = (usize, ToolCall, ToolError);

/// What came of calls.
#[derive(Default)]
struct Ran {
    /// Why a hook stops the run.
    stop: Option<String>,
    /// The run's limit of calls kept some from running.
    limited: bool,
}

impl Run {
    /// Gives every open call its result, as far as there is one.
    pub(super) async fn calls(&mut self, mut approvals: Option<Approvals>) -> After {
        let (count, turn) = {
            let transcript = lock(&self.shared);
            (transcript.open.len(), transcript.turns)
        };
        let mut waits = false;
        self.planned.clear();
        // Toolsets whose calls wait from here on.
        let mut held: Vec<String> = Vec::new();
        for index in 0..count {
            let Some(call) = lock(&self.shared).open_call(index) else {
                continue;
            };
            let approved = approvals.is_some();
            let decided = if approved || self.eager.is_on() || self.hooks.has_before_tool() {
                // What only some runs do is no part of every run's future.
                let deciding: BoxFuture<'_, _> =
                    Box::pin(self.decided(index, call, &mut approvals));
                deciding.await
            } else {
                Some((call, Decision::Run))
            };
            let Some((call, decision)) = decided else {
                continue;
            };
            let plan = match self.plan(index, call, decision, approved) {
                Plan::Run(plan) | Plan::Ask(plan, _) if is_of(&held, &plan.call) => {
                    Plan::Deferred(plan.call)
                }
                Plan::Ask(plan, ask) => self.confirmed(plan, &ask).await,
                plan => plan,
            };
            match plan {
                Plan::Run(plan) | Plan::Ask(plan, _) => self.planned.push_back(plan),
                Plan::Done(call, result) => self.finish(index, call, Done::at_once(result)).await,
                Plan::Denied(call, reason) => self.deny(index, call, reason).await,
                Plan::Deferred(call) => {
                    waits = true;
                    held.extend(call.toolset_name().map(str::to_owned));
                    lock(&self.shared).replace(index, call.clone());
                    self.out.emit(RunEvent::ToolDeferred { call }).await;
                }
                Plan::Stop(reason) => {
                    self.settle().await;
                    return After::Stopped(reason);
                }
            }
        }
        let ran = self.run_all(turn).await;
        match ran.stop {
            Some(reason) => After::Stopped(reason),
            None if waits => After::Waiting,
            None if ran.limited => After::Limit(Limit::Calls),
            None => {
                lock(&self.shared).close("the call did not run");
                After::Next
            }
        }
    }

    /// Notes that a call was refused, and waits until whoever reads the events has seen it.
    fn deny(&mut self, index: usize, call: ToolCall, reason: String) -> impl Future<Output = ()> {
        let output = ToolOutput::text_of(reason.clone()).into_error();
        let output = output.capped(self.settings.max_result_bytes);
        lock(&self.shared).finish(index, output);
        self.out.emit(RunEvent::ToolDenied { call, reason })
    }

    /// The decision about a call; none about one that has started, or that failed to.
    async fn decided(
        &mut self,
        index: usize,
        call: ToolCall,
        approvals: &mut Option<Approvals>,
    ) -> Option<(ToolCall, Decision)> {
        if let Some(approvals) = approvals {
            let decision = approvals.take(call.id());
            return Some((call, decision.unwrap_or(Decision::Defer)));
        }
        match self.eager.take(index) {
            Some(Early::Runs) => None,
            Some(Early::Failed(error)) => {
                let done = job::refused(error);
                self.finish(index, call, done).await;
                None
            }
            Some(Early::Decided(decided, decision)) => {
                Some((call.with_input(decided.input().clone()), decision))
            }
            Some(Early::Asked(deciding)) => {
                let (decided, decision) = meanwhile(&mut self.running, deciding).await;
                Some((call.with_input(decided.input().clone()), decision))
            }
            None if !self.hooks.has_before_tool() => Some((call, Decision::Run)),
            None => {
                let asked = self.hooks.before_tool(call);
                Some(meanwhile(&mut self.running, asked).await)
            }
        }
    }

    /// Whether no more calls may run.
    pub(super) fn no_more_calls(&self) -> bool {
        let most = self.settings.max_calls;
        most.is_some_and(|most| lock(&self.shared).calls >= most)
    }

    fn plan(&self, index: usize, call: ToolCall, decision: Decision, approved: bool) -> Plan {
        let other = match decision {
            Decision::Run => None,
            Decision::RunWith(input) => Some(call.clone().with_input(input)),
            Decision::Answer(output) => return Plan::Done(call, Ok(output)),
            Decision::Deny(reason) if reason.trim().is_empty() => {
                return Plan::Denied(call, DECLINED.to_owned());
            }
            Decision::Deny(reason) => return Plan::Denied(call, reason),
            // Nobody need decide about a call that can't run.
            Decision::Defer if approved || self.exists(&call) => return Plan::Deferred(call),
            Decision::Defer => {
                let error = self.unknown(&call);
                return Plan::Done(call, Err(error));
            }
            Decision::Stop(reason) => return Plan::Stop(reason),
        };
        let runs = other.as_ref().unwrap_or(&call);
        let Some(tool) = self.tool(runs) else {
            if self.is_defined(runs) {
                // It is on offer, and somebody else runs it.
                return Plan::Deferred(other.unwrap_or(call));
            }
            let error = self.unknown(runs);
            return Plan::Done(call, Err(error));
        };
        if let Err(error) = runs.check() {
            return Plan::Done(call, Err(error));
        }
        let call = other.unwrap_or(call);
        let confirm = tool.settings().confirm.clone().filter(|_| !approved);
        match confirm {
            None => Plan::Run(Planned { index, call, tool }),
            Some(Confirm::Ask(ask)) => Plan::Ask(Planned { index, call, tool }, ask),
            Some(Confirm::Defer) => Plan::Deferred(call),
        }
    }

    /// Lets a tool's own confirmation decide, while other calls run.
    async fn confirmed(&mut self, plan: Planned, ask: &Ask) -> Plan {
        let asked = plan.call.clone();
        let asked = Box::pin(hooked("confirm", || ask(asked)));
        let reason = match meanwhile(&mut self.running, asked).await {
            Ok(true) => return Plan::Run(plan),
            Ok(false) => DECLINED,
            Err(_) => UNDECIDED,
        };
        Plan::Denied(plan.call, reason.to_owned())
    }

    /// Whether there is such a tool, here or elsewhere.
    fn exists(&self, call: &ToolCall) -> bool {
        self.tool(call).is_some() || self.is_defined(call)
    }

    pub(super) fn tool(&self, call: &ToolCall) -> Option<Arc<Known>> {
        self.tools.called_by(call).cloned()
    }

    fn unknown(&self, call: &ToolCall) -> ToolError {
        let history = History::of(&lock(&self.shared).messages);
        let text = format!(
            "there is no tool `{}`; {}",
            call.name(),
            self.on_offer(&history, call.name())
        );
        ToolError::of(ToolErrorKind::UnknownTool, text)
    }

    /// Names the tools that are on offer; where there are many, those that are named most like this
    /// one.
    pub(super) fn on_offer(&self, history: &History, like: &str) -> String {
        let tools = self.tools.iter().map(|tool| match tool.toolset_name() {
            Some(family) => format!("those of the toolset `{family}`"),
            None => format!("`{}`", tool.name()),
        });
        // Those that somebody else runs are on offer, too.
        let beside = self.beside();
        let beside = beside.iter().filter_map(|tool| match defined_name(tool) {
            Some(name) if history.offers(&name) == Some(false) => None,
            Some(name) => Some(format!("`{name}`")),
            None => family(tool).map(|family| format!("those of the toolset `{family}`")),
        });
        let mut names: Vec<String> = tools.chain(beside).collect();
        let more = names.len().saturating_sub(MOST_NAMES);
        if more > 0 {
            names = nearest(names, like, MOST_NAMES);
        }
        match (names.len(), more) {
            (0, _) => "there are no tools".to_owned(),
            (_, 0) => format!("the tools are {}", names.join(", ")),
            _ => format!("the tools are {} and {more} others", names.join(", ")),
        }
    }

    /// Runs calls, as many at a time as may.
    async fn run_all(&mut self, turn: u32) -> Ran {
        let mut ran = Ran::default();
        loop {
            while let Some(plan) = self.next() {
                ran.limited |= self.no_more_calls();
                match self.launch(plan, turn, ran.limited) {
                    Ok(None) => {}
                    Ok(Some(call)) => self.out.emit(RunEvent::ToolStarted { call }).await,
                    Err((index, call, error)) => {
                        self.finish(index, call, job::refused(error)).await;
                    }
                }
            }
            if self.running.is_empty() {
                return ran;
            }
            let (at, mut done) = poll_fn(|task| {
                for (at, job) in self.running.iter_mut().enumerate() {
                    if let Poll::Ready(done) = job.poll(task) {
                        return Poll::Ready((at, done));
                    }
                }
                Poll::Pending
            })
            .await;
            let Running { index, call, .. } = self.running.remove(at);
            let stopped = done.stop.take();
            self.finish(index, call, done).await;
            if let Some(reason) = stopped {
                ran.stop.get_or_insert(reason);
                self.planned.clear();
            }
        }
    }

    /// The first call that may start beside those that run. What comes after one of a sequential
    /// tool waits for that; what comes after one that waits for its toolset does not.
    fn next(&mut self) -> Option<Planned> {
        if self.running.is_empty() {
            return self.planned.pop_front();
        }
        if self.planned.is_empty() {
            return None;
        }
        let (running, planned) = (&self.running, &mut self.planned);
        let full = running.len() >= self.settings.max_parallel.max(1);
        if full || running.iter().any(|job| job.alone) {
            return None;
        }
        // Those that are passed over wait for one that runs, and so do later ones of their toolset.
        let waits = |plan: &Planned| {
            running
                .iter()
                .any(|job| same_toolset(&job.call, &plan.call))
        };
        let is_alone = |plan: &Planned| plan.tool.settings().sequential;
        let free = |plan: &Planned| is_alone(plan) || !waits(plan);
        let at = planned.iter().position(free)?;
        if planned.get(at).is_some_and(is_alone) {
            return None;
        }
        planned.remove(at)
    }

    /// Begins a call that is among those that run from then on. Returns it if somebody reads the
    /// events.
    fn launch(
        &mut self,
        plan: Planned,
        turn: u32,
        limited: bool,
    ) -> Result<Option<ToolCall>, NotStarted> {
        let job = self.start(plan, turn, limited)?;
        let shown = self.out.is_read().then(|| job.call.clone());
        self.running.push(job);
        Ok(shown)
    }

    /// Begins a call, which counts from then on. Fails where it does not run.
    pub(super) fn start(
        &self,
        plan: Planned,
        turn: u32,
        limited: bool,
    ) -> Result<Running, NotStarted> {
        let Planned { index, call, tool } = plan;
        if limited {
            let error = "the run's limit of calls was reached; the call did not run";
            let error = ToolError::of(ToolErrorKind::NotRun, error);
            return Err((index, call, error));
        }
        if self.follows_a_failure(index, &call) {
            let error = "an earlier action of the toolset failed; the call did not run";
            let error = ToolError::of(ToolErrorKind::NotRun, error);
            return Err((index, call, error));
        }
        let context = ToolContext {
            client: self.client.clone(),
            call: call.clone(),
            turn,
        };
        let ran = match caught(|| tool.start(call.clone(), context)) {
            Ok(Ok(ran)) => ran,
            Ok(Err(error)) => return Err((index, call, error)),
            Err(panic) => return Err((index, call, job::panicked(&panic))),
        };
        let mut transcript = lock(&self.shared);
        transcript.calls = transcript.calls.saturating_add(1);
        drop(transcript);
        let settings = tool.settings();
        let mut work = Work::new(ran, &call);
        let clock = &self.client.shared().clock;
        if let Some(limit) = settings.timeout.or(self.settings.tool_timeout) {
            work.limit(limit, clock);
        }
        if self.out.is_read() {
            work.time(clock);
        }
        if self.hooks.has_after_tool() {
            work.hook(&self.hooks);
        }
        Ok(Running::new(index, call, settings.sequential, work))
    }

    /// Whether a call before it, of the same toolset, failed: the model meant one after the other.
    /// Those before a fallback are another model's.
    fn follows_a_failure(&self, index: usize, call: &ToolCall) -> bool {
        if call.toolset_name().is_none() {
            return false;
        }
        let transcript = lock(&self.shared);
        let declined = transcript.declined_calls();
        let mut earlier = transcript.open.iter().take(index).skip(declined);
        earlier.any(|open| {
            let failed = open.result.as_ref().is_some_and(ToolOutput::is_error);
            failed && same_toolset(&open.call, call)
        })
    }

    /// Gives the calls that were started their results where the run ends: what came of those that
    /// are done; the others are cancelled.
    pub(super) async fn settle(&mut self) {
        for job in std::mem::take(&mut self.running) {
            let (index, call, done) = job.end(CANCELLED);
            self.finish(index, call, done).await;
        }
    }

    /// As [`settle`](Self::settle), where nobody reads on; what was started of a message that broke
    /// off comes into the conversation with what is before it.
    pub(super) fn abandon(&mut self, unfinished: &str) {
        let broke_off = self.eager.has_begun();
        let jobs = if broke_off {
            self.eager.jobs()
        } else {
            std::mem::take(&mut self.running)
        };
        // Tools are dropped here, and may look at the transcript.
        let ended: Vec<_> = jobs.into_iter().map(|job| job.end(unfinished)).collect();
        let mut transcript = lock(&self.shared);
        if let (true, Some(message)) = (broke_off, transcript.cut.as_deref().cloned()) {
            let last = ended.iter().map(|(index, ..)| *index).max();
            transcript.keep_calls(message, last.unwrap_or_default());
        }
        for (index, _, done) in ended {
            let output = done.output.accepted();
            transcript.finish(index, output.capped(self.settings.max_result_bytes));
        }
    }

    /// Notes the result of a call, and waits until whoever reads the events has seen it.
    pub(super) fn finish(
        &mut self,
        index: usize,
        call: ToolCall,
        done: Done,
    ) -> impl Future<Output = ()> {
        let Done {
            output,
            error,
            elapsed,
            stop: _,
        } = done;
        let output = output.accepted().capped(self.settings.max_result_bytes);
        let shown = self.out.is_read().then(|| output.clone());
        lock(&self.shared).finish(index, output);
        self.out.emit(shown.map(|output| RunEvent::ToolFinished {
            call,
            output,
            error,
            elapsed,
        }))
    }
}

/// Whether a call is of one of these toolsets.
fn is_of(toolsets: &[String], call: &ToolCall) -> bool {
    let mut toolsets = toolsets.iter();
    toolsets.any(|name| Some(name.as_str()) == call.toolset_name())
}

/// Whether two calls are of one toolset, whose calls run in their order.
fn same_toolset(one: &ToolCall, other: &ToolCall) -> bool {
    one.toolset_name().is_some() && one.toolset_name() == other.toolset_name()
}
