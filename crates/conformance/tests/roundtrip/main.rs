//! Values of every official type go through our types and come back equal.
//!
//! `api/api.json` knows the shapes, so the values are generated, from a fixed seed: every field,
//! every variant of every union, and what no version knows yet (fields, variants, values).
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

// The generator's reader of the description, of which values need only the types.
#[allow(dead_code, unreachable_pub, reason = "it is a part of another crate")]
#[path = "../../../../fuzz/src/bend.rs"]
mod bend;
#[allow(dead_code, reason = "endpoints are of no interest here")]
#[path = "../../../../xtask/src/description.rs"]
mod description;
mod free;
mod generate;
mod itself;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use conformance::{Passed, Via, inspect, is_known, round_trip};
use serde_json::Value;

use crate::description::{Description, Kind, Place, TypeDef};
use crate::generate::{FREE_OBJECTS, Generator, Known};
use crate::tree::{Closeness, Tree};

const SEED: u64 = 20_260_428;
const VALUES: usize = 20;
/// Of each type on each detour.
const DETOURING: usize = 5;

/// What the description has and our types have elsewhere, or have a narrower type for.
const ELSEWHERE: &[(&str, &str)] = &[
    // Options of every request.
    ("_params.", "betas"),
    ("_params.", "workspace_id"),
    ("_params.", "user_profile_id"),
    // Arguments of their own.
    ("_params.", "file"),
    ("_params.", "files"),
    ("_params.", "archive"),
    // What the choice of the method says.
    ("_params.", "stream"),
    // Anything when it is sent, one of some objects when it is received.
    ("BetaFallbackBlockParam", "trigger"),
    // Any text in these errors, one of some words in those about a workspace: one open set for all.
    ("BetaApprovalRequiredErrorDetails", "field"),
    ("BetaStorageChangedConcurrentlyErrorDetails", "field"),
    ("BetaStorageNotAttachableErrorDetails", "field"),
    ("BetaStorageVerificationFailedErrorDetails", "field"),
    ("StorageProfileMismatchErrorDetails", "field"),
];

/// What is an option of other requests, and in the body of these.
const IN_THE_BODY: &[(&str, &str)] = &[("workspace_add_params.", "workspace_id")];

