//! The token of a login: when it is used, when renewed, and how that is stored.

use std::fs;

use anthropic::credentials::TokenError;
use anthropic::{CredentialKind, ErrorKind};
use serde_json::json;

use super::{
    Calendar, Folder, NOW, builder, client, granted, grants, is_exchange, line, oauth, ok, order,
    reply, tokens,
};
use crate::support::{Reply, Script, get, traces};

#[tokio::test]
async fn a_good_token_is_used_as_it_is() {
    let folder = Folder::login(121);
    let script = Script::new([ok(), ok()]);
    let client = client(&script, folder.profile());
    for _ in 0..2 {
        get(&client).await.unwrap();
    }
    assert_eq!(order(&script), ["access-0", "access-0"]);
    let sent = script.sent().remove(0);
    assert_eq!(sent.header("anthropic-beta"), Some("oauth-2025-04-20"));
    let source = client.credential_source();
    assert_eq!(source.kind, CredentialKind::Profile);
    assert_eq!(source.file, Some(folder.credentials()));
    let at = source.expires_at.unwrap();
    let at = at
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    assert_eq!(at.as_secs(), (NOW + 121).unsigned_abs());
}

#[tokio::test]
async fn the_beta_is_added_to_those_of_the_request_and_headers_of_its_own_win() {
    let folder = Folder::login(600);
    let mut config = oauth();
    config["workspace_id"] = "wrkspc_profile".into();
    folder.write_config(&config);
    let script = Script::new([ok(), ok(), ok()]);
    let client = client(&script, folder.profile());
    let request = client.get::<serde_json::Value>("/v1/thing");
    request.beta("one-2026-01-01").await.unwrap();
    let request = client.get::<serde_json::Value>("/v1/thing");
    let request = request.beta("oauth-2025-04-20");
    request
        .header("anthropic-workspace-id", "wrkspc_own")
        .await
        .unwrap();
    let request = client.get::<serde_json::Value>("/v1/thing");
    request
        .header("authorization", "Bearer canary-own")
        .await
        .unwrap();
    let sent = script.sent();
    let both = "one-2026-01-01,oauth-2025-04-20";
    assert_eq!(sent[0].header("anthropic-beta"), Some(both));
    assert_eq!(
        sent[0].header("anthropic-workspace-id"),
        Some("wrkspc_profile")
    );
    assert_eq!(sent[1].header("anthropic-beta"), Some("oauth-2025-04-20"));
    assert_eq!(sent[1].header("anthropic-workspace-id"), Some("wrkspc_own"));
    assert_eq!(sent[2].header("authorization"), Some("Bearer canary-own"));
    assert_eq!(sent[2].header("anthropic-beta"), None);
}

