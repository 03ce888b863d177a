//! Application default credentials: a service account's key in a file, whose token is fetched from
//! a server on this machine.

#![cfg(all(feature = "gcp-auth-0-12", feature = "hyper"))]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "this is a test, whose other process reads the environment"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};

use anthropic::types::MessageCreateParams;
use serde_json::json;

/// A key that was made for this test, and is good for nothing else.
const KEY: &str = include_str!("service-account.pem");

/// One request, and the response to it: a token, or a message for who has it.
fn serve(stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let response = if head.starts_with("POST /token ") {
        assert!(body.contains("jwt-bearer") && body.contains("assertion="));
        json!({"access_token": "made-for-you", "expires_in": 3600, "token_type": "Bearer"})
    } else {
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": "Rhine"}], "stop_sequence": null,
            "usage": {"input_tokens": 3, "output_tokens": 1}
        })
    };
    let response = response.to_string();
    let length = response.len();
    write!(
        reader.get_mut(),
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{response}"
    )
    .unwrap();
    head.to_ascii_lowercase()
}

/// What a service account's file looks like.
fn account(folder: &Path, port: u16) -> String {
    let path = folder.join("account.json");
    let account = json!({
        "type": "service_account", "project_id": "account-project", "private_key": KEY,
        "client_email": "robot@account-project.iam.gserviceaccount.com",
        "token_uri": format!("http://127.0.0.1:{port}/token"),
    });
    std::fs::write(&path, account.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Runs [`other_process`] with these variables, and none of those that this one has.
fn run(variables: &[(&str, &str)], folder: &Path) -> Output {
    // `gcp_auth` takes no client without trust roots.
    let roots = folder.join("roots.pem");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&roots, made.cert.pem()).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "other_process", "--ignored", "--nocapture"])
        .env_clear()
        .env("SSL_CERT_FILE", roots)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_service_accounts_file_is_all_that_is_needed() {
    let folder = folder("service-account");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for stream in listener.incoming().take(2) {
            heads.push(serve(stream.unwrap()));
        }
        heads
    });
    let output = run(
        &[
            ("GOOGLE_APPLICATION_CREDENTIALS", &account(&folder, port)),
            (
                "ANTHROPIC_VERTEX_BASE_URL",
                &format!("http://127.0.0.1:{port}/v1"),
            ),
            ("CLOUD_ML_REGION", "europe-west1"),
            // None of these may be looked at.
            ("ANTHROPIC_API_KEY", "canary-key"),
            ("ANTHROPIC_BASE_URL", "http://127.0.0.1:9"),
        ],
        &folder,
    );
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("said Rhine"), "{text}");
    let heads = server.join().unwrap();
    let path = "/v1/projects/account-project/locations/europe-west1/publishers/anthropic/models/m:rawpredict";
    assert!(
        heads[1].starts_with(&format!("post {path} ")),
        "{}",
        heads[1]
    );
    assert!(heads[1].contains("authorization: bearer made-for-you"));
    assert!(!heads.concat().contains("canary"));
}

#[test]
fn a_file_that_is_no_service_accounts_is_named_as_the_cause() {
    let folder = folder("no-service-account");
    let path = folder.join("other.json");
    std::fs::write(&path, r#"{"type": "authorized_user"}"#).unwrap();
    let variables = [
        ("GOOGLE_APPLICATION_CREDENTIALS", path.to_str().unwrap()),
        ("CLOUD_ML_REGION", "global"),
    ];
    let output = run(&variables, &folder);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("credentials can't be used"), "{text}");
    assert!(text.contains("missing field"), "{text}");
}

#[tokio::test]
#[ignore = "run by the other tests, with an environment of its own"]
async fn other_process() {
    let client = match anthropic_google::vertex("", "").load().await {
        Ok(client) => client,
        Err(error) => return println!("failed with {error}"),
    };
    let params = MessageCreateParams::new("m", 100).user("Name a river.");
    let message = client.messages().create(params).await.unwrap();
    println!("said {}", message.text());
}