fn description() -> Description {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../api/api.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Takes the words of another type for a field that is any text in the description and has that
/// type here.
fn narrow(description: &mut Description) {
    const CORE: &str = "types.base64_image_source_param.Base64ImageSourceParam";
    let field = |def: &TypeDef| {
        def.fields
            .iter()
            .find(|it| it.wire == "media_type")
            .cloned()
    };
    let words = field(&description.types[CORE]).unwrap().r#type;
    let defs = description.types.iter_mut();
    for (_, def) in defs.filter(|(name, _)| name.contains(".BetaManagedAgentsBase64ImageSource")) {
        let mut fields = def.fields.iter_mut();
        fields.find(|it| it.wire == "media_type").unwrap().r#type = words.clone();
    }
}

/// The official names that have a type here.
fn names(description: &Description) -> Vec<&str> {
    description
        .types
        .keys()
        .map(String::as_str)
        .filter(|name| is_known(name))
        .collect()
}

/// What went wrong, by official name.
#[derive(Default)]
struct Failures(BTreeMap<String, Vec<String>>);

impl Failures {
    fn note(&mut self, name: &str, problem: String) {
        self.0.entry(name.to_owned()).or_default().push(problem);
    }

    fn assert_none(&self) {
        let lines: Vec<String> = self
            .0
            .iter()
            .map(|(name, problems)| format!("{name} ({} times): {}", problems.len(), problems[0]))
            .collect();
        assert!(
            lines.is_empty(),
            "{} types fail:\n{}",
            lines.len(),
            lines.join("\n")
        );
    }
}

fn check(
    passed: Option<Result<Passed, String>>,
    value: &Tree,
    closeness: Closeness,
) -> Result<(), String> {
    let passed = passed.ok_or("no such type")?;
    let outcome = passed.and_then(|passed| value.compare(&passed.json, closeness));
    outcome.map_err(|problem| format!("{problem}\n    value: {}", value.json()))
}

#[test]
fn every_type_holds_its_values() {
    let description = description();
    let mut generator = Generator::new(&description, SEED).with_huge_numbers();
    let mut failures = Failures::default();
    let names = names(&description);
    for name in &names {
        for value in generator.values(name, VALUES) {
            let passed = round_trip(name, &value.json(), Via::Json);
            if let Err(problem) = check(passed, &value, Closeness::Text) {
                failures.note(name, problem);
            }
        }
    }
    failures.assert_none();
    assert!(names.len() > 2_700, "only {} types", names.len());
    let unseen = generator.unseen(&names);
    assert!(
        unseen.is_empty(),
        "variants without a value:\n{}",
        unseen.join("\n")
    );
}

fn detour(via: Via) {
    let description = description();
    let mut generator = Generator::new(&description, SEED);
    let mut failures = Failures::default();
    for name in names(&description) {
        for value in generator.values(name, DETOURING) {
            let passed = round_trip(name, &value.json(), via);
            if let Err(problem) = check(passed, &value, Closeness::Value) {
                failures.note(name, problem);
            }
        }
    }
    failures.assert_none();
}

#[test]
fn through_a_serde_json_value() {
    detour(Via::Value);
}

#[test]
fn through_a_tagged_enum() {
    detour(Via::Tagged);
}

#[test]
fn through_a_flattened_struct() {
    detour(Via::Flatten);
}

#[test]
fn through_messagepack() {
    detour(Via::MessagePack);
}

#[test]
fn through_yaml() {
    detour(Via::Yaml);
}

#[test]
fn through_cbor() {
    detour(Via::Cbor);
}

/// Whatever is missing, `null` or of another type: what came is written again, or it is an error.
#[test]
fn nothing_of_a_bent_value_is_lost() {
    let description = description();
    let mut generator = Generator::new(&description, SEED).of(Known::Only);
    let mut failures = Failures::default();
    let mut count = 0;
    // A `null` that a request does not allow is not sent, nor an empty text in place of an object.
    let may_go =
        |key: &str, value: &Value| value.is_null() || (value == "" && FREE_OBJECTS.contains(&key));
    for name in names(&description) {
        for value in generator.values(name, 1) {
            let value: Value = serde_json::from_str(&value.json()).unwrap();
            let top = bend::pointers(&value);
            for pointer in top.iter().filter(|at| at.matches('/').count() == 1) {
                for way in bend::bends(value.pointer(pointer).unwrap()) {
                    let bent = bend::bent(&value, pointer, &way).unwrap();
                    let Some(Ok(passed)) = round_trip(name, &bent.to_string(), Via::Json) else {
                        continue;
                    };
                    count += 1;
                    let json = serde_json::from_str(&passed.json).unwrap();
                    if let Some(problem) = bend::lost_unless(&bent, &json, &may_go) {
                        failures.note(name, format!("{problem}\n    value: {bent}"));
                    }
                }
            }
        }
    }
    failures.assert_none();
    assert!(count > 20_000, "only {count} values");
}

/// The fields that only responses may have as `null`, by the official name of the request's type;
/// and how many those are of our types.
fn null_in_responses_only(description: &Description) -> (Vec<(&str, &str)>, usize) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../api/names.json");
    let names: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut concepts: BTreeMap<&str, Vec<(&str, &TypeDef)>> = BTreeMap::new();
    for (name, def) in &description.types {
        if let Some(rust) = names[name.as_str()]["rust"].as_str() {
            concepts.entry(rust).or_default().push((name, def));
        }
    }
    let (mut found, mut ours) = (Vec::new(), BTreeSet::new());
    for (rust, officials) in concepts {
        let of = |kind| officials.iter().filter(move |(_, def)| def.kind == kind);
        let responses = of(Kind::Model).flat_map(|(_, def)| &def.fields);
        for field in responses.filter(|field| field.nullable) {
            let sent = of(Kind::Dict).flat_map(|(name, def)| {
                let same = def.fields.iter().filter(|it| it.wire == field.wire);
                same.map(move |it| (*name, it))
            });
            let sent: Vec<_> = sent.collect();
            if sent.iter().any(|(_, it)| it.nullable || it.required) {
                continue;
            }
            ours.extend(sent.iter().map(|(_, it)| (rust, it.wire.as_str())));
            found.extend(sent.iter().map(|(name, it)| (*name, it.wire.as_str())));
        }
    }
    found.sort_unstable();
    found.dedup();
    (found, ours.len())
}

