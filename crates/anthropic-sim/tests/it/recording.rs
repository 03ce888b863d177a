//! Recording in front of one simulator, which stands for the API, and replaying without it.
#![cfg(feature = "record")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anthropic_sim::faults::{Fault, FaultServer, Rule};
use anthropic_sim::{Reply, Simulator};
use serde_json::json;

use crate::client::{get, post, post_form, send};
use crate::messages::{hello, hello_with};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("anthropic-sim-recording-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn names(&self) -> Vec<String> {
        let files = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn everything(&self) -> String {
        let read = |name: &String| {
            String::from_utf8_lossy(&fs::read(self.0.join(name)).unwrap()).into_owned()
        };
        self.names().iter().map(read).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn recorder(into: &Path, upstream: &str) -> Simulator {
    Simulator::builder()
        .record(into, upstream)
        .start()
        .await
        .unwrap()
}

async fn replayer(from: &Path) -> Simulator {
    Simulator::builder().replay(from).start().await.unwrap()
}

#[tokio::test]
async fn what_was_recorded_is_served_again() {
    let folder = Folder::new();
    let streamed = hello_with(json!({"stream": true}));
    let parts = [("file", "a.txt", "content")];
    let (plain, stream, models, missing, file) = {
        let api = Simulator::start().await.unwrap();
        let front = recorder(&folder.0, api.url()).await;
        let url = front.url();
        let plain = post(url, "/v1/messages", &hello()).await.ok();
        let stream = post(url, "/v1/messages", &streamed).await;
        let direct = post(api.url(), "/v1/messages", &streamed).await;
        assert_eq!(stream.body(), direct.body(), "bytes pass as they are");
        let models = get(url, "/v1/models?limit=2").await.ok();
        let missing = get(url, "/v1/models/none").await;
        assert!(missing.header("request-id").is_some());
        let file = post_form(url, "/v1/files", &parts).await.ok();
        (plain, stream, models, missing.json(), file)
    };
    assert_eq!(
        folder.names()[..3],
        [
            "0001-post-v1-messages.json",
            "0001-post-v1-messages.request.json",
            "0001-post-v1-messages.response.json",
        ]
    );
    let sse = fs::read(folder.0.join("0002-post-v1-messages.response.sse")).unwrap();
    assert_eq!(sse, stream.body(), "streams are stored as wire bytes");

    let replay = replayer(&folder.0).await;
    let url = replay.url();
    assert_eq!(post(url, "/v1/messages", &hello()).await.ok(), plain);
    let again = post(url, "/v1/messages", &streamed).await;
    assert_eq!(again.header("request-id"), stream.header("request-id"));
    assert_eq!(
        (again.body(), again.chunks.len()),
        (stream.body(), stream.chunks.len())
    );
    assert_eq!(get(url, "/v1/models?limit=2").await.ok(), models);
    assert_eq!(get(url, "/v1/models/none").await.json(), missing);
    // Another boundary makes no other form.
    let form = "--abc\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                content-type: text/plain\r\n\r\ncontent\r\n--abc--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=abc")];
    assert_eq!(
        send(url, "POST", "/v1/files", &headers, form.as_bytes())
            .await
            .ok(),
        file
    );
    // Neither do another order of keys and other spaces.
    let body = hello();
    let reordered = format!(
        "{{ \"model\": {}, \"messages\": {}, \"max_tokens\": {} }}",
        body["model"], body["messages"], body["max_tokens"]
    );
    let same = send(url, "POST", "/v1/messages", &[], reordered.as_bytes()).await;
    assert_eq!(same.ok(), plain);
}

#[tokio::test]
async fn what_was_not_recorded_is_refused_with_the_nearest() {
    let folder = Folder::new();
    {
        let api = Simulator::start().await.unwrap();
        let front = recorder(&folder.0, api.url()).await;
        post(front.url(), "/v1/messages", &hello()).await.ok();
        post(
            front.url(),
            "/v1/messages",
            &hello_with(json!({"max_tokens": 7, "system": "x"})),
        )
        .await
        .ok();
    }
    let replay = replayer(&folder.0).await;
    let other = hello_with(json!({"max_tokens": 8, "system": "x"}));
    let (kind, message) = post(replay.url(), "/v1/messages", &other).await.error(404);
    assert_eq!(kind, "not_found_error");
    assert!(
        message.contains("0002-post-v1-messages.json, differs at max_tokens"),
        "{message}"
    );
    let (_, message) = get(replay.url(), "/v1/models").await.error(404);
    assert!(
        message.contains("none has this method and path"),
        "{message}"
    );
}

