//! Workload identity federation: by a profile, by the program, and its token's file.

use std::fs;
use std::path::Path;

use anthropic::credentials::{Federation, IdentityToken};
use anthropic::{CredentialKind, Error, ErrorKind};
use serde_json::{Value, json};

use super::{
    Calendar, Folder, NOW, builder, client, granted, grants, line, ok, order, reply, tokens,
};
use crate::support::{Reply, Script, get};

fn profile(folder: &Folder) -> Value {
    let token = folder.0.join("identity");
    fs::write(&token, " canary-identity-0\n").unwrap();
    json!({
        "authentication": {
            "type": "oidc_federation",
            "federation_rule_id": "fdrl_1",
            "service_account_id": "svac_1",
            "identity_token": {"source": "file", "path": token},
        },
        "organization_id": "org_1",
        "workspace_id": "wrkspc_1",
    })
}

fn federation(path: &Path) -> Federation {
    Federation::new("fdrl_1", "org_1", IdentityToken::file(path))
}

#[tokio::test]
async fn a_profile_exchanges_and_stores() {
    let folder = Folder::new();
    folder.write_config(&profile(&folder));
    let script = Script::new([granted(1, 600), ok(), ok()]);
    let first = client(&script, folder.profile());
    for _ in 0..2 {
        get(&first).await.unwrap();
    }
    assert_eq!(order(&script), ["token", "access-1", "access-1"]);
    let exchange = script.sent().remove(0);
    let betas = "oauth-2025-04-20,oidc-federation-2026-04-01";
    assert_eq!(exchange.header("anthropic-beta"), Some(betas));
    let expected = json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": "canary-identity-0",
        "federation_rule_id": "fdrl_1",
        "organization_id": "org_1",
        "service_account_id": "svac_1",
        "workspace_id": "wrkspc_1",
    });
    assert_eq!(grants(&script), [expected]);
    // The token has its workspace.
    let request = &script.sent()[1];
    assert_eq!(request.header("anthropic-workspace-id"), None);
    assert_eq!(request.header("anthropic-beta"), Some("oauth-2025-04-20"));
    let mut expected = tokens(1, 600);
    expected.as_object_mut().unwrap().remove("refresh_token");
    assert_eq!(folder.stored(), expected);
    // Another process uses it.
    let script = Script::new([ok()]);
    let second = client(&script, folder.profile());
    get(&second).await.unwrap();
    assert_eq!(order(&script), ["access-1"]);
    assert_eq!(second.credential_source().file, Some(folder.credentials()));
}

#[tokio::test]
async fn each_exchange_reads_the_identity_token() {
    let folder = Folder::new();
    let path = folder.0.join("identity");
    let calendar = Calendar::default();
    let script = Script::new([granted(1, 200), ok(), granted(2, 200), ok()]);
    let client = builder(&script, federation(&path)).clock(calendar.clone());
    let client = client.build().unwrap();
    for number in 0..2 {
        fs::write(&path, format!("canary-identity-{number}")).unwrap();
        get(&client).await.unwrap();
        calendar.advance(100);
    }
    assert_eq!(grants(&script)[0]["assertion"], "canary-identity-0");
    assert_eq!(grants(&script)[1]["assertion"], "canary-identity-1");
    assert_eq!(grants(&script)[0].get("workspace_id"), None);
    let source = client.credential_source();
    assert_eq!(
        (source.kind, source.file),
        (CredentialKind::Federation, Some(path))
    );
    assert!(source.expires_at.is_some());
}

#[tokio::test]
async fn a_token_with_a_short_life_is_not_renewed_for_each_request() {
    let folder = Folder::new();
    let path = folder.0.join("identity");
    fs::write(&path, "canary-identity").unwrap();
    let calendar = Calendar::default();
    let script = Script::new([
        granted(1, 100),
        ok(),
        ok(),
        granted(2, 20),
        ok(),
        granted(3, 100),
        ok(),
    ]);
    let client = builder(&script, federation(&path)).clock(calendar.clone());
    let client = client.build().unwrap();
    get(&client).await.unwrap();
    calendar.advance(4);
    get(&client).await.unwrap();
    assert_eq!(order(&script), ["token", "access-1", "access-1"]);
    calendar.advance(1);
    get(&client).await.unwrap();
    // One that is about to expire is renewed at once.
    get(&client).await.unwrap();
    assert_eq!(
        order(&script)[3..],
        ["token", "access-2", "token", "access-3"]
    );
}

