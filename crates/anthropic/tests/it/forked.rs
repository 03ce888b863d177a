//! Blocking calls in processes that were forked, over sockets.
//!
//! The process that forks is a child of the tests' own, which has threads of other tests.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use anthropic::Client;
use fork::{Fork, fork, waitpid};
use serde_json::Value;

const MARK: &str = "ANTHROPIC_TEST_FORKS";

/// Answers every connection's requests with its own number of them, on threads.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer(stream.unwrap()));
        }
    });
    url
}

fn answer(mut stream: TcpStream) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    for count in 1.. {
        while !seen.windows(4).any(|it| it == b"\r\n\r\n") {
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(read) => seen.extend_from_slice(&buffer[..read]),
            }
        }
        seen.clear();
        let body = format!("{{\"count\":{count}}}");
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

/// The requests that the connection has had.
fn ask(client: &Client) -> anthropic::Result<u64> {
    let value = client.get::<Value>("/v1/thing").send_blocking()?;
    Ok(value["count"].as_u64().unwrap())
}

/// Not a promise by itself: what the child of the other test runs.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test has to know whether it is the child"
)]
fn fork_and_ask() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    let client = Client::builder()
        .api_key("key")
        .base_url(serve())
        .max_retries(0)
        .total_timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    assert!(ask(&client).is_ok() && ask(&client).is_ok());
    match fork().unwrap() {
        Fork::Parent(child) => {
            // The parent's runtime is as it was.
            ask(&client).unwrap();
            assert_eq!(waitpid(child).unwrap(), 0);
            ask(&client).unwrap();
        }
        Fork::Child => {
            // Nobody else ends it if it waits for ever.
            std::thread::spawn(|| {
                std::thread::sleep(Duration::from_secs(30));
                std::process::exit(2);
            });
            // Its connection is none of the parent's.
            let counts = (ask(&client), ask(&client));
            let grandchild = match fork() {
                Ok(Fork::Child) => std::process::exit(i32::from(!matches!(ask(&client), Ok(1)))),
                Ok(Fork::Parent(child)) => waitpid(child).unwrap_or(-1),
                Err(_) => -1,
            };
            let is_fine = matches!(counts, (Ok(1), Ok(_))) && grandchild == 0;
            std::process::exit(i32::from(!is_fine));
        }
    }
}

#[test]
fn a_process_that_was_forked_sends_and_waits_as_its_parent_does() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "forked::fork_and_ask", "--nocapture"]);
    let command = command.env(MARK, "1").stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    // A call that nobody drives would wait for ever.
    for _ in 0..600 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let _ = child.kill();
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}{errors}");
    assert!(printed.contains("1 passed"), "{printed}{errors}");
}