#[tokio::test]
async fn the_same_request_gets_its_answers_in_turn() {
    let folder = Folder::new();
    {
        let api = Simulator::builder()
            .fault(Rule::new(Fault::status(529)).nth(1))
            .start()
            .await
            .unwrap();
        let front = recorder(&folder.0, api.url()).await;
        assert_eq!(get(front.url(), "/v1/models").await.status, 529);
        assert_eq!(get(front.url(), "/v1/models").await.status, 200);
    }
    let replay = replayer(&folder.0).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(get(replay.url(), "/v1/models").await.status);
    }
    assert_eq!(statuses, [529, 200, 200]);
}

#[tokio::test]
async fn secrets_are_not_stored() {
    let folder = Folder::new();
    let key = "canary-credential-1";
    let answer =
        format!("{{\"echo\":\"{key}\",\"api_key\":\"canary-2\",\"text\":\"sk-ant-canary-3\"}}");
    let headers = [
        ("content-type", "application/json"),
        ("set-cookie", "canary-4"),
        ("request-id", "req_1"),
    ];
    let api = FaultServer::start(Fault::answer(200, &headers, answer))
        .await
        .unwrap();
    let front = recorder(&folder.0, api.url()).await;
    let body = format!("{{\"authorization_token\":\"canary-5\",\"note\":\"I am {key}\"}}");
    let path = "/v1/things?key=sk-ant-canary-6";
    let headers = [
        ("x-api-key", key),
        ("cookie", "canary-7"),
        ("x-custom", "canary-8"),
    ];
    let answer = send(front.url(), "POST", path, &headers, body.as_bytes()).await;
    assert!(answer.text().contains(key), "the client gets it as it is");
    assert_eq!(
        api.requests()[0].header("x-api-key"),
        Some(key),
        "and so does the API"
    );
    assert_eq!(api.requests()[0].header("x-custom"), Some("canary-8"));
    let stored = folder.everything();
    assert!(
        !stored.contains("canary") && stored.contains("req_1"),
        "{stored}"
    );
    drop(front);
    let replay = replayer(&folder.0).await;
    let answer = send(replay.url(), "POST", path, &headers, body.as_bytes()).await;
    assert_eq!(answer.ok()["echo"], "[redacted]");
}

#[tokio::test]
async fn the_requests_own_key_is_not_stored_wherever_it_is_repeated() {
    let folder = Folder::new();
    let key = "canary-credential-1";
    let headers = [
        ("content-type", "text/plain; note=canary-credential-1"),
        ("request-id", "req_canary-credential-1"),
    ];
    let api = FaultServer::start(Fault::answer(200, &headers, key))
        .await
        .unwrap();
    let front = recorder(&folder.0, api.url()).await;
    let path = "/v1/things/%63anary-credential-1/x?q=a+canary-credential-1&token=canary-2&n=1";
    let headers = [
        ("authorization", "Bearer canary-credential-1"),
        ("anthropic-beta", "canary-credential-1"),
    ];
    let answer = send(front.url(), "POST", path, &headers, key.as_bytes()).await;
    assert_eq!(answer.text(), key);
    let sent = api.requests()[0].path().to_owned();
    assert!(path.starts_with(&sent), "the API gets it as it is: {sent}");
    let stored = format!("{:?} {}", folder.names(), folder.everything());
    assert!(
        !stored.contains("anary") && stored.contains("&n=1"),
        "{stored}"
    );
    drop(front);
    // Another key makes no other request.
    let replay = replayer(&folder.0).await;
    let path = path
        .replace("canary-credential-1", "other-key")
        .replace("%63anary-credential-1", "other-key");
    let headers = [
        ("authorization", "Bearer other-key"),
        ("anthropic-beta", "other-key"),
    ];
    let answer = send(replay.url(), "POST", &path, &headers, b"other-key").await;
    assert_eq!(answer.text(), "[redacted]");
}

