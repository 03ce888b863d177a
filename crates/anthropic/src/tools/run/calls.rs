//! The calls of a message: what becomes of each, and running those that run.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::approval::Approvals;
use super::caught::hooked;
use super::control::{Decision, UNDECIDED};
use super::event::RunEvent;
use super::job::{self, Done};
use super::machine::Machine;
use super::outcome::Limit;
use super::sync::lock;
use crate::BoxFuture;
use crate::tools::call::{ToolCall, ToolContext};
use crate::tools::error::{ToolError, ToolErrorKind};
use crate::tools::output::ToolOutput;
use crate::tools::tool::{Confirm, Tool, ToolSettings};

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
    Done(Result<ToolOutput, ToolError>),
    Denied(String),
    /// With the input that is to be decided about.
    Deferred(ToolCall),
    Stop(String),
}

/// A call that is to run.
struct Planned {
    index: usize,
    call: ToolCall,
    tool: Arc<dyn Tool>,
    settings: ToolSettings,
}

/// A call that runs.
struct Running {
    index: usize,
    call: ToolCall,
    alone: bool,
    future: BoxFuture<'static, Done>,
}

impl Machine {
    /// Gives every open call its result, as far as there is one.
    pub(super) async fn calls(&mut self, approvals: Option<Approvals>) -> After {
        let mut approvals = approvals;
        let open = lock(&self.shared).open.clone();
        let (mut planned, mut waits, mut limit) = (VecDeque::new(), false, None);
        for (index, open) in open.into_iter().enumerate() {
            if open.result.is_some() {
                continue;
            }
            let approved = approvals.is_some();
            let (call, decision) = match &mut approvals {
                Some(approvals) => {
                    let decision = approvals.take(open.call.id());
                    (open.call, decision.unwrap_or(Decision::Defer))
                }
                None => self.hooks.before_tool(open.call).await,
            };
            match self.plan(index, &call, decision, approved).await {
                Plan::Run(_) if self.is_last_call(planned.len()) => {
                    limit = Some(Limit::Calls);
                    let error = "the run's limit of calls was reached; the call did not run";
                    let error = ToolError::of(ToolErrorKind::NotRun, error);
                    self.finish(index, call, Done::at_once(Err(error))).await;
                }
                Plan::Run(plan) => planned.push_back(plan),
                Plan::Done(result) => self.finish(index, call, Done::at_once(result)).await,
                Plan::Denied(reason) => {
                    let output = ToolOutput::text_of(reason.clone()).into_error();
                    lock(&self.shared).finish(index, output);
                    self.out
                        .emit(|| RunEvent::ToolDenied { call, reason })
                        .await;
                }
                Plan::Deferred(call) => {
                    waits = true;
                    lock(&self.shared).replace(index, call.clone());
                    self.out.emit(|| RunEvent::ToolDeferred { call }).await;
                }
                Plan::Stop(reason) => return After::Stopped(reason),
            }
        }
        if let Some(reason) = self.run_all(planned).await {
            return After::Stopped(reason);
        }
        match limit {
            _ if waits => After::Waiting,
            Some(limit) => After::Limit(limit),
            None => {
                lock(&self.shared).close("the call did not run");
                After::Next
            }
        }
    }

    /// Whether the run's limit of calls is reached, with those that are planned.
    fn is_last_call(&self, planned: usize) -> bool {
        let calls = lock(&self.shared).calls as usize;
        let most = self.settings.max_calls;
        most.is_some_and(|most| calls.saturating_add(planned) >= most as usize)
    }

    async fn plan(
        &self,
        index: usize,
        call: &ToolCall,
        decision: Decision,
        approved: bool,
    ) -> Plan {
        let call = match decision {
            Decision::Run => call.clone(),
            Decision::RunWith(input) => call.clone().with_input(input),
            Decision::Answer(output) => return Plan::Done(Ok(output)),
            Decision::Deny(reason) => return Plan::Denied(reason),
            // Nobody need decide about a call that can't run.
            Decision::Defer if approved || self.exists(call) => {
                return Plan::Deferred(call.clone());
            }
            Decision::Defer => return Plan::Done(Err(self.unknown(call))),
            Decision::Stop(reason) => return Plan::Stop(reason),
        };
        let Some(tool) = self.tool(&call) else {
            if self.is_defined(&call) {
                // It is on offer, and somebody else runs it.
                return Plan::Deferred(call);
            }
            return Plan::Done(Err(self.unknown(&call)));
        };
        if let Err(error) = call.check() {
            return Plan::Done(Err(error));
        }
        let settings = tool.settings();
        match &settings.confirm {
            None => {}
            Some(_) if approved => {}
            Some(Confirm::Defer) => return Plan::Deferred(call),
            Some(Confirm::Ask(ask)) => {
                let asked = call.clone();
                let reason = match hooked("confirm", || ask(asked)).await {
                    Ok(true) => None,
                    Ok(false) => Some("the call was declined; the tool did not run"),
                    Err(_) => Some(UNDECIDED),
                };
                if let Some(reason) = reason {
                    return Plan::Denied(reason.to_owned());
                }
            }
        }
        Plan::Run(Planned {
            index,
            call,
            tool,
            settings,
        })
    }

