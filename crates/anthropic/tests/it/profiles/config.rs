//! Which profile or federation a client has that was set up by the environment.
//!
//! A process can't change its own environment safely, so these tests start themselves again.

use std::fs;
use std::process::Command;

use anthropic::credentials::{Federation, Profile};
use anthropic::{Client, ErrorKind};
use serde_json::{Value, json};

use super::{Folder, NOW, granted, line, oauth, ok, order, tokens};
use crate::support::{Script, get, traces};

const MARK: &str = "ANTHROPIC_TEST_CHAIN";

pub(super) const VARIABLES: [&str; 13] = [
    "API_KEY",
    "AUTH_TOKEN",
    "BASE_URL",
    "CUSTOM_HEADERS",
    "PROFILE",
    "CONFIG_DIR",
    "IDENTITY_TOKEN",
    "IDENTITY_TOKEN_FILE",
    "FEDERATION_RULE_ID",
    "ORGANIZATION_ID",
    "SERVICE_ACCOUNT_ID",
    "WORKSPACE_ID",
    "SCOPE",
];

/// Runs `print_a_request` in a child with this environment and home.
fn child(home: &Folder, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "profiles::config::print_a_request",
        "--nocapture",
    ]);
    for name in VARIABLES {
        command.env_remove(format!("ANTHROPIC_{name}"));
    }
    command.env_remove("XDG_CONFIG_HOME");
    command.env("HOME", home.0.join("home"));
    for (name, value) in variables {
        let value = value.replace('~', home.0.to_str().unwrap());
        command.env(format!("ANTHROPIC_{name}"), value);
    }
    let output = command.env(MARK, "1").output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}");
    printed
}

/// Not a promise by itself: what the children run.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test has to know whether it is the child"
)]
async fn print_a_request() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    traces::watch();
    let script = Script::new([granted(1, 600), ok(), ok()]);
    let builder = Client::builder().environment().transport(script.clone());
    let builder = builder.clock(super::Calendar::default()).max_retries(0);
    match builder.build() {
        Err(error) => println!("unbuilt={}", line(&error)),
        Ok(client) => {
            println!("source={:?}", client.credential_source().kind);
            println!("url={}", client.base_url());
            let sent = get(&client).await;
            let derived = client.to_builder().max_retries(1).build().unwrap();
            match sent {
                Ok(_) => drop(get(&derived).await.unwrap()),
                Err(error) => println!("failed={}", line(&error)),
            }
            println!("order={:?}", order(&script));
            println!(
                "workspace={:?}",
                script
                    .sent()
                    .last()
                    .map(|it| it.header("anthropic-workspace-id").map(str::to_owned))
            );
            println!(
                "grants={:?}",
                super::grants(&script)
                    .iter()
                    .map(ToString::to_string)
                    .map(|it| it.replace("canary", "C"))
                    .collect::<Vec<_>>()
            );
        }
    }
    let federation = Federation::from_env().unwrap();
    println!("federation={}", federation.is_some());
    println!("traced={}", traces::of_this_thread().replace('\n', " "));
}

/// A home whose active profile is this one, if any.
fn home(default: Option<&Value>, credentials: bool) -> Folder {
    let folder = Folder::new();
    let at = folder.0.join("home/.config/anthropic");
    fs::create_dir_all(at.join("configs")).unwrap();
    fs::create_dir_all(at.join("credentials")).unwrap();
    if let Some(config) = default {
        fs::write(at.join("configs/default.json"), config.to_string()).unwrap();
        super::set_mode(&at.join("configs/default.json"), 0o644);
    }
    if credentials {
        super::private(
            &at.join("credentials/default.json"),
            Some(&tokens(0, 600).to_string()),
        );
    }
    folder.write_config(&oauth());
    folder.write_credentials(&tokens(7, 600));
    fs::write(folder.0.join("identity"), "canary-identity").unwrap();
    folder
}

const FEDERATION: [(&str, &str); 3] = [
    ("FEDERATION_RULE_ID", "fdrl_1"),
    ("ORGANIZATION_ID", "org_1"),
    ("IDENTITY_TOKEN", " canary-variable\n"),
];