#[tokio::test]
async fn a_key_that_events_cut_is_not_stored() {
    let folder = Folder::new();
    let key = "canary-credential-which-is-long-enough-to-be-cut";
    let reply = Reply::text(format!("Your key is {key}, right?"));
    let api = Simulator::builder().reply(reply).start().await.unwrap();
    let front = recorder(&folder.0, api.url()).await;
    let body = hello_with(json!({"stream": true})).to_string();
    let headers = [("x-api-key", key)];
    let answer = send(
        front.url(),
        "POST",
        "/v1/messages",
        &headers,
        body.as_bytes(),
    )
    .await;
    assert!(!answer.text().contains("redacted"), "the client gets it");
    let stored = folder.everything();
    for part in [
        "canary",
        "credential",
        "which",
        "long",
        "enough",
        "to-be-cut",
    ] {
        assert!(!stored.contains(part), "{part}: {stored}");
    }
    assert!(stored.contains("[redacted]") && stored.contains("right?"));
}

#[tokio::test]
async fn what_is_for_the_simulator_stays_there() {
    let folder = Folder::new();
    let api = FaultServer::start(Fault::json(200, "{}")).await.unwrap();
    let front = recorder(&folder.0, api.url()).await;
    let headers = [
        ("anthropic-sim-token", "canary-token"),
        ("anthropic-sim-reply", "canary-reply"),
        ("proxy-authorization", "Basic canary"),
        ("x-own", "stays"),
    ];
    send(front.url(), "POST", "/v1/x", &headers, b"{}")
        .await
        .ok();
    let request = &api.requests()[0];
    for (name, _) in &headers[..3] {
        assert_eq!(request.header(name), None, "{name}");
    }
    assert_eq!(request.header("x-own"), Some("stays"));
}

#[cfg(feature = "server")]
#[tokio::test]
async fn a_packed_body_is_sent_on_unpacked() {
    use std::io::Write;

    let folder = Folder::new();
    let api = Simulator::start().await.unwrap();
    let front = recorder(&folder.0, api.url()).await;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(hello().to_string().as_bytes()).unwrap();
    let body = packer.finish().unwrap();
    let headers = [("content-encoding", "gzip")];
    let answer = send(front.url(), "POST", "/v1/messages", &headers, &body).await;
    assert_eq!(answer.ok()["type"], "message");
    assert_eq!(api.requests()[0].json(), hello());
}

/// An exchange whose response has its body in this file.
#[cfg(unix)]
fn exchange(body: &str) -> String {
    format!(
        r#"{{"request":{{"method":"GET","path":"/v1/a"}},"response":{{"status":200,"body":"{body}"}}}}"#
    )
}

/// A simulator that replays, or why there is none.
#[cfg(unix)]
async fn replaying(folder: &Path) -> Result<Simulator, String> {
    let start = Simulator::builder().replay(folder).start();
    let start = tokio::time::timeout(std::time::Duration::from_secs(10), start).await;
    let start = start.expect("nothing is waited for");
    start.map_err(|error| error.to_string())
}

/// A folder for a recording, and another one with a file beside it.
#[cfg(unix)]
fn folders() -> (Folder, Folder) {
    let (folder, outside) = (Folder::new(), Folder::new());
    for folder in [&folder, &outside] {
        fs::create_dir(&folder.0).unwrap();
        fs::write(folder.0.join("body.txt"), "{}").unwrap();
    }
    (folder, outside)
}

