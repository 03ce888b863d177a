//! The table of what credentials do: `cases/*.json`, a case a line, each run in a process with an
//! environment and a home of its own.
//!
//! `api/wire/credentials.py` runs the same cases with the official Python client, and
//! `cases/official.json` has every case of that client's own tests, and which of ours it is.
//! `README.md` beside them describes the format.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anthropic::Client;
use anthropic::credentials::Profile;
use serde_json::{Map, Value, json};

use super::config::VARIABLES;
use super::{Calendar, Folder, NOW, granted, grants, is_exchange, line, oauth, ok, reply, tokens};
use crate::support::{Reply, Script, Sent, get, traces};

const CASE: &str = "ANTHROPIC_TEST_CASE";
const FOLDER: &str = "ANTHROPIC_TEST_CASE_FOLDER";
const RESULT: &str = "result=";

/// The subjects, a file each.
const SUBJECTS: [(&str, &str); 6] = [
    ("chain", include_str!("cases/chain.json")),
    ("environment", include_str!("cases/environment.json")),
    ("federation", include_str!("cases/federation.json")),
    ("files", include_str!("cases/files.json")),
    ("login", include_str!("cases/login.json")),
    ("renewal", include_str!("cases/renewal.json")),
];
const OFFICIAL: &str = include_str!("cases/official.json");

/// The cases of a subject, with what they leave out.
fn cases(text: &str) -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let complete = |case: Value| {
        let mut whole = if case["alone"] == true {
            json!({"files": {}, "env": {}})
        } else {
            json!({
                "files": {"configs/work.json": "login", STORED: "tokens 0 600"},
                "env": {"CONFIG_DIR": "@", "PROFILE": "work"},
            })
        };
        for (key, value) in [("replies", json!(["ok"])), ("steps", json!(["send"]))] {
            whole[key] = value;
        }
        for (key, value) in case.as_object().unwrap() {
            // What files contain may be null; what there is is patched, and not what is in it.
            match (key.as_str(), value.as_object()) {
                ("files" | "env", Some(fields)) => {
                    for (name, field) in fields {
                        whole[key][name] = field.clone();
                    }
                }
                _ => whole[key] = value.clone(),
            }
        }
        whole
    };
    cases.into_iter().map(complete).collect()
}

/// A merge patch (RFC 7396).
fn patch(value: &mut Value, with: &Value) {
    let Some(fields) = with.as_object() else {
        *value = with.clone();
        return;
    };
    if !value.is_object() {
        *value = json!({});
    }
    let object = value.as_object_mut().unwrap();
    for (key, field) in fields {
        if field.is_null() {
            object.remove(key);
        } else {
            patch(object.entry(key).or_insert(Value::Null), field);
        }
    }
}

/// Puts the folder in the place of `@`, and the time in the place of `NOW`.
fn placed(value: &Value, folder: &Path) -> Value {
    match value {
        Value::String(text) => {
            if let Some(after) = text.strip_prefix("NOW") {
                return json!(NOW + after.parse::<i64>().unwrap_or_default());
            }
            json!(text.replace('@', folder.to_str().unwrap()))
        }
        Value::Array(items) => items.iter().map(|item| placed(item, folder)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            let placed: Map<_, _> = fields
                .map(|(key, value)| (key.clone(), placed(value, folder)))
                .collect();
            placed.into()
        }
        _ => value.clone(),
    }
}

/// The text of a file: a template, one that is changed, JSON, or just text.
fn text(file: &Value, folder: &Path) -> String {
    if let Some(items) = file.as_array() {
        let mut document = placed(&template(items[0].as_str().unwrap()).unwrap(), folder);
        patch(&mut document, &placed(&items[1], folder));
        return document.to_string();
    }
    let Some(text) = file.as_str() else {
        return placed(file, folder).to_string();
    };
    template(text).map_or_else(
        || repeated(text),
        |document| placed(&document, folder).to_string(),
    )
}

/// `REPEAT TEXT COUNT` as what it means.
fn repeated(text: &str) -> String {
    match text.split(' ').collect::<Vec<_>>()[..] {
        ["REPEAT", text, count] => text.repeat(count.parse().unwrap()),
        _ => text.to_owned(),
    }
}

fn template(name: &str) -> Option<Value> {
    let words: Vec<_> = name.split(' ').collect();
    match words[..] {
        ["login"] => Some(oauth()),
        ["tokens", number, seconds] => {
            Some(tokens(number.parse().unwrap(), seconds.parse().unwrap()))
        }
        ["federation"] => Some(json!({
            "authentication": {
                "type": "oidc_federation",
                "federation_rule_id": "fdrl_1",
                "identity_token": {"source": "file", "path": "@/identity"},
            },
            "organization_id": "org_1",
        })),
        _ => None,
    }
}

fn write(folder: &Path, name: &str, file: &Value) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text(file, folder)).unwrap();
    let is_secret = name.contains("credentials/");
    super::set_mode(&path, if is_secret { 0o600 } else { 0o644 });
}

