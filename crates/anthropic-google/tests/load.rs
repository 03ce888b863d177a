//! Application default credentials: a service account's key in a file, whose token is fetched from
//! the simulator, which is Vertex AI and Google's token endpoint.

#![cfg(all(feature = "gcp-auth-0-12", feature = "hyper"))]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "this is a test, whose other process reads the environment"
)]

use std::path::Path;
use std::process::{Command, Output};
use std::time::SystemTime;

use anthropic::transport::hyper_1::HyperTransport;
use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::MessageCreateParams;
use anthropic::{BoxFuture, CredentialKind};
use anthropic_sim::{Platform, Simulator};
use serde_json::json;

/// A key that was made for this test, and is good for nothing else.
const KEY: &str = include_str!("service-account.pem");

/// What stands before all that [`other_process`] has logged.
const LOGS: &str = "logged:\n";

/// What a service account's file looks like.
fn account(folder: &Path, simulator: &Simulator) -> String {
    let path = folder.join("account.json");
    let account = json!({
        "type": "service_account", "project_id": "account-project", "private_key": KEY,
        "client_email": "robot@account-project.iam.gserviceaccount.com",
        "token_uri": format!("{}/token", simulator.url()),
    });
    std::fs::write(&path, account.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Runs [`other_process`] with these variables, and none of those that this one has.
async fn run(variables: &[(&str, &str)], folder: &Path) -> Output {
    // `gcp_auth` takes no client without trust roots.
    let roots = folder.join("roots.pem");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&roots, made.cert.pem()).unwrap();
    let mut program = Command::new(std::env::current_exe().unwrap());
    program
        .args(["--exact", "other_process", "--ignored", "--nocapture"])
        .env_clear()
        .env("SSL_CERT_FILE", roots)
        .envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || program.output());
    let output = output.await.unwrap().unwrap();
    // Neither the account's key nor a token that was issued, at any level.
    let text = String::from_utf8_lossy(&output.stdout);
    let (_, logged) = text.split_once(LOGS).unwrap();
    assert!(logged.len() > 1000 || !text.contains("said "), "{logged}");
    let line = KEY.lines().nth(1).unwrap();
    for secret in ["ya29.", "canary", "PRIVATE KEY", line] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    output
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn a_service_accounts_file_is_all_that_is_needed() {
    let folder = folder("service-account");
    // It takes the token that it issues, and no other.
    let simulator = Simulator::builder().platform(Platform::Vertex);
    let simulator = simulator.accept_only("canary-other").start().await.unwrap();
    let output = run(
        &[
            (
                "GOOGLE_APPLICATION_CREDENTIALS",
                &account(&folder, &simulator),
            ),
            ("ANTHROPIC_VERTEX_BASE_URL", &simulator.base_url()),
            ("CLOUD_ML_REGION", "europe-west1"),
            (
                "ANTHROPIC_CUSTOM_HEADERS",
                "x-team: rivers\nauthorization: Bearer canary",
            ),
            // None of these may be looked at.
            ("ANTHROPIC_API_KEY", "canary-key"),
            ("ANTHROPIC_BASE_URL", "http://127.0.0.1:9"),
        ],
        &folder,
    )
    .await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("said "), "{text}");
    let requests = simulator.requests();
    let [token, message] = &requests[..] else {
        panic!("{requests:?}");
    };
    let form = String::from_utf8_lossy(&token.body);
    assert_eq!(token.path, "/token");
    assert!(
        form.contains("jwt-bearer") && form.contains("assertion="),
        "{form}"
    );
    let path = "/v1/projects/account-project/locations/europe-west1/publishers/anthropic/models/claude-opus-5-5:rawPredict";
    assert!(text.contains(&format!("asked {path}\n")), "{text}");
    // What the simulator has made of it.
    assert_eq!(message.path, "/v1/messages");
    assert_eq!(message.json()["model"], "claude-opus-5-5");
    assert_eq!(message.header("x-team"), Some("rivers"));
    assert!(text.contains("expires in an hour"), "{text}");
    assert!(!format!("{requests:?}").contains("canary"));
}

#[tokio::test]
async fn a_file_that_is_no_service_accounts_is_named_as_the_cause() {
    let folder = folder("no-service-account");
    let path = folder.join("other.json");
    std::fs::write(&path, r#"{"type": "authorized_user"}"#).unwrap();
    let variables = [
        ("GOOGLE_APPLICATION_CREDENTIALS", path.to_str().unwrap()),
        ("CLOUD_ML_REGION", "global"),
    ];
    let output = run(&variables, &folder).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("credentials can't be used"), "{text}");
    assert!(text.contains("missing field"), "{text}");
}

/// Prints where requests go.
#[derive(Debug)]
struct Shown(HyperTransport);

impl Transport for Shown {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        println!("asked {}", request.uri().path());
        self.0.send(request)
    }
}

#[tokio::test]
#[ignore = "run by the other tests, with an environment of its own"]
async fn other_process() {
    let logs = anthropic_testkit::Logs::watch().unwrap();
    load_and_ask().await;
    print!("{LOGS}{}", logs.text());
}

async fn load_and_ask() {
    let client = match anthropic_google::vertex("", "").load().await {
        Ok(client) => client,
        Err(error) => return println!("failed with {error}"),
    };
    let transport = HyperTransport::builder().build().unwrap();
    let client = client.to_builder().transport(Shown(transport));
    let client = client.build().unwrap();
    let params = MessageCreateParams::new("claude-opus-5-5", 100).user("Name a river.");
    let message = client.messages().create(params).await.unwrap();
    println!("said {}", message.text());
    let source = client.credential_source();
    assert_eq!(source.kind, CredentialKind::PlatformToken);
    let left = source.expires_at.unwrap().duration_since(SystemTime::now());
    let minutes = left.unwrap().as_secs() / 60;
    if (50..=60).contains(&minutes) {
        println!("expires in an hour");
    }
}
