//! Several processes with one profile, and one that is killed. The children are this program.
//!
//! `.ci/long` runs them for longer, by the variable `ANTHROPIC_TEST_ROUNDS`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use anthropic::Client;
use anthropic::credentials::Profile;
use serde_json::{Value, json};

use super::{Folder, oauth};
use crate::support::get;

const FOLDER: &str = "ANTHROPIC_TEST_FOLDER";
const URL: &str = "ANTHROPIC_TEST_URL";

#[expect(
    clippy::disallowed_methods,
    reason = "a test has to know whether it is the child, and for how long it runs"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// How often: a hundred times, which take a few seconds.
fn rounds() -> u32 {
    let set = variable("ANTHROPIC_TEST_ROUNDS");
    set.map_or(100, |rounds| rounds.parse().unwrap())
}

/// The API and its token endpoint, over TCP.
struct Server {
    url: String,
    state: Arc<Mutex<State>>,
    /// How many connections there are.
    open: Arc<AtomicU32>,
}

#[derive(Default)]
struct State {
    /// The number of the tokens that are good.
    number: u32,
    /// Whether the access token of that number was revoked.
    revoked: bool,
    exchanges: u32,
    /// Refresh tokens that came a second time.
    reused: u32,
    /// Whether tokens expire at once, and are good all the same.
    endless: bool,
    /// The refresh token that is good once more: that of a process which was killed before it could
    /// store the next.
    once_more: Option<u32>,
    /// The newest access token that a request had.
    used: u32,
}

impl Server {
    fn start(endless: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            endless,
            ..State::default()
        }));
        let open = Arc::new(AtomicU32::new(0));
        let (shared, count) = (state.clone(), open.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (state, open) = (shared.clone(), count.clone());
                open.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    serve(stream, &state);
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { url, state, open }
    }

    /// Waits until all that was sent so far has been looked at.
    fn settle(&self) {
        // It is behind the connections that wait.
        let address = self.url.strip_prefix("http://").unwrap();
        let mut last = TcpStream::connect(address).unwrap();
        last.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        last.read_to_end(&mut Vec::new()).unwrap();
        while self.open.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
    }

    fn take_exchanges(&self) -> (u32, u32) {
        let mut state = self.state.lock().unwrap();
        (std::mem::take(&mut state.exchanges), state.reused)
    }
}

/// Serves one request; the client may be killed meanwhile.
fn serve(mut stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    let (status, reply) = {
        let mut state = state.lock().unwrap();
        if head.starts_with("post /v1/oauth/token ") {
            state.exchange(&serde_json::from_slice(&body).ok()?)
        } else {
            state.request(&head)
        }
    };
    let reply = reply.to_string();
    let length = reply.len();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n");
    let json = "content-type: application/json\r\n\r\n";
    stream
        .write_all(format!("{head}{json}{reply}").as_bytes())
        .ok()
}

impl State {
    fn exchange(&mut self, grant: &Value) -> (u16, Value) {
        self.exchanges += 1;
        let given = number_of(&grant["refresh_token"]);
        if given != self.number && self.once_more.take() != Some(given) {
            self.reused += 1;
            return (400, json!({"error": "invalid_grant"}));
        }
        self.number += 1;
        self.revoked = false;
        let tokens = json!({
            "access_token": format!("canary-access-{}", self.number),
            "refresh_token": format!("canary-refresh-{}", self.number),
            "token_type": "Bearer",
            "expires_in": if self.endless { 0 } else { 3600 },
        });
        (200, tokens)
    }

    fn request(&mut self, head: &str) -> (u16, Value) {
        let bearer = head.split("authorization: bearer ").nth(1);
        let used = bearer.and_then(|head| head.lines().next());
        let used = used.map(|token| number_of(&token.into()));
        self.used = self.used.max(used.unwrap_or_default());
        if used == Some(self.number) && !self.revoked {
            return (200, json!({}));
        }
        let error = json!({"type": "authentication_error", "message": "revoked"});
        (401, json!({"type": "error", "error": error}))
    }
}

/// Which token it is.
fn number_of(token: &Value) -> u32 {
    let (_, number) = token.as_str().unwrap().rsplit_once('-').unwrap();
    number.parse().unwrap()
}