#[cfg(unix)]
#[tokio::test]
async fn a_replay_follows_links_within_its_folder_only() {
    use std::os::unix::fs::symlink;

    let (folder, outside) = folders();
    let head = folder.0.join("0001-x.json");
    symlink("body.txt", folder.0.join("inside")).unwrap();
    fs::write(&head, exchange("inside")).unwrap();
    let simulator = replaying(&folder.0).await.unwrap();
    assert_eq!(get(simulator.url(), "/v1/a").await.ok(), json!({}));
    // The folder itself may be anywhere.
    symlink(&folder.0, outside.0.join("link")).unwrap();
    replaying(&outside.0.join("link")).await.unwrap();

    symlink(outside.0.join("body.txt"), folder.0.join("absolute")).unwrap();
    let name = outside.0.file_name().unwrap().to_str().unwrap();
    symlink(format!("../{name}/body.txt"), folder.0.join("relative")).unwrap();
    symlink("relative", folder.0.join("chained")).unwrap();
    symlink("/dev/zero", folder.0.join("device")).unwrap();
    for body in ["absolute", "relative", "chained", "device", ".."] {
        fs::write(&head, exchange(body)).unwrap();
        let error = replaying(&folder.0).await.unwrap_err();
        let problem = format!("0001-x.json: {body}: leads out of the folder");
        assert!(error.contains(&problem), "{error}");
    }
    fs::remove_file(&head).unwrap();
    fs::write(outside.0.join("x.json"), exchange("body.txt")).unwrap();
    symlink(outside.0.join("x.json"), &head).unwrap();
    let error = replaying(&folder.0).await.unwrap_err();
    assert!(
        error.contains("0001-x.json: leads out of the folder"),
        "{error}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_replay_opens_regular_files_only() {
    let (folder, _) = folders();
    let head = folder.0.join("0001-x.json");
    let pipe = folder.0.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    fs::create_dir(folder.0.join("directory")).unwrap();
    for (body, problem) in [
        ("pipe", "pipe: is no regular file"),
        ("directory", "directory: is no regular file"),
        (".", ".: is no regular file"),
        ("missing", "missing: No such file"),
    ] {
        fs::write(&head, exchange(body)).unwrap();
        let error = replaying(&folder.0).await.unwrap_err();
        assert!(
            error.contains(&format!("0001-x.json: {problem}")),
            "{error}"
        );
    }
    fs::remove_file(&head).unwrap();
    fs::rename(&pipe, &head).unwrap();
    let error = replaying(&folder.0).await.unwrap_err();
    assert!(error.contains("0001-x.json: is no regular file"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_replay_reads_no_more_than_a_recording_has() {
    let (folder, _) = folders();
    let head = folder.0.join("0001-x.json");
    // They take next to nothing of the disk.
    let sized = |path: &Path, length: u64| fs::File::create(path).unwrap().set_len(length).unwrap();
    fs::write(&head, exchange("large")).unwrap();
    sized(&folder.0.join("large"), 1 << 40);
    let error = replaying(&folder.0).await.unwrap_err();
    let problem = "0001-x.json: large: is larger than the limit of 512 MiB";
    assert!(error.contains(problem), "{error}");
    sized(&head, (1 << 20) + 1);
    let error = replaying(&folder.0).await.unwrap_err();
    let problem = "0001-x.json: is larger than the limit of 1 MiB";
    assert!(error.contains(problem), "{error}");
}

#[tokio::test]
async fn broken_answers_and_broken_recordings_are_told() {
    let folder = Folder::new();
    let sample = anthropic_sim::faults::Transcript::sample();
    let api = FaultServer::start(Fault::cut_after(&sample, 3))
        .await
        .unwrap();
    let front = recorder(&folder.0, api.url()).await;
    let answer = post(front.url(), "/v1/messages", &hello()).await;
    assert!(answer.status == 200 && !answer.complete);
    assert!(folder.names().is_empty(), "half an answer is not stored");
    let (_, message) = {
        let refused = anthropic_sim::faults::refused_url().await.unwrap();
        let front = recorder(&folder.0, &refused).await;
        get(front.url(), "/v1/models").await.error(502)
    };
    assert!(message.contains("gave no response"), "{message}");
    let start = Simulator::builder()
        .record(&folder.0, "ftp://x")
        .start()
        .await;
    assert!(start.unwrap_err().to_string().contains("ftp"));
    let start = Simulator::builder()
        .replay("/nonexistent/folder")
        .start()
        .await;
    assert!(
        start
            .unwrap_err()
            .to_string()
            .contains("/nonexistent/folder")
    );
    fs::write(
        folder.0.join("0001-x.json"),
        r#"{"request":{"method":"GET","path":"/"},"response":{"status":200,"body":"../x"}}"#,
    )
    .unwrap();
    let start = Simulator::builder().replay(&folder.0).start().await;
    let error = start.unwrap_err().to_string();
    assert!(
        error.contains("0001-x.json") && error.contains("../x"),
        "{error}"
    );
}

#[tokio::test]
async fn a_second_recording_goes_on_counting() {
    let folder = Folder::new();
    let api = Simulator::start().await.unwrap();
    for _ in 0..2 {
        let front = recorder(&folder.0, api.url()).await;
        get(front.url(), "/v1/models").await.ok();
    }
    let heads: Vec<_> = folder
        .names()
        .into_iter()
        .filter(|name| name.matches('.').count() == 1)
        .collect();
    assert_eq!(
        heads,
        ["0001-get-v1-models.json", "0002-get-v1-models.json"]
    );
}