#[tokio::test]
async fn one_that_expires_soon_is_renewed_and_stored() {
    for expires_in in [-1000, 0, 29, 119] {
        let folder = Folder::login(expires_in);
        let mut stored = folder.stored();
        stored["account"] = json!({"email": "kept"});
        folder.write_credentials(&stored);
        let script = Script::new([granted(1, 600), ok(), ok()]);
        let client = client(&script, folder.profile());
        for _ in 0..2 {
            get(&client).await.unwrap();
        }
        assert_eq!(order(&script), ["token", "access-1", "access-1"]);
        let mut expected = tokens(1, 600);
        expected["account"] = json!({"email": "kept"});
        assert_eq!(folder.stored(), expected);
        let exchange = script.sent().remove(0);
        assert_eq!(exchange.uri, "https://api.anthropic.com/v1/oauth/token");
        assert_eq!(exchange.method, "POST");
        assert_eq!(exchange.header("content-type"), Some("application/json"));
        assert_eq!(exchange.header("anthropic-beta"), Some("oauth-2025-04-20"));
        assert!(
            exchange
                .header("user-agent")
                .unwrap()
                .starts_with("anthropic-rust/")
        );
        assert_eq!(exchange.header("authorization"), None);
        let expected = json!({
            "grant_type": "refresh_token",
            "refresh_token": "canary-refresh-0",
            "client_id": "client-1",
        });
        assert_eq!(grants(&script), [expected]);
        // The lock's file is there, and nothing that was half written.
        let files = fs::read_dir(folder.0.join("credentials")).unwrap();
        let mut names: Vec<_> = files.map(|it| it.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["work.json", "work.json.lock"]);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_written_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::login(0);
    let elsewhere = folder.0.join("new/deep/tokens.json");
    let mut config = oauth();
    config["authentication"]["type"] = "oidc_federation".into();
    config["authentication"]["federation_rule_id"] = "fdrl_1".into();
    config["authentication"]["credentials_path"] = elsewhere.to_str().unwrap().into();
    let token = folder.0.join("token");
    fs::write(&token, "canary-identity").unwrap();
    config["authentication"]["identity_token"] = json!({"source": "file", "path": token});
    config["organization_id"] = "org".into();
    folder.write_config(&config);
    let script = Script::new([granted(1, 600), ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&elsewhere), 0o600);
    assert_eq!(mode(elsewhere.parent().unwrap()), 0o700);
    assert_eq!(mode(&folder.0.join("new/deep/tokens.json.lock")), 0o600);
}

#[tokio::test]
async fn a_response_may_leave_out_the_refresh_token_and_the_expiry() {
    let folder = Folder::login(0);
    let script = Script::new([
        reply(200, &json!({"access_token": "canary-access-1"})),
        ok(),
    ]);
    get(&client(&script, folder.profile())).await.unwrap();
    let stored = folder.stored();
    assert_eq!(stored["access_token"], "canary-access-1");
    assert_eq!(stored["refresh_token"], "canary-refresh-0");
    assert_eq!(stored["expires_at"], NOW + 3600);
}

#[tokio::test]
async fn a_rotated_token_is_kept_even_if_its_expiry_makes_no_sense() {
    let folder = Folder::login(0);
    let mut odd = json!({"access_token": "canary-access-1", "refresh_token": "canary-refresh-1"});
    odd["expires_in"] = "soon".into();
    let script = Script::new([reply(200, &odd), ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
    assert_eq!(folder.stored()["refresh_token"], "canary-refresh-1");
    assert_eq!(folder.stored()["expires_at"], NOW + 3600);
}

#[tokio::test]
async fn a_failed_renewal_uses_the_old_token_while_it_is_good_and_rests() {
    let folder = Folder::login(100);
    let calendar = Calendar::default();
    let script = Script::new([
        reply(503, &json!({})),
        ok(),
        ok(),
        reply(503, &json!({})),
        ok(),
    ]);
    let client = builder(&script, folder.profile()).clock(calendar.clone());
    let client = client.build().unwrap();
    get(&client).await.unwrap();
    calendar.advance(4);
    get(&client).await.unwrap();
    assert_eq!(order(&script), ["token", "access-0", "access-0"]);
    assert!(traces::of_this_thread().contains("could not be renewed"));
    calendar.advance(1);
    get(&client).await.unwrap();
    assert_eq!(order(&script)[3..], ["token", "access-0"]);
    // In the last 30 seconds it is not used any more.
    calendar.advance(65);
    let error = get(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request, "the script is over");
}

#[tokio::test]
async fn a_failed_renewal_of_an_expired_token_is_the_requests_error() {
    for (status, kind, is_retryable) in [
        (400, ErrorKind::Authentication, false),
        (403, ErrorKind::Authentication, false),
        (429, ErrorKind::RateLimited, true),
        (500, ErrorKind::Internal, true),
        (529, ErrorKind::Overloaded, true),
        (302, ErrorKind::Authentication, false),
    ] {
        let folder = Folder::login(20);
        let refused = json!({
            "error": "some_error",
            "error_description": "because of canary-refresh-0",
            "error_uri": "https://docs.example/e",
        });
        let script = Script::new([reply(status, &refused)]);
        let error = get(&client(&script, folder.profile())).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.is_retryable()),
            (kind, is_retryable),
            "{status}"
        );
        let line = line(&error);
        let expected = format!(
            "{status} some_error: because of [masked] (https://docs.example/e) [request req_t]"
        );
        assert!(
            line.contains("the profile `work` can't be renewed") && line.contains(&expected),
            "{line}"
        );
        let source = std::error::Error::source(&error).unwrap();
        let source: &TokenError = source.downcast_ref().unwrap();
        assert_eq!(source.status(), status);
        assert_eq!(source.error(), Some("some_error"));
        assert_eq!(source.description(), Some("because of [masked]"));
        assert_eq!(source.uri(), Some("https://docs.example/e"));
        assert_eq!(source.request_id(), Some("req_t"));
        let is_refusal = matches!(status, 400 | 403);
        assert_eq!(line.contains("log in again"), is_refusal, "{line}");
        assert_eq!(order(&script), ["token"]);
        assert_eq!(folder.stored(), tokens(0, 20));
    }
}

#[tokio::test]
async fn a_failure_that_may_pass_is_retried_with_the_request() {
    let folder = Folder::login(0);
    let script = Script::new([reply(500, &json!({})), granted(1, 600), ok()]);
    let client = builder(&script, folder.profile()).max_retries(1);
    get(&client.build().unwrap()).await.unwrap();
    assert_eq!(order(&script), ["token", "token", "access-1"]);
}

#[tokio::test]
async fn responses_that_make_no_sense_show_nothing() {
    for (body, expected) in [
        (
            "canary-1".to_owned(),
            "is not valid JSON (line 1, column 1)",
        ),
        (
            "\"canary-2\"".to_owned(),
            "is a string and not a JSON object",
        ),
        ("{}".to_owned(), "has no `access_token`"),
        (
            r#"{"access_token":7,"x":"canary"}"#.to_owned(),
            "has no `access_token`",
        ),
        (
            format!("{{\"x\":\"canary{}\"}}", "x".repeat(1 << 20)),
            "is longer than 1048576 bytes",
        ),
    ] {
        let folder = Folder::login(0);
        let script = Script::new([Reply::new(200, &[], body)]);
        let error = get(&client(&script, folder.profile())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedContent);
        let line = line(&error);
        assert!(line.contains(expected), "{line}");
    }
    let folder = Folder::login(0);
    let script = Script::new([Reply::refused()]);
    let error = get(&client(&script, folder.profile())).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Connect, true)
    );
    assert!(line(&error).contains("the token endpoint can't be reached"));
}

