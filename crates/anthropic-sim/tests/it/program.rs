//! The binary, as a user of another language meets it.

#![expect(
    clippy::disallowed_methods,
    reason = "a program of its own keeps the real time"
)]

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::access::{own_address, raw_to};
use crate::client::{get, open, parse, post, send};
use crate::messages::{hello, hello_with};

const PROGRAM: &str = env!("CARGO_BIN_EXE_anthropic-sim");

fn run(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).output().unwrap()
}

/// Starts it and reads its URL.
pub(crate) fn start(args: &[&str]) -> (Child, String) {
    let mut child = Command::new(PROGRAM)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    (child, line.trim().to_owned())
}

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("anthropic-sim-program-{}-{number}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0).unwrap();
        folder
    }

    /// The path of a file in it.
    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn running(args: &[&str]) -> (Running, String) {
    let (child, url) = start(args);
    (Running(child), url)
}

#[cfg(unix)]
fn signal(child: &Child, signal: &str) {
    let mut kill = Command::new("kill");
    kill.args([format!("-{signal}"), child.id().to_string()]);
    assert!(kill.status().unwrap().success(), "{signal}");
}

#[cfg(unix)]
#[tokio::test]
async fn it_serves_logs_and_stops_on_signals() {
    for name in ["TERM", "INT"] {
        let (mut child, url) = start(&["--log", "json"]);
        assert_eq!(get(&url, "/v1/models").await.status, 200);
        signal(&child, name);
        assert!(child.wait().unwrap().success(), "{name}");
        let mut log = String::new();
        child.stderr.unwrap().read_to_string(&mut log).unwrap();
        let line: Value = serde_json::from_str(&log).unwrap();
        assert_eq!(
            (&line["method"], &line["path"], &line["status"]),
            (&"GET".into(), &"/v1/models".into(), &200.into())
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_one_of_the_signals_waits_for_the_response_under_way() {
    let folder = Folder::new();
    let script = folder.path("slow.json");
    let slow = json!({"queue": [{"text": "At last.", "delay": 2_000}]});
    std::fs::write(&script, slow.to_string()).unwrap();
    for (name, waits) in [("TERM", true), ("INT", false)] {
        let (mut program, url) = running(&["--script", &script]);
        let began = Instant::now();
        let body = hello().to_string();
        let mut socket = open(&url, "POST", "/v1/messages", &[], body.as_bytes()).await;
        let seen = "/_sim/requests?path=/v1/messages";
        while get(&url, seen).await.ok() == json!({"requests": []}) {
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "the request is not seen"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        signal(&program.0, name);
        assert!(program.0.wait().unwrap().success(), "{name}");
        let mut bytes = Vec::new();
        // A reset is an end, too.
        let _ = socket.read_to_end(&mut bytes).await;
        if waits {
            let answer = parse(&bytes);
            assert!(answer.complete);
            assert_eq!(answer.ok()["content"][0]["text"], "At last.");
        } else {
            assert_eq!(bytes, b"");
        }
    }
}

#[test]
fn wrong_flags_end_with_two() {
    let output = run(&["--prot", "1"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        message,
        "anthropic-sim: unknown argument \"--prot\" (see --help)\n"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn help_is_on_stdout() {
    let output = run(&["--help"]);
    assert!(
        output.status.success()
            && String::from_utf8(output.stdout)
                .unwrap()
                .contains("--port PORT")
    );
}

#[test]
fn a_taken_port_ends_with_one() {
    let (mut child, url) = start(&[]);
    let port = url.rsplit(':').next().unwrap();
    let output = run(&["--port", port]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains(port));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn its_version_is_the_packages() {
    let output = run(&["--version"]);
    let expected = concat!("anthropic-sim ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[tokio::test]
async fn faults_and_limits_can_be_given() {
    let args = [
        "--fault",
        "status=500; nth=1",
        "--limit",
        "requests=2",
        "--log",
        "json",
    ];
    let (mut child, url) = start(&args);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(get(&url, "/v1/models").await.status);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(statuses, [500, 200, 429]);
    let mut log = String::new();
    child.stderr.unwrap().read_to_string(&mut log).unwrap();
    let first: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["status"], &first["fault"]),
        (&500.into(), &"status=500; nth=1".into())
    );
}

#[test]
fn a_recording_that_is_not_there_ends_with_one() {
    let output = run(&["--replay", "/nonexistent/folder"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("/nonexistent/folder")
    );
}

#[tokio::test]
async fn what_it_records_it_replays() {
    let folder = Folder::new();
    let recording = folder.path("calls");
    let recorded = {
        let (_api, api) = running(&[]);
        let (_front, url) = running(&["--record", &recording, "--upstream", &api]);
        let message = post(&url, "/v1/messages", &hello()).await.ok();
        assert_eq!(post(&api, "/v1/messages", &hello()).await.ok(), message);
        message
    };
    let (_replay, url) = running(&["--replay", &recording]);
    assert_eq!(post(&url, "/v1/messages", &hello()).await.ok(), recorded);
    let other = hello_with(json!({"max_tokens": 7}));
    let (_, problem) = post(&url, "/v1/messages", &other).await.error(404);
    assert!(problem.contains("differs at max_tokens"), "{problem}");
}

#[tokio::test]
async fn where_it_listens_and_whom_it_lets_in_can_be_given() {
    let args = [
        "--host",
        "0.0.0.0",
        "--allow-host",
        "sim",
        "--base-path",
        "/anthropic",
        "--token",
        "secret-1",
    ];
    let (mut program, url) = running(&args);
    let address: SocketAddr = url
        .strip_prefix("http://")
        .and_then(|url| url.strip_suffix("/anthropic"))
        .unwrap_or_else(|| panic!("{url}"))
        .parse()
        .unwrap();
    assert!(address.ip().is_unspecified(), "{url}");
    let near = SocketAddr::new([127, 0, 0, 1].into(), address.port());
    let models = "GET /anthropic/v1/models";
    for (line, host, status) in [
        (models, "sim", 200),
        (models, "localhost", 200),
        (models, "other", 403),
        ("GET /v1/models", "sim", 404),
    ] {
        let answer = raw_to(near, line, host, &[]).await;
        assert_eq!(answer.status, status, "{line} {host}");
    }
    // A machine that has no address but its loopback has nobody else to keep out.
    if let Some(own) = own_address() {
        let far = SocketAddr::new(own, address.port());
        for (token, status) in [("secret-2", 401), ("secret-1", 200)] {
            let token = [("anthropic-sim-token", token)];
            let answer = raw_to(far, "GET /anthropic/_sim/rules", "sim", &token).await;
            assert_eq!(answer.status, status);
        }
    }
    program.0.kill().unwrap();
    let mut log = String::new();
    let mut stderr = program.0.stderr.take().unwrap();
    stderr.read_to_string(&mut log).unwrap();
    assert!(log.contains("anthropic-sim-token: secret-1"), "{log}");
}

#[cfg(unix)]
#[test]
fn what_is_no_script_is_named_and_not_waited_for() {
    let folder = Folder::new();
    let (pipe, large) = (folder.path("pipe"), folder.path("large.json"));
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let file = std::fs::File::create(&large).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    for (path, problem) in [
        ("/dev/zero", "is no regular file"),
        (&pipe, "is no regular file"),
        (&large, "is larger than the limit of 16 MiB"),
        ("/nonexistent/rules.yaml", "No such file"),
    ] {
        let output = ends(&["--script", path]);
        assert_eq!(output.status.code(), Some(1), "{path}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(&format!("{path}: {problem}")), "{error}");
    }
}

/// What it wrote until it ended, which it does at once.
fn ends(args: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut program = Running(command.spawn().unwrap());
    let began = Instant::now();
    let status = loop {
        if let Some(status) = program.0.try_wait().unwrap() {
            break status;
        }
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{args:?} does not end"
        );
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut stderr = Vec::new();
    let mut pipe = program.0.stderr.take().unwrap();
    pipe.read_to_end(&mut stderr).unwrap();
    Output {
        status,
        stdout: Vec::new(),
        stderr,
    }
}

#[tokio::test]
async fn a_script_is_read_or_named_with_its_line() {
    let folder = Folder::new();
    let path = folder.path("rules.yaml");
    let script = "rules:\n  - when: {regex: 'w.ather\\b'}\n    reply: Rain.\n";
    std::fs::write(&path, script).unwrap();
    let flag = format!("--script={path}");
    let (mut child, url) = start(&[&flag]);
    let body = hello_with(json!({"messages": [{"role": "user", "content": "The weather?"}]}));
    let message = post(&url, "/v1/messages", &body).await.ok();
    assert_eq!(message["content"][0]["text"], "Rain.");
    let message = post(&url, "/v1/messages", &hello_with(json!({})))
        .await
        .ok();
    assert_ne!(message["content"][0]["text"], "Rain.");
    child.kill().unwrap();
    child.wait().unwrap();

    std::fs::write(&path, "rules:\n  - reply: a\n    wen: {}\n").unwrap();
    let output = run(&[&flag]);
    assert_eq!(output.status.code(), Some(1));
    let problem = String::from_utf8(output.stderr).unwrap();
    assert!(
        problem.contains("rules.yaml: line 3: rules[0].wen: unknown"),
        "{problem}"
    );
}

#[test]
fn the_certificate_is_there_before_the_url() {
    let name = format!("anthropic-sim-certificate-{}.pem", std::process::id());
    let file = std::env::temp_dir().join(name);
    let (mut child, url) = start(&["--tls", file.to_str().unwrap()]);
    let pem = std::fs::read_to_string(&file);
    child.kill().unwrap();
    child.wait().unwrap();
    let _ = std::fs::remove_file(&file);
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let pem = pem.unwrap();
    assert!(
        pem.starts_with("-----BEGIN CERTIFICATE-----") && !pem.contains("PRIVATE"),
        "{pem}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_who_follows_holds_up_the_end() {
    let (mut program, url) = running(&[]);
    let mut live = open(&url, "GET", "/_sim/live", &[], b"").await;
    let mut start = [0; 12];
    live.read_exact(&mut start).await.unwrap();
    let began = Instant::now();
    signal(&program.0, "TERM");
    assert!(program.0.wait().unwrap().success());
    assert!(
        began.elapsed() < Duration::from_secs(6),
        "{:?}",
        began.elapsed()
    );
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_ends_the_wait_for_responses() {
    let folder = Folder::new();
    let script = folder.path("slow.json");
    let slow = json!({"queue": [{"text": "At last.", "delay": 60_000}]});
    std::fs::write(&script, slow.to_string()).unwrap();
    let (mut program, url) = running(&["--script", &script]);
    let body = hello().to_string();
    let _socket = open(&url, "POST", "/v1/messages", &[], body.as_bytes()).await;
    while get(&url, "/_sim/requests?path=/v1/messages").await.ok() == json!({"requests": []}) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let began = Instant::now();
    signal(&program.0, "TERM");
    // It takes no more connections, so it drains.
    let address = url.strip_prefix("http://").unwrap();
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(program.0.try_wait().unwrap().is_none(), "it waits");
    signal(&program.0, "INT");
    assert!(program.0.wait().unwrap().success());
    assert!(
        began.elapsed() < Duration::from_secs(6),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn flags_reach_the_server() {
    let origin = "http://localhost:5173";
    let args = [
        "--cors",
        origin,
        "--tools",
        "never",
        "--pace",
        "30",
        "--lenient",
        "--lenient-ids",
    ];
    let (_program, url) = running(&args);
    let tool = json!({"name": "get_weather", "input_schema": {"type": "object"}});
    // No rule, so an empty list of messages passes; and no call of the tool that is on offer.
    let question = json!([{"role": "user", "content": "What is the weather in SF?"}]);
    for messages in [json!([]), question] {
        let body = hello_with(json!({"tools": [tool], "messages": messages}));
        let message = post(&url, "/v1/messages", &body).await.ok();
        assert_eq!(message["stop_reason"], "end_turn");
    }
    get(&url, "/v1/files/file_any").await.ok();
    let began = Instant::now();
    let body = hello_with(json!({"stream": true})).to_string();
    let headers = [("origin", origin)];
    let stream = send(&url, "POST", "/v1/messages", &headers, body.as_bytes()).await;
    assert!(stream.events().len() > 5);
    assert!(began.elapsed() > Duration::from_millis(150));
    assert_eq!(stream.header("access-control-allow-origin"), Some(origin));

    let (_strict, strict) = running(&[]);
    let message = post(
        &strict,
        "/v1/messages",
        &hello_with(json!({"messages": []})),
    )
    .await;
    assert_eq!(message.status, 400);
}

#[tokio::test]
async fn a_foreign_page_neither_controls_nor_spends() {
    let folder = Folder::new();
    let api = anthropic_sim::Simulator::start().await.unwrap();
    let (_program, url) = running(&["--record", &folder.path(""), "--upstream", api.url()]);
    let body = hello().to_string();
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        for path in ["/_sim/rules", "/_sim/reset", "/v1/messages"] {
            let headers = [(name, value), ("content-type", "text/plain")];
            let answer = send(&url, "POST", path, &headers, body.as_bytes()).await;
            assert_eq!(answer.status, 403, "{name} {path}");
        }
    }
    assert!(api.requests().is_empty());
    assert_eq!(get(&url, "/_sim/rules").await.ok()["rules"], json!([]));
    post(&url, "/v1/messages", &hello()).await.ok();
    assert_eq!(api.requests().len(), 1);
}