/// What came as `null` is sent back without it, and is not among the unknown fields.
#[test]
fn a_null_that_requests_do_not_allow_is_not_sent() {
    let description = description();
    let mut generator = Generator::new(&description, SEED).of(Known::Only);
    let mut failures = Failures::default();
    let (fields, ours) = null_in_responses_only(&description);
    for (name, wire) in fields.iter().filter(|(name, _)| is_known(name)) {
        for value in generator.values(name, 1) {
            let mut value: Value = serde_json::from_str(&value.json()).unwrap();
            let whole = value.as_object_mut().unwrap();
            whole.insert((*wire).to_owned(), Value::Null);
            let json = value.to_string();
            if let Some(kept) = look(name, &json) {
                failures.note(name, format!("{wire}: {kept}\n    value: {json}"));
            }
            let passed = round_trip(name, &json, Via::Json).unwrap().unwrap();
            let sent: Value = serde_json::from_str(&passed.json).unwrap();
            value.as_object_mut().unwrap().remove(*wire);
            let nothing = |_: &str, _: &Value| false;
            let problem = bend::lost_unless(&value, &sent, &nothing);
            if let Some(problem) = problem.or(bend::lost_unless(&sent, &value, &nothing)) {
                failures.note(name, format!("{wire}: {problem}\n    value: {json}"));
            }
        }
    }
    failures.assert_none();
    assert!(ours >= 100, "only {ours} fields");
}

/// Extra fields and unrecognized variants make every value come back, even one that no type here
/// describes. So values that the description does describe must not end there.
#[test]
fn what_is_described_is_typed() {
    let mut description = description();
    narrow(&mut description);
    let path = description.params_in(&[Place::Path]);
    let path = path
        .iter()
        .flat_map(|(ty, names)| names.iter().map(move |name| (*ty, *name)));
    let elsewhere: Vec<(&str, &str)> = ELSEWHERE.iter().copied().chain(path).collect();
    let mut generator = Generator::new(&description, SEED)
        .of(Known::Only)
        .without(&elsewhere)
        .keeping(IN_THE_BODY);
    let mut failures = Failures::default();
    for name in names(&description) {
        for value in generator.values(name, VALUES) {
            if let Some(problem) = look(name, &value.json()) {
                failures.note(name, format!("{problem}\n    value: {}", value.json()));
            }
        }
    }
    failures.assert_none();
}

/// The check above looks at `Debug`, so what it looks for must be what `Debug` shows.
#[test]
fn what_is_not_typed_is_seen() {
    let message = |block: &str| {
        format!(
            r#"{{"id":"m","type":"message","role":"assistant","model":"m","content":[{block}],"stop_reason":null,
            "stop_sequence":null,"usage":{{"input_tokens":1,"output_tokens":1}}}}"#
        )
    };
    let text = r#"{"type":"text","text":"x","citations":null}"#;
    let look = |json: &str| look("types.message.Message", json);
    assert_eq!(look(&message(text)), None);
    for block in [
        r#"{"type":"text","text":"x","citations":null,"more":1}"#,
        r#"{"type":"song","text":"x"}"#,
        r#"{"type":"text"}"#,
        "1",
    ] {
        let json = message(block);
        assert!(look(&json).is_some(), "{json}");
    }
    assert!(look("{}").is_some(), "what does not decode is not typed");
}

/// What is not typed of a value.
fn look(name: &str, json: &str) -> Option<String> {
    match inspect(name, json)? {
        Ok(passed) => untyped(&passed.debug.unwrap_or_default()),
        Err(problem) => Some(problem),
    }
}

/// The place in a `Debug` text where a value is kept without being understood.
fn untyped(debug: &str) -> Option<String> {
    let extra = debug
        .match_indices("extra: {")
        .find(|(at, found)| !debug[at + found.len()..].starts_with('}'));
    let place = extra
        .map(|(at, _)| at)
        .or_else(|| debug.find("Unrecognized"))?;
    Some(debug[place..].chars().take(160).collect())
}
