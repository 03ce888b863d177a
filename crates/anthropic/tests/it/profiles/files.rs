//! What is wrong with the files of a profile, and that nothing of them shows.

use std::fs;

use anthropic::ErrorKind;
use serde_json::{Value, json};

use super::{Folder, client, line, oauth, ok, set_mode, tokens};
use crate::support::{Script, get};

/// The error's line of a request with the profile; nothing is sent.
async fn fault(folder: &Folder) -> String {
    let script = Script::new([ok()]);
    let error = get(&client(&script, folder.profile())).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Config, false)
    );
    assert!(script.sent().is_empty());
    line(&error)
}

/// Each text of a profile's file fails with a line that has the words beside it.
async fn check(faults: impl IntoIterator<Item = (String, &str)>) {
    for (text, expected) in faults {
        let folder = Folder::new();
        fs::write(folder.config(), &text).unwrap();
        set_mode(&folder.config(), 0o644);
        let line = fault(&folder).await;
        assert!(line.contains(expected), "{text}: {line}");
    }
}

#[tokio::test]
async fn a_profiles_file_is_checked() {
    let no_type = "another `authentication.type`";
    check([
        ("{".to_owned(), "is not valid JSON (line 1, column 1)"),
        ("[1]".to_owned(), "is an array and not a JSON object"),
        ("{}".to_owned(), "has no `authentication`"),
    ])
    .await;
    check(
        [
            (
                json!({"authentication": "user_oauth"}),
                "has no `authentication`",
            ),
            (json!({"authentication": {}}), no_type),
            (json!({"authentication": {"type": "api_key"}}), no_type),
            (
                json!({"authentication": {"type": 7}}),
                "has a `type` that is no text",
            ),
            (
                json!({"authentication": {"type": "user_oauth"}, "workspace_id": "a\nb"}),
                "`workspace_id` that no header can carry",
            ),
        ]
        .map(|(config, expected)| (config.to_string(), expected)),
    )
    .await;
    let folder = Folder::new();
    let line = fault(&folder).await;
    assert!(
        line.contains("there is no profile `work`: no file "),
        "{line}"
    );
    fs::create_dir(folder.config()).unwrap();
    let line = fault(&folder).await;
    assert!(line.contains("can't be read"), "{line}");
}

