//! What a run asks a tool beside its calls: its name, its definition, its settings.

use std::sync::atomic::{AtomicU32, Ordering};

use anthropic::ErrorKind;
use anthropic::tools::{
    Tool, ToolCall, ToolContext, ToolError, ToolOutput, ToolSettings, Transcript,
};
use anthropic::types::ToolUnion;
use anthropic_sim::Reply;
use serde_json::json;

use super::{define, echo, on_both_runtimes, params, results, simulator};

/// A tool one of whose methods panics, from the call of it with this number on.
struct Moody {
    panics: &'static str,
    from: u32,
    asked: AtomicU32,
}

impl Moody {
    fn new(panics: &'static str, from: u32) -> Self {
        Self {
            panics,
            from,
            asked: AtomicU32::new(0),
        }
    }

    fn asked(&self, for_what: &str) {
        if for_what == self.panics {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            assert!(number < self.from, "a {for_what}");
        }
    }
}

impl Tool for Moody {
    fn name(&self) -> &'static str {
        self.asked("name");
        "moody"
    }

    fn definition(&self) -> ToolUnion {
        self.asked("definition");
        define("moody").into()
    }

    fn call(
        &self,
        _: ToolCall,
        _: ToolContext,
    ) -> anthropic::BoxFuture<'_, Result<ToolOutput, ToolError>> {
        Box::pin(async { Ok(ToolOutput::from("fine")) })
    }

    fn settings(&self) -> ToolSettings {
        self.asked("settings");
        ToolSettings::new()
    }

    fn toolset_name(&self) -> Option<&str> {
        self.asked("toolset name");
        None
    }
}

/// What a tool is asked beside its calls is code of the caller's, too.
async fn a_panic_of_what_a_tool_is_does_not_end_the_process() {
    let call = |name: &str| Reply::tool_use(name, json!({"x": 1}));
    for method in ["name", "definition", "settings", "toolset name"] {
        for (from, added) in [(0, false), (0, true), (1, false), (1, true)] {
            for eager in [false, true] {
                let replies = [call("echo"), call("moody"), Reply::text("Done.")];
                let (simulator, client) = simulator(replies).await;
                let run = client.beta().messages().run(params()).tools(echo());
                let run = run.stream(eager).eager_tools(eager);
                let tool = Moody::new(method, from);
                let run = if added {
                    let mut tool = Some(tool);
                    run.before_turn(move |turn| {
                        if turn.number() == 2 {
                            turn.add_tools(tool.take().unwrap());
                        }
                    })
                } else {
                    run.tools(tool)
                };
                let ended = run.await;
                let case = format!("{method}, {from}, {added}");
                if from > 0 {
                    assert_eq!(ended.unwrap().text().unwrap(), "Done.", "{case}");
                    assert_eq!(results(&simulator, 2), [("fine".to_owned(), false)]);
                    continue;
                }
                let error = ended.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Request, "{case}");
                let line = error.to_string();
                assert!(line.contains(&format!("panicked: a {method}")), "{line}");
                let transcript = error.partial::<Transcript>().unwrap();
                assert_eq!(transcript.messages().len(), if added { 3 } else { 1 });
                assert_eq!(simulator.requests().len(), usize::from(added));
            }
        }
    }
}

on_both_runtimes! {
    a_panic_of_what_a_tool_is_does_not_end_the_process
}
