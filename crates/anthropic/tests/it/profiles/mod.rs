//! Profiles, federation, and the cache of their tokens. Every secret here has `canary` in it, which
//! the subscriber of these tests lets nobody trace.

mod config;
mod dropped;
mod federation;
mod files;
mod oauth;
mod processes;
mod rotation;
mod single;
#[cfg(unix)]
mod table;
mod token_fn;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anthropic::credentials::Profile;
use anthropic::{BoxFuture, Client, ClientBuilder, Clock, Credentials};
use serde_json::{Value, json};

use crate::support::{Reply, Script, Sent, traces};

/// What the clock of these tests shows at first, in seconds since 1970.
pub(crate) const NOW: i64 = 1_800_000_000;

/// A calendar that stands until it is moved. Waiting takes the time that it takes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calendar(Arc<AtomicU64>);

impl Calendar {
    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    fn moved(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

impl Clock for Calendar {
    fn now(&self) -> Duration {
        Duration::from_secs(1000) + self.moved()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs()) + self.moved()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let _ = tokio::time::timeout(duration, std::future::pending::<()>()).await;
        })
    }

    fn random(&self) -> f64 {
        0.0
    }
}

/// A folder of profiles, removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("anthropic-profiles-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("configs")).unwrap();
        let folder = Self(path);
        private(&folder.0.join("credentials"), None);
        folder
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.0.join("configs/work.json")
    }

    pub(crate) fn credentials(&self) -> PathBuf {
        self.0.join("credentials/work.json")
    }

    /// The profile `work`, with this file.
    pub(crate) fn write_config(&self, config: &Value) -> &Self {
        fs::write(self.config(), config.to_string()).unwrap();
        set_mode(&self.config(), 0o644);
        self
    }

    pub(crate) fn write_credentials(&self, credentials: &Value) -> &Self {
        private(&self.credentials(), Some(&credentials.to_string()));
        self
    }

    /// An OAuth login that is renewed by us, and expires in so many seconds.
    pub(crate) fn login(expires_in: i64) -> Self {
        let folder = Self::new();
        folder.write_config(&oauth());
        folder.write_credentials(&tokens(0, expires_in));
        folder
    }

    pub(crate) fn stored(&self) -> Value {
        serde_json::from_slice(&fs::read(self.credentials()).unwrap()).unwrap()
    }

    pub(crate) fn profile(&self) -> Profile {
        Profile::in_folder(&self.0, "work").unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        set_mode(&self.0.join("credentials"), 0o700);
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
pub(crate) fn set_mode(_: &Path, _: u32) {}

/// A folder, or a file with this text, that is its owner's alone.
fn private(path: &Path, text: Option<&str>) {
    match text {
        None => fs::create_dir_all(path).unwrap(),
        Some(text) => fs::write(path, text).unwrap(),
    }
    set_mode(path, if text.is_some() { 0o600 } else { 0o700 });
}

pub(crate) fn oauth() -> Value {
    json!({"authentication": {"type": "user_oauth", "client_id": "client-1"}, "version": "1.0"})
}

/// The tokens after so many renewals.
pub(crate) fn tokens(number: u32, expires_in: i64) -> Value {
    json!({
        "version": "1.0",
        "type": "oauth_token",
        "access_token": format!("canary-access-{number}"),
        "refresh_token": format!("canary-refresh-{number}"),
        "expires_at": NOW + expires_in,
    })
}

/// What the token endpoint returns at the renewal of this number.
pub(crate) fn granted(number: u32, expires_in: i64) -> Reply {
    let tokens = json!({
        "access_token": format!("canary-access-{number}"),
        "refresh_token": format!("canary-refresh-{number}"),
        "token_type": "Bearer",
        "expires_in": expires_in,
    });
    reply(200, &tokens)
}

pub(crate) fn reply(status: u16, body: &Value) -> Reply {
    let headers = [
        ("content-type", "application/json"),
        ("request-id", "req_t"),
    ];
    Reply::new(status, &headers, body.to_string())
}

pub(crate) fn ok() -> Reply {
    Reply::json("{}")
}

pub(crate) fn builder(script: &Script, credentials: impl Credentials) -> ClientBuilder {
    traces::watch();
    Client::builder()
        .transport(script.clone())
        .clock(Calendar::default())
        .credentials(credentials)
        .max_retries(0)
}

pub(crate) fn client(script: &Script, credentials: impl Credentials) -> Client {
    builder(script, credentials).build().unwrap()
}

pub(crate) fn is_exchange(sent: &Sent) -> bool {
    sent.uri.path().ends_with("/v1/oauth/token")
}

/// What was sent, in short: `token` for an exchange, else the bearer token.
pub(crate) fn order(script: &Script) -> Vec<String> {
    let sent = script.sent();
    let short = sent.iter().map(|sent| {
        if is_exchange(sent) {
            return "token".to_owned();
        }
        let token = sent.header("authorization").unwrap();
        token.strip_prefix("Bearer canary-").unwrap().to_owned()
    });
    short.collect()
}

/// The bodies of the exchanges.
pub(crate) fn grants(script: &Script) -> Vec<Value> {
    let sent = script.sent();
    let grants = sent.iter().filter(|sent| is_exchange(sent));
    grants
        .map(|sent| serde_json::from_slice(&sent.body).unwrap())
        .collect()
}

/// An error shows no secret, in any of its forms; its line.
pub(crate) fn line(error: &anthropic::Error) -> String {
    let all = format!("{error} {error:#?} {}", error.dump());
    assert!(!all.contains("canary"), "{all}");
    error.to_string()
}
