//! Refresh tokens are used once: what happens when others use them, when the new one can't be
//! stored, and when the lock can't be had.

use std::fmt;
use std::fs;
use std::sync::{Arc, Mutex};

use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::{BoxFuture, ErrorKind};
use serde_json::json;

use super::{
    Calendar, Folder, NOW, builder, client, granted, grants, line, ok, order, reply, set_mode,
    tokens,
};
use crate::support::{Script, get, traces};

/// A file that a process without the lock changes while the endpoint is asked.
#[tokio::test]
async fn a_used_up_refresh_token_is_replaced_by_the_one_in_the_file() {
    let used_up = || reply(400, &json!({"error": "invalid_grant"}));
    // Its access token is good.
    let folder = Folder::login(0);
    let script = Script::new([used_up(), ok()]);
    let path = folder.credentials();
    let hook = Hook::new(&script, move || {
        super::private(&path, Some(&tokens(1, 600).to_string()));
    });
    let client = builder(&script, folder.profile()).transport(hook);
    get(&client.build().unwrap()).await.unwrap();
    assert_eq!(order(&script), ["token", "access-1"]);
    // It is not, so its refresh token is used.
    let folder = Folder::login(0);
    let script = Script::new([used_up(), granted(2, 600), ok()]);
    let path = folder.credentials();
    let hook = Hook::new(&script, move || {
        super::private(&path, Some(&tokens(1, 0).to_string()));
    });
    let client = builder(&script, folder.profile()).transport(hook);
    get(&client.build().unwrap()).await.unwrap();
    assert_eq!(order(&script), ["token", "token", "access-2"]);
    assert_eq!(grants(&script)[1]["refresh_token"], "canary-refresh-1");
    // Nobody has changed it.
    let folder = Folder::login(0);
    let script = Script::new([used_up()]);
    let error = get(&super::client(&script, folder.profile()))
        .await
        .unwrap_err();
    assert!(line(&error).contains("400 invalid_grant"), "{error}");
    assert!(line(&error).contains("log in again"), "{error}");
    assert_eq!(folder.stored(), tokens(0, 0), "the file is never deleted");
}

/// Good for a minute: it would be renewed by whoever has it alone, and is used by who finds it.
#[tokio::test]
async fn a_newer_token_in_the_file_is_used_though_it_expires_soon() {
    let folder = Folder::login(0);
    let script = Script::new([reply(400, &json!({"error": "invalid_grant"})), ok()]);
    let path = folder.credentials();
    let hook = Hook::new(&script, move || {
        super::private(&path, Some(&tokens(1, 60).to_string()));
    });
    let client = builder(&script, folder.profile()).transport(hook);
    get(&client.build().unwrap()).await.unwrap();
    assert_eq!(order(&script), ["token", "access-1"]);
}

/// An endpoint that is down has not refused the refresh token.
#[tokio::test]
async fn no_other_refresh_token_is_used_where_the_endpoint_is_down() {
    let folder = Folder::login(0);
    let script = Script::new([reply(503, &json!({})), granted(2, 600)]);
    let path = folder.credentials();
    let hook = Hook::new(&script, move || {
        super::private(&path, Some(&tokens(1, 0).to_string()));
    });
    let client = builder(&script, folder.profile()).transport(hook);
    let error = get(&client.build().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(order(&script), ["token"]);
}

/// What a process that was killed while it wrote has left is removed by the next one.
#[tokio::test]
async fn files_that_are_half_written_are_removed() {
    let folder = Folder::login(0);
    let file = |name: &str| folder.0.join("credentials").join(name);
    let (own, other) = (".work.json.17-0.partial", ".other.json.17-0.partial");
    for name in [own, other] {
        fs::write(file(name), "canary").unwrap();
    }
    let script = Script::new([granted(1, 600), ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
    assert!(!file(own).exists());
    assert!(file(other).exists(), "it is another profile's");
}

type Once = Box<dyn FnOnce() + Send>;

/// Runs something when the first exchange is sent.
#[derive(Clone)]
struct Hook {
    script: Script,
    hook: Arc<Mutex<Option<Once>>>,
}

impl Hook {
    fn new(script: &Script, hook: impl FnOnce() + Send + 'static) -> Self {
        Self {
            script: script.clone(),
            hook: Arc::new(Mutex::new(Some(Box::new(hook)))),
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

impl Transport for Hook {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        if request.uri().path().ends_with("/v1/oauth/token") {
            let hook = self.hook.lock().unwrap().take();
            if let Some(hook) = hook {
                hook();
            }
        }
        self.script.send(request)
    }
}

/// The folder can't be written to, but the superuser can write everywhere; so the file's name is
/// that of a folder by then.
#[tokio::test]
async fn tokens_that_cannot_be_stored_are_kept_in_memory() {
    let folder = Folder::login(0);
    let calendar = Calendar::default();
    let script = Script::new([
        granted(1, 200),
        ok(),
        granted(2, 200),
        ok(),
        granted(3, 900),
        ok(),
    ]);
    let path = folder.credentials();
    let aside = folder.0.join("aside.json");
    let (from, to) = (path.clone(), aside.clone());
    let hook = Hook::new(&script, move || {
        fs::rename(&from, &to).unwrap();
        fs::create_dir(&from).unwrap();
        fs::write(from.join("x"), "").unwrap();
    });
    let client = builder(&script, folder.profile()).transport(hook);
    let client = client.clock(calendar.clone()).build().unwrap();
    get(&client).await.unwrap();
    let seen = traces::of_this_thread();
    assert!(seen.contains("can't be stored"), "{seen}");
    // The refresh token in memory is the next one, though the file that is back has the old one.
    calendar.advance(150);
    get(&client).await.unwrap();
    assert_eq!(grants(&script)[1]["refresh_token"], "canary-refresh-1");
    fs::remove_dir_all(&path).unwrap();
    fs::rename(&aside, &path).unwrap();
    calendar.advance(150);
    get(&client).await.unwrap();
    assert_eq!(grants(&script)[2]["refresh_token"], "canary-refresh-2");
    assert_eq!(folder.stored()["refresh_token"], "canary-refresh-3");
    assert_eq!(folder.stored()["expires_at"], NOW + 300 + 900);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_held_for_long_fails_the_renewal() {
    let folder = Folder::login(0);
    let held = fs::File::create(folder.0.join("credentials/work.json.lock")).unwrap();
    fs4::FileExt::lock(&held).unwrap();
    let script = Script::new([]);
    traces::watch();
    let client = anthropic::Client::builder()
        .transport(script.clone())
        .credentials(folder.profile())
        .max_retries(0)
        .build()
        .unwrap();
    // The calendar is the real one here, so what is stored has expired.
    let mut stored = tokens(0, 0);
    stored["expires_at"] = 1.into();
    folder.write_credentials(&stored);
    let began = tokio::time::Instant::now();
    let error = get(&client).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Timeout, false)
    );
    assert!((30..31).contains(&began.elapsed().as_secs()));
    assert!(line(&error).contains("work.json.lock for 30s"), "{error}");
    assert!(script.sent().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn where_no_lock_can_be_had_it_goes_on() {
    let folder = Folder::login(0);
    fs::create_dir(folder.0.join("credentials/work.json.lock")).unwrap();
    let script = Script::new([granted(1, 600), ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
    assert_eq!(folder.stored(), tokens(1, 600));
    set_mode(&folder.credentials(), 0o600);
}
