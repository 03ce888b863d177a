//! A run that is dropped leaves nothing behind, wherever it is: what the caller's code holds is
//! dropped with it, nothing more is sent, and the connection is closed.

use std::future::{IntoFuture, pending};
use std::sync::Arc;
use std::time::Duration;

use anthropic::Client;
use anthropic::tools::{AfterTool, Decision, Runner, tool_with};
use anthropic::types::Json;
use anthropic_sim::{Reply, Simulator};
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{define, echo, on_both_runtimes, params, passes, simulator};
use crate::stream_support::{open, sse, start, text_block};
use crate::support::server::Server;

/// What the caller's code holds, and notifies when a run is there.
type Held = Arc<Notify>;

/// Is reached, and never done. What it holds goes with it.
async fn never<T>(held: Held) -> T {
    held.notify_one();
    let never = pending().await;
    drop(held);
    never
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Tool,
    ToolBesideTheModel,
    Confirmation,
    BeforeTool,
    AfterTool,
    Model,
}

const PLACES: [Place; 6] = [
    Place::Tool,
    Place::ToolBesideTheModel,
    Place::Confirmation,
    Place::BeforeTool,
    Place::AfterTool,
    Place::Model,
];

impl Place {
    fn set(self, run: Runner, held: &Held) -> Runner {
        let held = Arc::clone(held);
        match self {
            Self::Tool | Self::ToolBesideTheModel => {
                let tool = tool_with(define("echo"), move |_: Json, _| {
                    never::<()>(Arc::clone(&held))
                });
                run.tools(tool)
                    .eager_tools(self == Self::ToolBesideTheModel)
            }
            Self::Confirmation => {
                run.tools(echo().confirm(move |_| never::<bool>(Arc::clone(&held))))
            }
            Self::BeforeTool => run
                .tools(echo())
                .before_tool(move |_| never::<Decision>(Arc::clone(&held))),
            Self::AfterTool => run
                .tools(echo())
                .after_tool(move |_, _| never::<AfterTool>(Arc::clone(&held))),
            // Never called.
            Self::Model => run.tools(echo().confirm(move |_| never(Arc::clone(&held)))),
        }
    }

    fn reply(self) -> Reply {
        let call = Reply::tool_use("echo", json!({"x": 1}));
        match self {
            Self::ToolBesideTheModel => {
                let more = "of which there is more to be written than anybody waits for";
                call.with_text(more.repeat(10))
                    .pace(Duration::from_millis(50))
            }
            Self::Model => call.delay(Duration::from_secs(60)),
            _ => call,
        }
    }
}

/// Waits until a run is at its place.
async fn reached(place: Place, simulator: &Simulator, held: &Held) {
    if place != Place::Model {
        return held.notified().await;
    }
    while simulator.requests().is_empty() {
        let _ = timeout(Duration::from_millis(2), pending::<()>()).await;
    }
}

/// Nothing of the run is there any more.
async fn is_gone(place: &str, simulator: &Simulator, held: &Held) {
    assert_eq!(Arc::strong_count(held), 1, "{place}: something is kept");
    let _ = timeout(Duration::from_millis(30), pending::<()>()).await;
    assert_eq!(simulator.requests().len(), 1, "{place}: more was sent");
}

fn begun(client: &Client, place: Place, streams: bool, held: &Held) -> Runner {
    let run = client.messages().run(params());
    place.set(run.stream(streams), held)
}

async fn a_run_that_is_dropped_leaves_nothing_behind() {
    for place in PLACES {
        for streams in [false, true] {
            if place == Place::ToolBesideTheModel && !streams {
                continue;
            }
            let shown = format!("{place:?}, streams: {streams}");
            // As its future.
            let (sim, client) = simulator([place.reply()]).await;
            let held = Held::default();
            let mut run = begun(&client, place, streams, &held).into_future();
            tokio::select! {
                ended = &mut run => panic!("{shown}: {ended:?}"),
                () = reached(place, &sim, &held) => {}
            }
            assert!(Arc::strong_count(&held) > 1);
            drop(run);
            is_gone(&shown, &sim, &held).await;

            // As its events.
            let (sim, client) = simulator([place.reply()]).await;
            let held = Held::default();
            let mut run = begun(&client, place, streams, &held);
            let read = async { while run.next().await.is_some() {} };
            tokio::select! {
                () = read => panic!("{shown}: it is over"),
                () = reached(place, &sim, &held) => {}
            }
            let transcript = run.transcript();
            drop(run);
            is_gone(&shown, &sim, &held).await;
            if place != Place::Model {
                passes(&client, transcript).await;
            }
        }
    }
}

/// The server sees it, whether or not the model has begun.
async fn the_connection_is_closed() {
    for (streams, begins) in [(false, false), (true, false), (true, true)] {
        let server = Server::start().await;
        let client = Client::builder().api_key("k").base_url(server.url("http"));
        let client = client.max_retries(0).build().unwrap();
        let run = client.messages().run(params()).tools(echo());
        let mut run = run.stream(streams);
        let asked = async {
            let mut connection = server.accept().await;
            connection.request().await;
            if begins {
                let text = sse(&[start(), open(0, &text_block())]);
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
                connection.write(&format!("{head}{text}")).await;
            }
            connection
        };
        let mut connection = if begins {
            let (event, connection) = tokio::join!(run.next(), asked);
            event.unwrap().unwrap();
            connection
        } else {
            tokio::select! {
                _ = run.next() => panic!("nothing was sent"),
                connection = asked => connection,
            }
        };
        drop(run);
        timeout(Duration::from_secs(10), connection.closed())
            .await
            .expect("the connection is still open");
    }
}

on_both_runtimes! {
    a_run_that_is_dropped_leaves_nothing_behind
    the_connection_is_closed
}