#[test]
fn the_first_of_the_chain_wins() {
    let everything = home(Some(&oauth()), true);
    let explicit = [&[("CONFIG_DIR", "~"), ("PROFILE", "work")][..], &FEDERATION].concat();
    let with = |more: &[(&'static str, &'static str)]| [&explicit, more].concat();
    let (key, token) = (("API_KEY", "canary-key"), ("AUTH_TOKEN", "canary-token"));
    let of_default = ("Profile", "\"access-0\", \"access-0\"");
    let of_work = ("Profile", "\"access-7\", \"access-7\"");
    for (variables, (source, order)) in [
        (with(&[key, token]), ("ApiKeyVariable", "\"key\", \"key\"")),
        (
            with(&[token]),
            ("AuthTokenVariable", "\"token\", \"token\""),
        ),
        (with(&[]), of_work),
        (with(&[("API_KEY", ""), ("AUTH_TOKEN", " ")]), of_work),
        (
            FEDERATION.to_vec(),
            ("Federation", "\"token\", \"access-1\", \"access-1\""),
        ),
        (FEDERATION[..2].to_vec(), of_default),
        (FEDERATION[1..].to_vec(), of_default),
        (vec![], of_default),
    ] {
        let text = child(&everything, &variables);
        assert!(
            text.contains(&format!("source={source}\n")),
            "{variables:?}: {text}"
        );
        assert!(
            text.contains(&format!("order=[{order}]")),
            "{variables:?}: {text}"
        );
        let is_shadowed = text.contains("is set, so ANTHROPIC_PROFILE is ignored");
        assert_eq!(is_shadowed, source.ends_with("Variable"), "{text}");
    }
    let text = child(&home(None, false), &[]);
    assert!(text.contains("source=Missing"), "{text}");
    assert!(text.contains("ANTHROPIC_PROFILE, or log in"), "{text}");
    assert!(!text.contains("is ignored"), "{text}");
    assert!(text.contains("federation=false"), "{text}");
    let own = [("CUSTOM_HEADERS", "authorization: Bearer canary-mine")];
    let text = child(&everything, &own);
    assert!(text.contains("source=Header"), "{text}");
    assert!(text.contains("order=[\"mine\", \"mine\"]"), "{text}");
}