/// The files of a case, their modes, and links.
fn prepare(case: &Value, folder: &Path) {
    let files = case["files"].as_object().unwrap().iter();
    for (name, file) in files.filter(|(_, file)| !file.is_null()) {
        write(folder, name, file);
    }
    for (name, mode) in case["modes"].as_object().into_iter().flatten() {
        let mode = u32::from_str_radix(mode.as_str().unwrap(), 8).unwrap();
        super::set_mode(&folder.join(name), mode);
    }
    for name in case["folders"].as_array().into_iter().flatten() {
        fs::create_dir_all(folder.join(name.as_str().unwrap())).unwrap();
    }
    #[cfg(unix)]
    for (name, target) in case["links"].as_object().into_iter().flatten() {
        let target = folder.join(target.as_str().unwrap());
        std::os::unix::fs::symlink(target, folder.join(name)).unwrap();
    }
}

/// Runs a case in a child; what it prints.
fn run(case: &Value) -> Value {
    let folder = Folder::new();
    prepare(case, &folder.0);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "profiles::table::print_a_case", "--nocapture"]);
    for name in VARIABLES {
        command.env_remove(format!("ANTHROPIC_{name}"));
    }
    command.env_remove("XDG_CONFIG_HOME");
    command.env("HOME", folder.0.join("home"));
    for (name, value) in case["env"].as_object().unwrap() {
        let value = placed(value, &folder.0);
        command.env(format!("ANTHROPIC_{name}"), value.as_str().unwrap());
    }
    command
        .env(CASE, case.to_string())
        .env(FOLDER, &folder.0)
        .env("RUST_BACKTRACE", "0");
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let result = printed.lines().find_map(|line| line.split_once(RESULT));
    let Some((_, result)) = result else {
        let errors = String::from_utf8_lossy(&output.stderr);
        panic!("{}: {printed}{errors}", case["case"]);
    };
    let mut result: Value = serde_json::from_str(result).unwrap();
    let stored = fs::read(folder.0.join(case["stored_at"].as_str().unwrap_or(STORED)));
    result["stored"] = stored.map_or(Value::Null, |text| {
        serde_json::from_slice(&text).unwrap_or_default()
    });
    let placed_case = placed(case, &folder.0);
    result["expected_stored"] = placed_case["stored"].clone();
    result
}

const STORED: &str = "credentials/work.json";

#[expect(
    clippy::disallowed_methods,
    reason = "a test has to know whether it is the child, and of what"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn response(reply_of: &Value) -> Reply {
    match reply_of {
        Value::String(text) if text == "ok" => ok(),
        Value::String(text) if text == "refused" => Reply::refused(),
        Value::Number(status) => {
            let status = u16::try_from(status.as_u64().unwrap()).unwrap();
            reply(status, &json!({}))
        }
        Value::Array(items) => {
            let number = items[1]
                .as_u64()
                .map(|number| u32::try_from(number).unwrap());
            if items[0] == "grant" {
                return granted(number.unwrap(), items[2].as_i64().unwrap());
            }
            let status = u16::try_from(items[0].as_u64().unwrap()).unwrap();
            match &items[1] {
                Value::String(text) => Reply::new(status, &[], repeated(text)),
                body => reply(status, body),
            }
        }
        other => panic!("{other}"),
    }
}

/// A request in short: `token` for an exchange, else its token or key; then the host, where that is
/// not the API's.
fn short(sent: &Sent) -> String {
    let token = sent.header("authorization").or(sent.header("x-api-key"));
    let what = if is_exchange(sent) {
        "token".to_owned()
    } else {
        let token = token.unwrap_or("none");
        let token = token.strip_prefix("Bearer ").unwrap_or(token);
        token.replace("canary-", "")
    };
    match sent.uri.authority().unwrap().as_str() {
        "api.anthropic.com" => what,
        host => format!("{what} to {host}"),
    }
}

/// What was sent and logged.
fn seen(script: &Script) -> Value {
    let sent = script.sent();
    let header = |name: &str| -> Vec<Option<String>> {
        let requests = sent.iter().filter(|it| !is_exchange(it));
        requests
            .map(|it| it.header(name).map(str::to_owned))
            .collect()
    };
    json!({
        "sent": sent.iter().map(short).collect::<Vec<_>>(),
        "grants": grants(script),
        "workspace": header("anthropic-workspace-id"),
        "beta": header("anthropic-beta"),
        "logs": traces::of_this_thread(),
    })
}