#[tokio::test]
async fn an_identity_token_may_be_fetched() {
    let token = IdentityToken::fetched(|| async { Ok("canary-fetched") });
    let federation = Federation::new("fdrl_1", "org_1", token).workspace_id("default");
    let script = Script::new([granted(1, 600), ok()]);
    get(&client(&script, federation)).await.unwrap();
    assert_eq!(grants(&script)[0]["assertion"], "canary-fetched");
    assert_eq!(grants(&script)[0]["workspace_id"], "default");

    let down =
        || async { Err::<String, _>(Error::new(ErrorKind::Connect, "metadata server down")) };
    let federation = Federation::new("fdrl_1", "org_1", IdentityToken::fetched(down));
    let error = get(&client(&Script::new([]), federation))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Connect, true)
    );
    assert!(line(&error).contains("metadata server down"), "{error}");
}

#[tokio::test]
async fn an_identity_token_that_is_none_is_not_sent() {
    let folder = Folder::new();
    let path = folder.0.join("identity");
    for (text, expected) in [
        (Some(" \n".to_owned()), " is empty"),
        (
            Some("canary".repeat(3000)),
            " has 18000 bytes, and an identity token at most 16384",
        ),
        (None, "can't be read"),
    ] {
        let _ = fs::remove_file(&path);
        if let Some(text) = text {
            fs::write(&path, text).unwrap();
        }
        let script = Script::new([]);
        let error = get(&client(&script, federation(&path))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let line = line(&error);
        assert!(
            line.contains(expected) && line.contains("identity"),
            "{line}"
        );
        assert!(script.sent().is_empty());
    }
    let error = get(&client(&Script::new([]), federation(&folder.0)))
        .await
        .unwrap_err();
    assert!(line(&error).contains("is a folder"), "{error}");
    fs::write(&path, [0xff, 0xfe]).unwrap();
    let error = get(&client(&Script::new([]), federation(&path)))
        .await
        .unwrap_err();
    assert!(line(&error).contains("can't be read"), "{error}");
}

#[tokio::test]
async fn an_exchange_needs_a_bearer_token_with_an_expiry() {
    let folder = Folder::new();
    let path = folder.0.join("identity");
    fs::write(&path, "canary-identity").unwrap();
    for (body, expected) in [
        (
            json!({"access_token": "canary", "expires_in": 60, "token_type": "mac"}),
            "`token_type`",
        ),
        (
            json!({"access_token": "canary", "expires_in": 60, "token_type": 7}),
            "`token_type`",
        ),
        (json!({"access_token": "canary"}), "has no `expires_in`"),
        (
            json!({"access_token": "canary", "expires_in": "canary"}),
            "has no `expires_in`",
        ),
        (
            json!({"access_token": "", "expires_in": 60}),
            "has no `access_token`",
        ),
        (
            json!({"expires_in": 60, "assertion": "canary"}),
            "has no `access_token`",
        ),
        (json!(["canary"]), "is an array"),
    ] {
        let script = Script::new([reply(200, &body)]);
        let error = get(&client(&script, federation(&path))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedContent, "{body}");
        assert!(line(&error).contains(expected), "{body}: {error}");
    }
    for body in [
        json!({"access_token": "canary-access-1", "expires_in": 600}),
        json!({"access_token": "canary-access-1", "expires_in": "600", "token_type": "bearer"}),
        json!({"access_token": "canary-access-1", "expires_in": 600.5, "token_type": "BEARER"}),
    ] {
        let script = Script::new([reply(200, &body), ok()]);
        get(&client(&script, federation(&path))).await.unwrap();
    }
}

#[tokio::test]
async fn a_refusal_is_explained_and_tried_once_more() {
    let folder = Folder::new();
    let path = folder.0.join("identity");
    fs::write(&path, "canary-identity").unwrap();
    let refused = || {
        let words = "assertion canary-identity has no match";
        reply(
            401,
            &json!({"error": "invalid_grant", "error_description": words}),
        )
    };
    for (federation, names_workspace) in [
        (federation(&path), true),
        (federation(&path).workspace_id("wrkspc_1"), false),
    ] {
        let script = Script::new([refused(), refused()]);
        let error = get(&client(&script, federation)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        let line = line(&error);
        assert!(
            line.contains("401 invalid_grant: assertion [masked] has no match"),
            "{line}"
        );
        assert!(
            line.contains("check that the federation rule matches"),
            "{line}"
        );
        assert_eq!(
            line.contains("ANTHROPIC_WORKSPACE_ID"),
            names_workspace,
            "{line}"
        );
        assert_eq!(order(&script), ["token", "token"]);
    }
    let script = Script::new([refused(), granted(1, 600), ok()]);
    get(&client(&script, federation(&path))).await.unwrap();
}

#[tokio::test]
async fn a_refused_token_is_exchanged_anew_though_its_file_has_it() {
    let folder = Folder::new();
    folder.write_config(&profile(&folder));
    folder.write_credentials(&tokens(0, 600));
    let script = Script::new([Reply::status(401), granted(1, 600), ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
    assert_eq!(order(&script), ["access-0", "token", "access-1"]);
    assert_eq!(folder.stored()["access_token"], "canary-access-1");
    // What else was in the file stays there.
    assert_eq!(folder.stored()["refresh_token"], "canary-refresh-0");
}

#[tokio::test]
async fn what_is_stored_counts_only_where_it_is_good() {
    // What is stored, what the endpoint does, and what is sent in the end.
    for (expires_at, is_down, expected) in [
        (json!(NOW + 121), true, ["access-0"].as_slice()),
        (json!(NOW + 119), false, &["token", "access-1"]),
        (json!(NOW + 119), true, &["token", "access-0"]),
        (json!(NOW + 30), true, &["token"]),
        (json!(null), false, &["token", "access-1"]),
        (json!("soon"), false, &["token", "access-1"]),
    ] {
        let folder = Folder::new();
        folder.write_config(&profile(&folder));
        let mut stored = tokens(0, 0);
        stored["expires_at"] = expires_at.clone();
        folder.write_credentials(&stored);
        let exchange = if is_down {
            reply(500, &json!({}))
        } else {
            granted(1, 600)
        };
        let exchange = (expected[0] == "token").then_some(exchange);
        let script = Script::new(exchange.into_iter().chain([ok()]));
        let _ = get(&client(&script, folder.profile())).await;
        assert_eq!(order(&script), expected, "{expires_at} {is_down}");
    }
}

#[tokio::test]
async fn a_stored_token_that_can_not_be_read_is_replaced() {
    for text in ["{", "", "[]", "\u{0}"] {
        let folder = Folder::new();
        folder.write_config(&profile(&folder));
        folder.write_credentials(&json!({}));
        fs::write(folder.credentials(), text).unwrap();
        let script = Script::new([granted(1, 600), ok()]);
        get(&client(&script, folder.profile())).await.unwrap();
        assert_eq!(order(&script), ["token", "access-1"], "{text:?}");
        assert_eq!(folder.stored()["access_token"], "canary-access-1");
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_shared_is_used_nevertheless() {
    let folder = Folder::new();
    let mut config = profile(&folder);
    // A file in the way of the folder.
    let path = folder.0.join("identity/credentials.json");
    config["authentication"]["credentials_path"] = path.to_str().unwrap().into();
    folder.write_config(&config);
    let script = Script::new([granted(1, 600), ok()]);
    let sent = get(&client(&script, folder.profile())).await;
    // Not a folder: the file can't even be looked for.
    let error = sent.unwrap_err();
    assert!(line(&error).contains("can't be read"), "{error}");

    let folder = Folder::new();
    let mut config = profile(&folder);
    config["authentication"]["credentials_path"] = "/proc/none/credentials.json".into();
    folder.write_config(&config);
    let script = Script::new([granted(1, 600), ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
    assert_eq!(order(&script), ["token", "access-1"]);
}

#[tokio::test]
async fn each_place_has_a_token_of_its_own_and_the_first_one_the_file() {
    let folder = Folder::new();
    folder.write_config(&profile(&folder));
    let script = Script::new([granted(1, 600), ok(), granted(2, 600), ok(), ok()]);
    let first = builder(&script, folder.profile()).base_url("https://one.example");
    let first = first.build().unwrap();
    get(&first).await.unwrap();
    let second = first
        .to_builder()
        .base_url("https://two.example")
        .build()
        .unwrap();
    get(&second).await.unwrap();
    get(&first).await.unwrap();
    let expected = ["token", "access-1", "token", "access-2", "access-1"];
    assert_eq!(order(&script), expected);
    let hosts: Vec<_> = script
        .sent()
        .iter()
        .map(|it| it.uri.host().unwrap().to_owned())
        .collect();
    let expected = [
        "one.example",
        "one.example",
        "two.example",
        "two.example",
        "one.example",
    ];
    assert_eq!(hosts, expected);
    assert_eq!(folder.stored()["access_token"], "canary-access-1");
}
