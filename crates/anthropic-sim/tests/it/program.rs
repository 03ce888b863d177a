//! The binary, as a user of another language meets it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::client::{get, post};
use crate::messages::hello_with;

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

#[cfg(unix)]
#[tokio::test]
async fn it_serves_logs_and_stops_on_signals() {
    for signal in ["TERM", "INT"] {
        let (mut child, url) = start(&["--log", "json"]);
        assert_eq!(get(&url, "/v1/models").await.status, 200);
        let sent = Command::new("kill")
            .args([format!("-{signal}"), child.id().to_string()])
            .status()
            .unwrap();
        assert!(
            sent.success() && child.wait().unwrap().success(),
            "{signal}"
        );
        let mut log = String::new();
        child.stderr.unwrap().read_to_string(&mut log).unwrap();
        let line: Value = serde_json::from_str(&log).unwrap();
        assert_eq!(
            (&line["method"], &line["path"], &line["status"]),
            (&"GET".into(), &"/v1/models".into(), &200.into())
        );
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
async fn a_script_is_read_or_named_with_its_line() {
    let folder = std::env::temp_dir().join(format!("anthropic-sim-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("rules.yaml");
    let script = "rules:\n  - when: {regex: 'w.ather\\b'}\n    reply: Rain.\n";
    std::fs::write(&path, script).unwrap();
    let flag = format!("--script={}", path.display());
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
    std::fs::remove_dir_all(&folder).unwrap();
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
