//! Application default credentials, each in another process with an environment of its own; their
//! tokens come from the simulator, which is Vertex AI, Google's token endpoint and the metadata
//! server.
//!
//! `gcp_auth` asks the endpoint that a service account's file names, and the command `gcloud`. The
//! URLs of the metadata server and of the endpoint for the file of `gcloud auth application-default
//! login` are constants in it, and its client takes no proxy, so these two are tested with Google's
//! own crate, which reads `GCE_METADATA_HOST` and the file's `token_uri`.

#![cfg(all(feature = "gcp-auth-0-12", feature = "hyper"))]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "this is a test, whose other process reads the environment"
)]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::SystemTime;

use anthropic::transport::hyper_1::HyperTransport;
use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::MessageCreateParams;
use anthropic::{BoxFuture, Client, CredentialKind};
use anthropic_sim::{Platform, Reply, Simulator};
use serde_json::json;

/// A key that was made for this test, and is good for nothing else.
const KEY: &str = include_str!("service-account.pem");

#[cfg(feature = "google-cloud-auth-1")]
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

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
        .env("HOME", folder)
        .envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || program.output());
    let output = output.await.unwrap().unwrap();
    // Neither the account's key nor a token that was issued, at any level.
    let text = String::from_utf8_lossy(&output.stdout);
    let (_, logged) = text.split_once(LOGS).unwrap();
    assert!(logged.len() > 300 || !text.contains("said "), "{logged}");
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
    let simulator = simulator("canary-other").await;
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

/// A token that Google refuses before its time: the file is read and another one asked for.
#[tokio::test]
async fn a_token_that_is_refused_is_renewed() {
    let folder = folder("refused");
    let simulator = simulator("canary-other").await;
    simulator.reply(Reply::error(401, "authentication_error", "revoked"));
    let account = account(&folder, &simulator);
    let base_url = simulator.base_url();
    let variables = [
        ("GOOGLE_APPLICATION_CREDENTIALS", account.as_str()),
        ("ANTHROPIC_VERTEX_BASE_URL", &base_url),
        ("CLOUD_ML_REGION", "global"),
    ];
    let output = run(&variables, &folder).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("said "), "{text}");
    let requests = simulator.requests();
    let paths: Vec<&str> = requests.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["/token", "/v1/messages", "/token", "/v1/messages"]);
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

/// A simulator of Vertex AI that takes the tokens that it issues, and one other.
async fn simulator(other: &str) -> Simulator {
    let simulator = Simulator::builder().platform(Platform::Vertex);
    simulator.accept_only(other).start().await.unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn the_command_gcloud_has_a_token_and_a_project() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder("gcloud");
    let program =
        "#!/bin/sh\ncase $1 in auth) echo canary-of-gcloud ;; config) echo its-project ;; esac\n";
    let path = folder.join("gcloud");
    std::fs::write(&path, program).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let simulator = simulator("canary-of-gcloud").await;
    let variables = [
        (WAY, "gcloud"),
        ("PATH", folder.to_str().unwrap()),
        ("ANTHROPIC_VERTEX_BASE_URL", &simulator.base_url()),
        ("CLOUD_ML_REGION", "global"),
    ];
    let output = run(&variables, &folder).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("said "), "{text}");
    assert!(text.contains("asked /v1/projects/its-project/"), "{text}");
}

#[cfg(feature = "google-cloud-auth-1")]
#[tokio::test]
async fn the_metadata_server_issues_a_token() {
    let simulator = simulator("canary-other").await;
    let address = simulator.url().strip_prefix("http://").unwrap();
    let variables = [("GCE_METADATA_HOST", address)];
    let requests = asked_by_googles_crate("metadata", &simulator, &variables).await;
    assert_eq!(
        requests[0].path,
        "/computeMetadata/v1/instance/service-accounts/default/token"
    );
    assert_eq!(requests[0].header("metadata-flavor"), Some("Google"));
}

#[cfg(feature = "google-cloud-auth-1")]
#[tokio::test]
async fn a_users_file_is_exchanged_for_a_token() {
    let simulator = simulator("canary-other").await;
    let stored = folder("user").join(".config/gcloud");
    std::fs::create_dir_all(&stored).unwrap();
    let user = json!({
        "type": "authorized_user", "client_id": "client", "client_secret": "canary-secret",
        "refresh_token": "canary-refresh", "quota_project_id": "quota-project",
        "token_uri": format!("{}/token", simulator.url()),
    });
    let path = stored.join("application_default_credentials.json");
    std::fs::write(path, user.to_string()).unwrap();
    let requests = asked_by_googles_crate("user", &simulator, &[]).await;
    assert_eq!(requests[0].path, "/token");
    assert_eq!(requests[0].json()["grant_type"], "refresh_token");
    let project = requests[1].header("x-goog-user-project");
    assert_eq!(project, Some("quota-project"));
}

/// What a client with credentials of Google's own crate asks: for a token, then for a message.
#[cfg(feature = "google-cloud-auth-1")]
async fn asked_by_googles_crate(
    name: &str,
    simulator: &Simulator,
    variables: &[(&str, &str)],
) -> Vec<anthropic_sim::RecordedRequest> {
    let base_url = simulator.base_url();
    let mut all = vec![
        (WAY, "google-cloud-auth"),
        ("ANTHROPIC_VERTEX_BASE_URL", &base_url),
        ("ANTHROPIC_VERTEX_PROJECT_ID", "my-project"),
        ("CLOUD_ML_REGION", "global"),
    ];
    all.extend(variables);
    let output = run(&all, &folder(name)).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("said "), "{text}");
    let requests = simulator.requests();
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert_eq!(requests[1].path, "/v1/messages");
    requests
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

/// How credentials are found: `load`, unless this variable names another way.
const WAY: &str = "TEST_WAY";

async fn found() -> anthropic::Result<Client> {
    let vertex = anthropic_google::vertex("", "");
    match std::env::var(WAY).as_deref() {
        Ok("gcloud") => {
            let gcloud = gcp_auth::GCloudAuthorizedUser::new().await.unwrap();
            vertex.credentials(Arc::new(gcloud)).from_env()?.build()
        }
        #[cfg(feature = "google-cloud-auth-1")]
        Ok("google-cloud-auth") => {
            let provider = rustls::crypto::ring::default_provider();
            provider.install_default().unwrap();
            let credentials = google_cloud_auth::credentials::Builder::default();
            let credentials = credentials.with_scopes([SCOPE]).build().unwrap();
            vertex.cloud_credentials(credentials).from_env()?.build()
        }
        _ => vertex.load().await,
    }
}

async fn load_and_ask() {
    let client = match found().await {
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
    let left = source
        .expires_at
        .and_then(|at| at.duration_since(SystemTime::now()).ok());
    if left.is_some_and(|left| (50..=60).contains(&(left.as_secs() / 60))) {
        println!("expires in an hour");
    }
}

/// Never run: it is enough that it builds.
#[expect(dead_code, reason = "the compiler is the judge")]
fn loading_crosses_threads(builder: fn() -> anthropic_google::GoogleBuilder) {
    fn sent<T: Send>(_: &T) {}
    fn shared<T: Send + Sync>() {}
    shared::<anthropic_google::GoogleBuilder>();
    shared::<anthropic_google::Google>();
    sent(&builder().load());
    sent(&builder().load_platform());
}
