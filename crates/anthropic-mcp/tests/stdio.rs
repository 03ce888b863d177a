//! Servers that are programs. This is one itself, when it is started as one; so it has no harness,
//! which prints on standard output.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "it is a test")]

mod support;

use std::process::Stdio;
use std::time::Duration;

use anthropic::tools::Tools;
use anthropic_mcp::{ErrorKind, Program, Server};
use rmcp::ServiceExt;
use serde_json::json;

use support::call;
use support::demo::Demo;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if std::env::args().any(|arg| arg == "serve") {
        let running = Demo::default().serve(rmcp::transport::stdio()).await;
        let _ = running.unwrap().waiting().await;
        return;
    }
    let limit = Duration::from_secs(60);
    let all = async {
        a_program_is_a_server().await;
        println!("a program gets a few variables and no keys");
        a_program_gets_a_few_variables_and_no_keys().await;
        println!("what does not start is named");
        what_does_not_start_is_named().await;
        println!("a program that ends fails the calls");
        a_program_that_ends_fails_the_calls().await;
        println!("closing ends the program and what is under way");
        closing_ends_the_program_and_what_is_under_way().await;
        #[cfg(unix)]
        {
            println!("closing ends what the program has started");
            closing_ends_what_the_program_has_started().await;
        }
    };
    tokio::time::timeout(limit, all).await.unwrap();
}

fn demo() -> Program {
    let program = Server::program(std::env::current_exe().unwrap());
    program.arg("serve").stderr(Stdio::null()).named("demo")
}

async fn tools(server: &Server) -> Tools {
    server.tools().await.unwrap().into()
}

async fn a_program_is_a_server() {
    let server = demo().start().await.unwrap();
    assert_eq!(server.instructions().await.unwrap(), "Add before you draw.");
    let tools = tools(&server).await;
    assert_eq!(tools.len(), 14);
    let sum = call(&tools, "add", json!({"a": 2, "b": 40})).await.unwrap();
    assert_eq!(sum.text(), "42");
    // Many at a time.
    let many = (0..20).map(|n| {
        let tools = tools.clone();
        tokio::spawn(async move {
            call(&tools, "add", json!({"a": n, "b": 1}))
                .await
                .unwrap()
                .text()
        })
    });
    for (n, sum) in many.enumerate() {
        assert_eq!(sum.await.unwrap(), (n + 1).to_string());
    }
    server.close().await.unwrap();
}

async fn a_program_gets_a_few_variables_and_no_keys() {
    let found = std::env::vars().any(|(name, _)| name.starts_with("CARGO"));
    assert!(found, "there is something to leave out");
    let program = demo()
        .env("GIVEN", "canary")
        .inherit("CARGO_MANIFEST_DIR")
        .inherit("NO_SUCH_VARIABLE");
    let shown = format!("{program:?}");
    assert!(
        shown.contains("GIVEN") && !shown.contains("canary"),
        "{shown}"
    );
    let server = program.start().await.unwrap();
    let tools = tools(&server).await;
    let names = call(&tools, "env", json!({})).await.unwrap().text();
    let mut names: Vec<&str> = names.split(' ').collect();
    let usual = [
        "HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER",
    ];
    names.retain(|name| !usual.contains(name));
    assert_eq!(names, ["CARGO_MANIFEST_DIR", "GIVEN"]);
    server.close().await.unwrap();
}

async fn what_does_not_start_is_named() {
    let missing = Server::program("/no/such/program")
        .start()
        .await
        .unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Start);
    let line = missing.to_string();
    let expected = "the MCP server `program`: the program `/no/such/program` can't be started: \
                    No such file or directory (os error 2)";
    assert_eq!(line, expected);
    assert_eq!(format!("{missing:?}"), line);
    // One that speaks another protocol, and one that is silent.
    // It ends before or after the first message reaches it.
    for _ in 0..30 {
        let other = Server::program("true")
            .named("other")
            .arg("canary")
            .env("TOKEN", "canary")
            .start()
            .await
            .unwrap_err();
        assert_eq!(
            (other.kind(), other.server()),
            (ErrorKind::Connect, "other")
        );
        let line = other.to_string();
        let begin = "the MCP server `other`: the program `true` ended the connection before";
        assert!(line.starts_with(begin), "{line}");
        assert!(
            !format!("{other:#?}{line}").contains("canary"),
            "{other:#?}"
        );
    }
    let silent = Server::program("sleep")
        .arg("60")
        .timeout(Duration::from_millis(200));
    let silent = silent.start().await.unwrap_err();
    assert_eq!(silent.kind(), ErrorKind::Timeout);
    let line = silent.to_string();
    assert!(
        line.contains("making a session with the program `sleep` took longer"),
        "{line}"
    );
}

async fn a_program_that_ends_fails_the_calls() {
    let server = demo().start().await.unwrap();
    let tools = tools(&server).await;
    for name in ["exit", "add"] {
        let error = call(&tools, name, json!({})).await.unwrap_err();
        assert_eq!(error.output().text(), "the tool's server can't be reached");
    }
    let error = server.tools().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
}

async fn closing_ends_the_program_and_what_is_under_way() {
    let server = demo().start().await.unwrap();
    let tools = tools(&server).await;
    let waiting = {
        let tools = tools.clone();
        tokio::spawn(async move { call(&tools, "wait", json!({})).await })
    };
    tokio::time::timeout(Duration::from_millis(100), std::future::pending::<()>())
        .await
        .unwrap_err();
    server.close().await.unwrap();
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(error.output().text(), "the tool's server can't be reached");
    let error = server.prompts().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    // Once more is no fault.
    server.close().await.unwrap();
}

/// A shell in front of the server, which starts something else, and does not end with its input.
#[cfg(unix)]
async fn closing_ends_what_the_program_has_started() {
    let beats = std::env::temp_dir().join(format!("anthropic-mcp-{}", std::process::id()));
    let count = || std::fs::metadata(&beats).map_or(0, |meta| meta.len());
    let pause = async |millis| {
        let never = std::future::pending::<()>();
        let _ = tokio::time::timeout(Duration::from_millis(millis), never).await;
    };
    let script = r#"while :; do echo >> "$2"; sleep 0.05; done & "$1" serve; sleep 600"#;
    let program = Server::program("sh").args(["-c", script, "sh"]);
    let program = program.arg(std::env::current_exe().unwrap()).arg(&beats);
    let server = program.stderr(Stdio::null()).start().await.unwrap();
    while count() == 0 {
        pause(10).await;
    }
    let before = count();
    // Both wait for the end, which comes with a signal, after 3 s.
    let close = async || {
        server.close().await.unwrap();
        count()
    };
    let (first, second) = tokio::join!(close(), close());
    assert!(first > before + 10 && second > before + 10);
    pause(100).await;
    let after = count();
    pause(400).await;
    assert_eq!(count(), after, "something still runs");
    std::fs::remove_file(&beats).unwrap();
}