#[test]
fn federation_by_the_environment_reads_all_of_it() {
    let nothing = home(None, false);
    let mut variables = FEDERATION.to_vec();
    variables.extend([
        ("IDENTITY_TOKEN_FILE", "~/identity"),
        ("SERVICE_ACCOUNT_ID", "svac_1"),
        ("WORKSPACE_ID", "wrkspc_1"),
        ("SCOPE", "never-sent"),
    ]);
    let text = child(&nothing, &variables);
    assert!(
        text.contains(r#"\"assertion\":\"C-identity\""#),
        "the file wins: {text}"
    );
    assert!(
        text.contains(r#"\"service_account_id\":\"svac_1\""#),
        "{text}"
    );
    assert!(text.contains(r#"\"workspace_id\":\"wrkspc_1\""#), "{text}");
    assert!(
        text.contains("workspace=Some(None)") && !text.contains("never-sent"),
        "{text}"
    );
    assert!(text.contains("federation=true"), "{text}");
    let text = child(&nothing, &FEDERATION);
    assert!(text.contains(r#"\"assertion\":\"C-variable\""#), "{text}");
    assert!(!text.contains("workspace_id"), "{text}");
}

#[test]
fn what_is_wrong_with_a_chosen_profile_is_reported_and_what_merely_is_there_is_skipped() {
    let broken = json!({"authentication": {"type": "none"}});
    let point = |folder: &Folder, name: &str| {
        fs::write(folder.0.join("home/.config/anthropic/active_config"), name).unwrap();
    };
    // By name.
    let folder = home(None, false);
    let text = child(&folder, &[("PROFILE", "absent")]);
    assert!(
        text.contains("failed=configuration: there is no profile `absent`"),
        "{text}"
    );
    let text = child(&folder, &[("PROFILE", "../absent")]);
    assert!(
        text.contains("unbuilt=configuration: ANTHROPIC_PROFILE begins with a dot"),
        "{text}"
    );
    // By a folder.
    let text = child(&folder, &[("CONFIG_DIR", "~")]);
    assert!(text.contains("there is no profile `default`"), "{text}");
    // By the pointer file.
    point(&folder, " absent\n");
    let text = child(&folder, &[]);
    assert!(text.contains("there is no profile `absent`"), "{text}");
    point(&folder, "a/b");
    let text = child(&folder, &[]);
    assert!(
        text.contains("unbuilt=configuration: the profile in the file `active_config` has a slash"),
        "{text}"
    );
    // A mark of UTF-8 is no part of it, and what is no UTF-8 may name another account.
    point(&folder, "\u{feff}absent\n");
    let text = child(&folder, &[]);
    assert!(text.contains("there is no profile `absent`"), "{text}");
    let file = folder.0.join("home/.config/anthropic/active_config");
    fs::write(&file, b"\xff\xfea\0b\0").unwrap();
    let text = child(&folder, &[]);
    assert!(
        text.contains("active_config can't be read") && text.contains("UTF-8"),
        "{text}"
    );
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let text = child(&folder, &[]);
    assert!(text.contains("active_config can't be read"), "{text}");
    fs::remove_dir(&file).unwrap();
    // An empty one points nowhere.
    point(&folder, "\n");
    let text = child(&folder, &[]);
    assert!(text.contains("source=Missing"), "{text}");
    // One that merely is there.
    let folder = home(Some(&broken), false);
    let text = child(&folder, &[]);
    assert!(text.contains("source=Missing"), "{text}");
    assert!(text.contains("the profile `default` is ignored"), "{text}");
    point(&folder, "default");
    let text = child(&folder, &[]);
    assert!(text.contains("source=Profile"), "{text}");
    assert!(
        text.contains("failed=configuration: the profile's file"),
        "{text}"
    );
}

#[test]
fn the_base_url_and_the_workspace_may_be_the_profiles() {
    let mut config = oauth();
    config["base_url"] = "https://one.example".into();
    config["workspace_id"] = "wrkspc_1".into();
    let folder = home(Some(&config), true);
    let text = child(&folder, &[("WORKSPACE_ID", "wrkspc_2")]);
    assert!(text.contains("url=https://one.example\n"), "{text}");
    assert!(
        text.contains("workspace=Some(Some(\"wrkspc_1\"))"),
        "{text}"
    );
    // The environment's is stronger, and not where this token goes.
    let text = child(&folder, &[("BASE_URL", "https://two.example")]);
    assert!(text.contains("url=https://two.example\n"), "{text}");
    assert!(
        text.contains("failed=configuration: the profile `default` belongs to https://one.example"),
        "{text}"
    );
    // What the profile leaves out is the environment's.
    let folder = home(Some(&oauth()), true);
    let variables = [
        ("WORKSPACE_ID", "wrkspc_2"),
        ("BASE_URL", "https://two.example"),
    ];
    let text = child(&folder, &variables);
    assert!(
        text.contains("workspace=Some(Some(\"wrkspc_2\"))"),
        "{text}"
    );
    assert!(text.contains("url=https://two.example\n"), "{text}");
}

#[tokio::test]
async fn a_profile_in_a_folder_reads_no_environment() {
    let folder = Folder::login(600);
    let profile = Profile::in_folder(&folder.0, "work").unwrap();
    assert_eq!(profile.name(), "work");
    let shown = format!("{profile:?}");
    assert!(!shown.contains("canary"), "{shown}");
    let script = Script::new([ok()]);
    get(&super::client(&script, profile.clone())).await.unwrap();
    let shown = format!("{profile:?}");
    assert!(!shown.contains("canary"), "{shown}");
    let error = Profile::in_folder(&folder.0, "a/b").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(folder.stored()["expires_at"], NOW + 600);
}

/// A profile of a request's own, and none of a platform's.
#[tokio::test]
async fn a_request_may_bring_a_profile() {
    let folder = Folder::login(600);
    let script = Script::new([ok()]);
    let client = Client::builder()
        .api_key("canary-key")
        .transport(script.clone());
    let client = client.clock(super::Calendar::default()).build().unwrap();
    let options = anthropic::RequestOptions::new().credentials(folder.profile());
    client
        .get::<Value>("/v1/thing")
        .options(options)
        .await
        .unwrap();
    assert_eq!(order(&script), ["access-0"]);
}
