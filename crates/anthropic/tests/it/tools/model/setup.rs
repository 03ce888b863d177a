//! Tools, hooks and settings of a run, as the numbers have them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anthropic::fallback::RefusalFallback;
use anthropic::tools::{
    AfterTool, Decision, FunctionTool, Runner, Tool, ToolCall, ToolContext, ToolError, ToolOutput,
    ToolSettings, Tools, Turn, tool_with,
};
use anthropic::types::{
    CacheControlEphemeral, ClearToolUses20250919Edit, CompactionConfig, Fallback, Json,
    MessageContent, MessageParam, TextBlock, ToolUnion,
};
use anthropic::{BoxFuture, RequestOptions};
use serde_json::json;

use super::super::table::unparsable;
use super::super::{define, echo, failing, hidden, panicking, slow};
use super::random::Numbers;

/// Which calls began: in which part of the test, in which turn, with which id.
pub(super) type Began = Arc<Mutex<Vec<(usize, u32, String)>>>;

/// A part of the test: what is between a run's first state and its last.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) number: usize,
    pub(super) began: Began,
}

/// A tool that notes its calls.
struct Noted {
    tool: Arc<FunctionTool>,
    part: Part,
}

impl Tool for Noted {
    fn name(&self) -> &str {
        self.tool.name()
    }

    fn definition(&self) -> ToolUnion {
        self.tool.definition()
    }

    fn settings(&self) -> ToolSettings {
        self.tool.settings()
    }

    fn call(
        &self,
        call: ToolCall,
        context: ToolContext,
    ) -> BoxFuture<'_, Result<ToolOutput, ToolError>> {
        self.tool.call(call, context)
    }

    fn start(
        self: Arc<Self>,
        call: ToolCall,
        context: ToolContext,
    ) -> Result<BoxFuture<'static, Result<ToolOutput, ToolError>>, ToolError> {
        let began = (self.part.number, context.turn(), call.id().to_owned());
        self.part.began.lock().unwrap().push(began);
        assert_ne!(self.name(), "starting", "a start");
        Arc::clone(&self.tool).start(call, context)
    }
}

impl Part {
    fn noted(&self, tool: FunctionTool) -> Noted {
        Noted {
            tool: Arc::new(tool),
            part: self.clone(),
        }
    }
}

/// Panics when it is dropped.
struct Brittle;

impl Drop for Brittle {
    fn drop(&mut self) {
        panic!("a drop");
    }
}

/// Never done, and holds what panics when it is dropped.
fn brittle() -> FunctionTool {
    let tool = tool_with(define("brittle"), |_: Json, _| async {
        let _held = Brittle;
        std::future::pending::<()>().await;
    });
    tool.timeout(Duration::from_millis(2))
}

fn later() -> FunctionTool {
    tool_with(define("later"), |_: Json, _| async { "later" })
}

fn tools(numbers: &mut Numbers, part: &Part) -> Tools {
    let allowed = numbers.often(70);
    let asked = tool_with(define("asked"), |_: Json, _| async { "done" });
    let asked = if numbers.often(50) {
        asked.needs_approval()
    } else {
        asked.confirm(move |_| async move { allowed })
    };
    let hidden = hidden();
    let hidden = if numbers.often(50) {
        hidden.sequential()
    } else {
        hidden
    };
    let starting = tool_with(define("starting"), |_: Json, _| async {});
    let slow = slow().timeout(Duration::from_millis(2));
    let mut all = Tools::new();
    for tool in [
        echo(),
        failing(),
        hidden,
        panicking(),
        slow,
        asked,
        starting,
        brittle(),
    ] {
        all = all.with(part.noted(tool));
    }
    // One that a hook may add, too, and whose code a later run may lack.
    if numbers.often(30) {
        all = all.with(part.noted(later()));
    }
    all
}

/// What a hook changes before a turn.
fn change(turn: &mut Turn<'_>, numbers: &mut Numbers, part: &Part) {
    match numbers.below(20) {
        0 | 1 => turn.add_tools(part.noted(later())),
        2 => turn.add_tools(part.noted(echo())),
        3 | 4 => {
            turn.remove_tool(*numbers.pick(&["echo", "later", "asked", "elsewhere", "unheard_of"]));
        }
        5 => turn.params_mut().max_tokens = 64 + numbers.below(1000),
        6 => {
            let messages = &mut turn.params_mut().messages;
            messages.push(MessageParam::user("Never mind."));
        }
        7 => {
            if let Some(MessageParam::User(last)) = turn.params_mut().messages.last_mut() {
                if let MessageContent::Blocks(blocks) = &mut last.content {
                    blocks.push(TextBlock::new("Never mind.").into());
                }
            }
        }
        8 => turn.params_mut().system = Some("Be brief.".into()),
        9 => turn.compact(CompactionConfig::new()),
        10 => {
            let tools = turn.params_mut().tools.get_or_insert_default();
            let elsewhere = ToolUnion::from(define("elsewhere"));
            if !tools.contains(&elsewhere) {
                tools.push(elsewhere);
            }
        }
        // What was before is left out.
        11 => turn.params_mut().messages = vec![MessageParam::user("Anew.")],
        12 if numbers.often(30) => turn.stop("enough"),
        _ => {}
    }
}

pub(super) fn set(numbers: &mut Numbers, run: Runner, part: &Part) -> Runner {
    let mut run = run
        .tools(tools(numbers, part))
        .eager_tools(numbers.often(50))
        .thread(numbers.often(30))
        .stream(numbers.often(50))
        .max_turns(1 + numbers.few(6));
    if numbers.often(20) {
        run = run.max_calls(numbers.few(4));
    }
    if numbers.often(10) {
        run = run.time_limit(Duration::from_millis(numbers.below(30)));
    }
    if numbers.often(30) {
        run = run.cache_prompt(CacheControlEphemeral::new());
    }
    match numbers.below(6) {
        0 => run = run.compact_above(1),
        1 => run = run.context_edits([ClearToolUses20250919Edit::new()]),
        _ => {}
    }
    if numbers.often(30) {
        let models = [
            Fallback::new("claude-opus-4-8"),
            Fallback::new("claude-sonnet-5"),
        ];
        let fallback = RefusalFallback::new(models);
        run = run.options(RequestOptions::new().middleware(fallback));
    }
    if numbers.often(30) {
        run = run.options(RequestOptions::new().middleware(unparsable()));
    }
    let denied = numbers.below(8);
    run = run.before_tool(move |call| async move {
        match (call.input().as_str().len() as u64 + denied) % 14 {
            0 => Decision::deny(""),
            1 | 8 => Decision::Defer,
            2 => Decision::answer(""),
            4 if denied == 1 => Decision::run_with(json!({"x": "replaced"})),
            3 if denied == 0 => Decision::stop("enough"),
            _ => Decision::Run,
        }
    });
    if numbers.often(10) {
        run = run.after_tool(|_, _| async { AfterTool::Stop("enough".to_owned()) });
    }
    if numbers.often(60) {
        let (mut own, part) = (Numbers::new(numbers.below(1 << 30)), part.clone());
        run = run.before_turn(move |turn| change(turn, &mut own, &part));
    }
    run
}