#[tokio::test]
async fn a_federations_settings_are_checked() {
    let good = json!({
        "authentication": {
            "type": "oidc_federation",
            "federation_rule_id": "fdrl_1",
            "identity_token": {"source": "file", "path": "/nowhere/token"},
        },
        "organization_id": "org",
    });
    let token = "/authentication/identity_token";
    let base_url = "/base_url";
    let faults = [
        (
            "",
            json!(null),
            "the identity token's file /nowhere/token can't be read",
        ),
        ("/organization_id", "".into(), "has no `organization_id`"),
        (
            "/organization_id",
            5.into(),
            "`organization_id` that is no text",
        ),
        (
            "/authentication/federation_rule_id",
            json!(null),
            "has no `authentication.federation_rule_id`",
        ),
        (
            token,
            json!(null),
            "has no `authentication.identity_token`; ANTHROPIC_IDENTITY_TOKEN_FILE can name one",
        ),
        (token, "/a/path".into(), "another `source` than `file`"),
        (
            token,
            json!({"source": "url", "path": "x"}),
            "another `source` than `file`",
        ),
        (
            token,
            json!({"source": "file", "path": ""}),
            "without a `path`",
        ),
        (base_url, "http://one.example".into(), "in the clear"),
        (base_url, "one.example".into(), "has no scheme"),
        (base_url, 1.into(), "`base_url` that is no text"),
    ];
    check(faults.map(|(pointer, value, expected)| {
        let mut config = good.clone();
        if pointer == base_url {
            config["base_url"] = value;
        } else if !pointer.is_empty() {
            *config.pointer_mut(pointer).unwrap() = value;
        }
        (config.to_string(), expected)
    }))
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_profiles_file_that_others_can_write_is_refused() {
    for (mode, is_refused) in [(0o644, false), (0o444, false), (0o664, true), (0o646, true)] {
        let folder = Folder::login(600);
        set_mode(&folder.config(), mode);
        let script = Script::new([ok()]);
        let sent = get(&client(&script, folder.profile())).await;
        assert_eq!(sent.is_err(), is_refused, "{mode:o}");
        if let Err(error) = sent {
            assert!(line(&error).contains("run `chmod go-w "), "{error}");
        }
    }
}

#[tokio::test]
async fn a_file_that_was_mended_is_read_again() {
    let folder = Folder::login(600);
    fs::write(folder.config(), "{").unwrap();
    let script = Script::new([ok()]);
    let client = client(&script, folder.profile());
    get(&client).await.unwrap_err();
    folder.write_config(&oauth());
    get(&client).await.unwrap();
}

#[tokio::test]
async fn the_credentials_file_is_checked() {
    let without = |key: &str| {
        let mut tokens = tokens(0, 0);
        tokens.as_object_mut().unwrap().remove(key);
        tokens.to_string()
    };
    let with = |key: &str, value: Value| {
        let mut tokens = tokens(0, 0);
        tokens[key] = value;
        tokens.to_string()
    };
    for (text, expected) in [
        ("canary".to_owned(), "is not valid JSON"),
        (
            "\"canary-token\"".to_owned(),
            "is a string and not a JSON object",
        ),
        ("{\"canary".to_owned(), "is not valid JSON"),
        (without("access_token"), "has no `access_token`"),
        (with("access_token", "".into()), "has no `access_token`"),
        (with("access_token", 5.into()), "has no `access_token`"),
        (
            without("refresh_token"),
            "has no `refresh_token`; log in again",
        ),
        (
            with("type", "api_key".into()),
            "of another type than `oauth_token`",
        ),
        (with("type", 1.into()), "of another type than `oauth_token`"),
        (
            with("expires_at", "canary-2026".into()),
            "no number of seconds since 1970",
        ),
        (
            with("expires_at", json!([])),
            "no number of seconds since 1970",
        ),
        (
            format!("{{\"x\":\"canary{}\"}}", " ".repeat(1 << 20)),
            "is longer than 1048576 bytes",
        ),
    ] {
        let folder = Folder::login(0);
        fs::write(folder.credentials(), &text).unwrap();
        let line = fault(&folder).await;
        assert!(line.contains(expected), "{expected}: {line}");
        assert_eq!(fs::read_to_string(folder.credentials()).unwrap(), text);
    }
    let folder = Folder::login(0);
    fs::remove_file(folder.credentials()).unwrap();
    let line = fault(&folder).await;
    assert!(
        line.contains("the profile `work` has no credentials: there is no file"),
        "{line}"
    );
    fs::create_dir(folder.credentials()).unwrap();
    let line = fault(&folder).await;
    assert!(line.contains("is not a file"), "{line}");
}

#[tokio::test]
async fn the_largest_file_is_read() {
    let folder = Folder::login(600);
    let mut text = tokens(0, 600).to_string();
    text.push_str(&" ".repeat((1 << 20) - text.len()));
    fs::write(folder.credentials(), text).unwrap();
    let script = Script::new([ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
}

/// It may be there, so it isn't taken for one that is not.
#[cfg(unix)]
#[tokio::test]
async fn a_profiles_file_that_can_not_be_opened_is_reported() {
    let folder = Folder::login(600);
    fs::remove_file(folder.config()).unwrap();
    let configs = folder.0.join("configs");
    fs::remove_dir(&configs).unwrap();
    fs::write(&configs, "").unwrap();
    let line = fault(&folder).await;
    assert!(line.contains("can't be read"), "{line}");
}

#[tokio::test]
async fn an_access_token_that_no_header_can_carry_is_named_and_not_shown() {
    let folder = Folder::login(0);
    let mut stored = tokens(0, 600);
    stored["access_token"] = "canary\nx".into();
    folder.write_credentials(&stored);
    let line = fault(&folder).await;
    assert!(
        line.contains("the access token has a line end, as character 7 of 8"),
        "{line}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_credentials_file_that_is_open_to_others_is_refused() {
    for (mode, is_refused) in [
        (0o600, false),
        (0o400, false),
        (0o640, true),
        (0o604, true),
        (0o620, true),
        (0o601, true),
    ] {
        let folder = Folder::login(600);
        set_mode(&folder.credentials(), mode);
        let script = Script::new([ok()]);
        let sent = get(&client(&script, folder.profile())).await;
        assert_eq!(sent.is_err(), is_refused, "{mode:o}");
        if let Err(error) = sent {
            assert!(line(&error).contains("run `chmod 600 "), "{error}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_symbolic_link_is_not_followed() {
    let folder = Folder::login(600);
    let aside = folder.0.join("aside.json");
    fs::rename(folder.credentials(), &aside).unwrap();
    std::os::unix::fs::symlink(&aside, folder.credentials()).unwrap();
    let line = fault(&folder).await;
    assert!(line.contains("is a symbolic link"), "{line}");
}

/// Older files have no type, and those written by hand may have numbers as texts.
#[tokio::test]
async fn what_the_official_clients_read_is_read() {
    let folder = Folder::new();
    folder.write_config(&oauth());
    let expires_at = (super::NOW + 600).to_string();
    let refresh = "canary-refresh-0";
    let old = json!({"access_token": "canary-access-0", "refresh_token": refresh, "expires_at": expires_at});
    folder.write_credentials(&old);
    let script = Script::new([ok()]);
    get(&client(&script, folder.profile())).await.unwrap();
    assert_eq!(super::order(&script), ["access-0"]);
}