    /// Whether there is such a tool, here or elsewhere.
    fn exists(&self, call: &ToolCall) -> bool {
        self.tool(call).is_some() || self.is_defined(call)
    }

    pub(super) fn tool(&self, call: &ToolCall) -> Option<Arc<dyn Tool>> {
        let fits = |tool: &&Arc<dyn Tool>| match call.toolset_name() {
            Some(family) => tool.toolset_name() == Some(family),
            None => tool.name() == call.name(),
        };
        self.tools.iter().find(fits).cloned()
    }

    fn unknown(&self, call: &ToolCall) -> ToolError {
        let names: Vec<String> = self.tools.names().map(|name| format!("`{name}`")).collect();
        let known = match names.len() {
            0 => "there are no tools".to_owned(),
            _ => format!("the tools are {}", names.join(", ")),
        };
        let text = format!("there is no tool `{}`; {known}", call.name());
        ToolError::of(ToolErrorKind::UnknownTool, text)
    }

    /// Runs calls, as many at a time as may. Returns why a hook stops the run.
    async fn run_all(&mut self, mut planned: VecDeque<Planned>) -> Option<String> {
        let mut running: Vec<Running> = Vec::new();
        let mut stop = None;
        loop {
            while let Some(plan) = self.next(&mut planned, &running) {
                let call = plan.call.clone();
                running.push(self.start(plan));
                self.out.emit(|| RunEvent::ToolStarted { call }).await;
            }
            if running.is_empty() {
                return stop;
            }
            let (at, mut done) = poll_fn(|task| {
                for (at, job) in running.iter_mut().enumerate() {
                    if let Poll::Ready(done) = job.future.as_mut().poll(task) {
                        return Poll::Ready((at, done));
                    }
                }
                Poll::Pending
            })
            .await;
            let job = running.remove(at);
            let stopped = done.stop.take();
            self.finish(job.index, job.call, done).await;
            if let Some(reason) = stopped {
                stop.get_or_insert(reason);
                planned.clear();
            }
        }
    }

    /// The next call, if it may start beside those that run.
    fn next(&self, planned: &mut VecDeque<Planned>, running: &[Running]) -> Option<Planned> {
        let next = planned.front()?;
        let full = running.len() >= self.settings.max_parallel.max(1);
        let alone = next.settings.sequential && !running.is_empty();
        let blocked = running.iter().any(|job| job.alone);
        if full || alone || blocked {
            return None;
        }
        planned.pop_front()
    }

    fn start(&self, plan: Planned) -> Running {
        let turn = {
            let mut transcript = lock(&self.shared);
            transcript.calls = transcript.calls.saturating_add(1);
            transcript.turns
        };
        let context = ToolContext {
            client: self.client.clone(),
            call: plan.call.clone(),
            turn,
        };
        let limit = plan.settings.timeout.or(self.settings.tool_timeout);
        let clock = Arc::clone(&self.client.shared().clock);
        let hooks = Arc::clone(&self.hooks);
        Running {
            index: plan.index,
            call: plan.call.clone(),
            alone: plan.settings.sequential,
            future: job::start(plan.tool, plan.call, context, limit, clock, hooks),
        }
    }

    pub(super) async fn finish(&self, index: usize, call: ToolCall, done: Done) {
        let Done {
            output,
            error,
            elapsed,
            stop: _,
        } = done;
        let output = output.accepted().capped(self.settings.max_result_bytes);
        lock(&self.shared).finish(index, output.clone());
        let event = || RunEvent::ToolFinished {
            call,
            output,
            error,
            elapsed,
        };
        self.out.emit(event).await;
    }
}