/// Not a promise by itself: what the children run.
#[tokio::test]
async fn print_a_case() {
    let (Some(case), Some(folder)) = (variable(CASE), variable(FOLDER)) else {
        return;
    };
    let case: Value = serde_json::from_str(&case).unwrap();
    traces::watch();
    let replies = case["replies"].as_array().unwrap();
    let script = Script::new(replies.iter().map(response));
    let calendar = Calendar::default();
    let builder = Client::builder().environment().transport(script.clone());
    let retries = case["retries"].as_u64().unwrap_or_default();
    let builder = builder
        .clock(calendar.clone())
        .max_retries(u32::try_from(retries).unwrap());
    let build = || match case["given"].as_str() {
        None => builder.clone().build(),
        Some("profile") => builder.clone().credentials(Profile::named("work")?).build(),
        Some("token") => builder.clone().auth_token("canary-given").build(),
        Some(_) => builder.clone().api_key("canary-given").build(),
    };
    let mut outcomes = Vec::new();
    let mut failed = String::new();
    let mut source = String::new();
    let mut fails = |error: &anthropic::Error| {
        failed = line(error);
        "fails"
    };
    match build() {
        Err(error) => outcomes.push(fails(&error)),
        Ok(mut client) => {
            source = format!("{:?}", client.credential_source().kind);
            for step in case["steps"].as_array().unwrap() {
                match step {
                    Value::Number(seconds) => calendar.advance(seconds.as_u64().unwrap()),
                    Value::Array(file) => {
                        write(Path::new(&folder), file[0].as_str().unwrap(), &file[1]);
                    }
                    Value::String(step) if step == "client" => client = build().unwrap(),
                    _ => {
                        let sent = get(&client).await;
                        outcomes.push(sent.map_or_else(|error| fails(&error), |_| "ok"));
                    }
                }
            }
        }
    }
    let mut result = seen(&script);
    result["outcomes"] = json!(outcomes);
    result["fails"] = json!(failed);
    result["source"] = json!(source);
    println!("{RESULT}{result}");
}

/// Compares what the case expects with what came of it.
fn check(case: &Value, result: &Value) {
    let name = &case["case"];
    let sends = case["steps"].as_array().unwrap().iter();
    let sends = sends.filter(|step| *step == "send").count();
    let mut outcomes = vec![json!("ok"); sends];
    if case.get("fails").is_some() {
        *outcomes.last_mut().unwrap() = json!("fails");
    }
    let outcomes = case.get("outcomes").cloned().unwrap_or(outcomes.into());
    let unbuilt = json!(["fails"]);
    assert!(
        result["outcomes"] == outcomes
            || (case.get("fails").is_some() && result["outcomes"] == unbuilt),
        "{name}: {result}"
    );
    assert_eq!(result["sent"], case["sent"], "{name}: {result}");
    if let Some(expected) = case["fails"].as_str() {
        let found = result["fails"].as_str().unwrap();
        assert!(found.contains(expected), "{name}: {found}");
    }
    if let Some(expected) = case["logs"].as_str() {
        let found = result["logs"].as_str().unwrap();
        assert_eq!(found.matches(expected).count(), 1, "{name}: {found}");
    }
    for field in ["grants", "source"] {
        if let Some(expected) = case.get(field) {
            assert_eq!(&result[field], expected, "{name}");
        }
    }
    for field in ["workspace", "beta"] {
        if let Some(expected) = case.get(field) {
            let all = result[field].as_array().unwrap();
            assert!(
                !all.is_empty() && all.iter().all(|it| it == expected),
                "{name}: {all:?}"
            );
        }
    }
    if case.get("stored").is_some() {
        assert_eq!(result["stored"], result["expected_stored"], "{name}");
    }
    assert!(is_only_in_files(result), "{name}: {result}");
}

/// The grants and the file have secrets; nothing else may.
fn is_only_in_files(result: &Value) -> bool {
    let mut rest = result.clone();
    for field in ["grants", "stored", "expected_stored"] {
        rest.as_object_mut().unwrap().remove(field);
    }
    !rest.to_string().contains("canary")
}

fn check_all(subject: &str) {
    let (_, text) = SUBJECTS.iter().find(|(name, _)| *name == subject).unwrap();
    let cases = cases(text);
    assert!(cases.len() > 5, "{subject}");
    for case in &cases {
        check(case, &run(case));
    }
}

#[test]
fn chain() {
    check_all("chain");
}

#[test]
fn environment() {
    check_all("environment");
}

#[test]
fn federation() {
    check_all("federation");
}

#[test]
fn files() {
    check_all("files");
}

#[test]
fn login() {
    check_all("login");
}

#[test]
fn renewal() {
    check_all("renewal");
}

/// Whether there is a test of this path, such as `profiles::single::they_share_its_failure_too`.
fn is_a_test(path: &str) -> bool {
    let (modules, name) = path.rsplit_once("::").unwrap();
    let file = format!("tests/it/{}.rs", modules.replace("::", "/"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(file)).unwrap_or_default();
    text.contains(&format!("fn {name}("))
}

#[test]
fn every_case_of_the_official_tests_is_one_of_ours_or_has_a_reason() {
    let all: Vec<_> = SUBJECTS.iter().flat_map(|(_, text)| cases(text)).collect();
    let names: BTreeSet<_> = all
        .iter()
        .map(|case| case["case"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), all.len(), "two cases have one name");
    let official: Map<String, Value> = serde_json::from_str(OFFICIAL).unwrap();
    assert_eq!(official.len(), 204);
    for (theirs, ours) in &official {
        if let Some(reason) = ours.as_str() {
            assert!(reason.contains(' '), "{theirs}: {reason}");
            continue;
        }
        let ours = ours.as_array().unwrap();
        assert!(!ours.is_empty(), "{theirs}");
        for name in ours.iter().map(|name| name.as_str().unwrap()) {
            assert!(names.contains(name) || is_a_test(name), "{theirs}: {name}");
        }
    }
}