#[tokio::test]
async fn the_largest_response_is_read() {
    let folder = Folder::login(0);
    let mut body = json!({"access_token": "canary-access-1", "expires_in": 600}).to_string();
    body.push_str(&" ".repeat((1 << 20) - body.len()));
    let script = Script::new([Reply::new(200, &[], body), ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
    assert_eq!(order(&script), ["token", "access-1"]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_does_not_respond_is_given_up() {
    let folder = Folder::login(0);
    let script = Script::new([Reply::Never]);
    let error = get(&client(&script, folder.profile())).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Timeout, true)
    );
    assert!(line(&error).contains("did not respond within 30s"));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let folder = Folder::login(600);
    let script = Script::new([Reply::status(401), granted(1, 600), ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
    assert_eq!(order(&script), ["access-0", "token", "access-1"]);
    assert_eq!(folder.stored(), tokens(1, 600));

    let folder = Folder::login(600);
    let script = Script::new([Reply::status(401), granted(1, 600), Reply::status(401)]);
    let error = get(&client(&script, folder.profile())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(order(&script), ["access-0", "token", "access-1"]);
}

#[tokio::test]
async fn that_it_was_refused_is_known_until_there_is_another() {
    let folder = Folder::login(600);
    let script = Script::new([
        Reply::status(401),
        reply(500, &json!({})),
        granted(1, 600),
        ok(),
    ]);
    let client = client(&script, folder.profile());
    let error = get(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    // Though the stored one seems to be good.
    get(&client).await.unwrap();
    assert_eq!(order(&script), ["access-0", "token", "token", "access-1"]);
}

#[tokio::test]
async fn a_refused_token_that_another_process_has_renewed_is_not_renewed_again() {
    let folder = Folder::login(600);
    let script = Script::new([ok(), Reply::status(401), ok()]);
    let client = client(&script, folder.profile());
    get(&client).await.unwrap();
    folder.write_credentials(&tokens(5, 600));
    get(&client).await.unwrap();
    assert_eq!(order(&script), ["access-0", "access-0", "access-5"]);
}

#[tokio::test]
async fn the_endpoints_own_401_is_tried_once_more() {
    let folder = Folder::login(0);
    let refused = || reply(401, &json!({"error": "invalid_client"}));
    let script = Script::new([refused(), granted(1, 600), ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
    assert_eq!(order(&script), ["token", "token", "access-1"]);

    let folder = Folder::login(0);
    let script = Script::new([refused(), refused()]);
    let error = get(&client(&script, folder.profile())).await.unwrap_err();
    assert!(line(&error).contains("401 invalid_client"), "{error}");
    assert_eq!(order(&script), ["token", "token"]);
}

#[tokio::test]
async fn without_a_client_something_else_renews() {
    let folder = Folder::login(0);
    folder.write_config(&json!({"authentication": {"type": "user_oauth"}}));
    let script = Script::new([
        ok(),
        ok(),
        Reply::status(401),
        ok(),
        Reply::status(401),
        Reply::status(401),
    ]);
    let client = client(&script, folder.profile());
    get(&client).await.unwrap();
    // It has expired, so the file is read each time.
    folder.write_credentials(&tokens(1, 600));
    get(&client).await.unwrap();
    // From now on the token in memory is good, until it is refused.
    folder.write_credentials(&tokens(2, 600));
    get(&client).await.unwrap();
    get(&client).await.unwrap_err();
    let expected = [
        "access-0", "access-1", "access-1", "access-2", "access-2", "access-2",
    ];
    assert_eq!(order(&script), expected);
}

#[tokio::test]
async fn a_token_without_expiry_is_kept() {
    let folder = Folder::login(0);
    let mut stored = tokens(0, 0);
    stored["expires_at"] = json!(null);
    folder.write_credentials(&stored);
    let script = Script::new([ok(), ok()]);
    let calendar = Calendar::default();
    let client = builder(&script, folder.profile()).clock(calendar.clone());
    let client = client.build().unwrap();
    get(&client).await.unwrap();
    calendar.advance(1_000_000);
    get(&client).await.unwrap();
    assert_eq!(order(&script), ["access-0", "access-0"]);
    assert_eq!(client.credential_source().expires_at, None);
}

#[tokio::test]
async fn tokens_go_to_the_profiles_place_alone() {
    let folder = Folder::login(0);
    let mut config = oauth();
    config["base_url"] = "https://one.example/".into();
    folder.write_config(&config);
    // It is the client's, where that has no other.
    let script = Script::new([granted(1, 600), ok()]);
    let of_profile = client(&script, folder.profile());
    assert_eq!(of_profile.base_url(), "https://one.example");
    get(&of_profile).await.unwrap();
    let hosts: Vec<_> = script
        .sent()
        .iter()
        .map(|it| it.uri.host().unwrap().to_owned())
        .collect();
    assert_eq!(hosts, ["one.example", "one.example"]);
    // Elsewhere it doesn't go.
    for url in [
        "https://two.example",
        "http://127.0.0.1:9",
        "https://one.example:8443",
    ] {
        let script = Script::new([]);
        let elsewhere = builder(&script, folder.profile())
            .base_url(url)
            .build()
            .unwrap();
        let error = get(&elsewhere).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            line(&error).contains("belongs to https://one.example"),
            "{error}"
        );
        assert!(script.sent().is_empty());
    }
    // A login that names none belongs to the first.
    let folder = Folder::login(600);
    let script = Script::new([ok()]);
    let first = builder(&script, folder.profile()).base_url("https://one.example");
    let first = first.build().unwrap();
    get(&first).await.unwrap();
    let second = first
        .to_builder()
        .base_url("https://two.example")
        .build()
        .unwrap();
    let error = get(&second).await.unwrap_err();
    assert!(
        line(&error).contains("was first used with https://one.example"),
        "{error}"
    );
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test]
async fn a_refresh_token_does_not_go_over_plain_http() {
    let folder = Folder::login(0);
    let script = Script::new([]);
    let plain = builder(&script, folder.profile()).base_url("http://one.example");
    let plain = plain.allow_plaintext_http(true).build().unwrap();
    let error = get(&plain).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(line(&error).contains("plain http"), "{error}");
    for url in ["http://localhost:9", "http://[::1]:9", "http://127.0.0.1:9"] {
        let folder = Folder::login(0);
        let script = Script::new([granted(1, 600), ok()]);
        let local = builder(&script, folder.profile())
            .base_url(url)
            .build()
            .unwrap();
        get(&local).await.unwrap();
        assert!(is_exchange(&script.sent()[0]));
    }
}