/// A login whose token has expired long ago.
fn expired() -> Folder {
    let folder = Folder::new();
    folder.write_config(&oauth());
    let mut tokens = super::tokens(0, 0);
    tokens["expires_at"] = 1.into();
    folder.write_credentials(&tokens);
    folder
}

/// Not a promise by itself: what the children of the other tests run. A request for each line, and
/// without an end where the line says so.
#[tokio::test]
async fn child() {
    let (Some(folder), Some(url)) = (variable(FOLDER), variable(URL)) else {
        return;
    };
    let profile = Profile::in_folder(folder, "work").unwrap();
    let client = Client::builder().credentials(profile).base_url(url);
    let client = client.max_retries(0).build().unwrap();
    println!("ready");
    for line in std::io::stdin().lines() {
        let is_endless = line.unwrap() == "for ever";
        loop {
            match get(&client).await {
                Ok(_) => println!("sent"),
                Err(error) => println!("failed: {error}"),
            }
            if !is_endless {
                break;
            }
        }
    }
}

struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(folder: &Folder, server: &Server) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "profiles::processes::child", "--nocapture"]);
        command.env(FOLDER, &folder.0).env(URL, &server.url);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut process = Self {
            child,
            input,
            output,
        };
        process.wait_for("ready");
        process
    }

    /// The next line that the child has printed itself.
    fn wait_for(&mut self, expected: &str) {
        loop {
            let mut line = String::new();
            assert!(
                self.output.read_line(&mut line).unwrap() > 0,
                "the child is gone"
            );
            assert!(
                !line.contains("canary") && !line.contains("failed"),
                "{line}"
            );
            if line.ends_with(&format!("{expected}\n")) {
                return;
            }
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn each_token_is_renewed_once() {
    for count in [2, 8] {
        let server = Server::start(false);
        let folder = expired();
        let mut processes: Vec<_> = (0..count)
            .map(|_| Process::start(&folder, &server))
            .collect();
        for round in 1..=rounds() {
            for process in &mut processes {
                process.say("go");
            }
            for process in &mut processes {
                process.wait_for("sent");
            }
            assert_eq!(
                server.take_exchanges(),
                (1, 0),
                "{count} processes, round {round}"
            );
            let stored = folder.stored();
            assert_eq!(stored["refresh_token"], format!("canary-refresh-{round}"));
            assert_eq!(stored["access_token"], format!("canary-access-{round}"));
            server.state.lock().unwrap().revoked = true;
        }
    }
}

/// Each is killed while it renews and stores without an end. A refresh token is good once, so what
/// is lost is at most the token that was under way then, and no request had it.
#[test]
fn a_process_that_is_killed_loses_no_token_that_it_has_used() {
    let server = Server::start(true);
    let folder = expired();
    let rounds = rounds();
    for round in 0..rounds {
        let mut process = Process::start(&folder, &server);
        process.say("for ever");
        for _ in 0..=round % 7 {
            process.wait_for("sent");
        }
        // Not always at the same point.
        for _ in 0..(round * 7919) % 20_000 {
            std::hint::spin_loop();
        }
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        server.settle();
        let stored = folder.stored();
        let (access, refresh) = (
            number_of(&stored["access_token"]),
            number_of(&stored["refresh_token"]),
        );
        let mut state = server.state.lock().unwrap();
        assert_eq!(access, refresh, "round {round}");
        assert_eq!(state.reused, 0, "round {round}");
        assert!(state.used <= access, "{} of {access}", state.used);
        if state.number != access {
            assert_eq!(state.number, access + 1, "round {round}");
            state.once_more = Some(access);
        }
    }
    // Its lock went with it, and what was half written goes with the next file.
    let mut last = Process::start(&folder, &server);
    last.say("go");
    last.wait_for("sent");
    let state = server.state.lock().unwrap();
    assert_eq!(number_of(&folder.stored()["access_token"]), state.number);
    assert_eq!(state.reused, 0);
    let files = std::fs::read_dir(folder.0.join("credentials")).unwrap();
    let mut names: Vec<_> = files.map(|it| it.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["work.json", "work.json.lock"]);
}
