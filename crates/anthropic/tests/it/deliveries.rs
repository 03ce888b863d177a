//! Deliveries of webhooks about which the official client has decided, and ours decides.
//!
//! `api/wire/webhooks.py` writes them, and has the reason where ours is meant to decide otherwise.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::webhooks::verifier;

/// The kind of our error where the official client fails so.
fn kind(official: &str) -> &str {
    match official {
        "taken" => "taken",
        "Missing required headers" => "MissingHeader",
        "Invalid Signature Headers" => "InvalidHeader",
        "Message timestamp too old" => "TooOld",
        "Message timestamp too new" => "TooNew",
        // It splits and decodes what may be no signature.
        "No matching signature found" | "ValueError" | "Error" => "NoMatchingSignature",
        "JSONDecodeError" | "UnicodeDecodeError" => "Payload",
        other => panic!("another decision: {other}"),
    }
}

fn headers(row: &Value) -> HeaderMap {
    let headers = row["headers"].as_object().unwrap().iter();
    let headers = headers.map(|(name, value)| {
        let name: HeaderName = name.parse().unwrap();
        let value = value.as_str().unwrap().as_bytes();
        (name, HeaderValue::from_bytes(value).unwrap())
    });
    headers.collect()
}

fn body(row: &Value) -> Vec<u8> {
    match row["body"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => serde_json::from_value(row["bytes"].clone()).unwrap(),
    }
}

#[test]
fn deliveries_are_decided_about_as_the_official_client_does() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("deliveries.json")).unwrap();
    let mut wrong = Vec::new();
    for row in &rows {
        let (headers, body) = (headers(row), body(row));
        let decided = match verifier().verify(&headers, &body) {
            Ok(_) => "taken".to_owned(),
            Err(error) => format!("{:?}", error.kind()),
        };
        let official = kind(row["official"].as_str().unwrap());
        let expected = row["ours"].as_str().unwrap_or(official);
        // A difference that is listed is one, and has its reason.
        let is_listed = row["ours"].is_null() == row["why"].is_null();
        if decided != expected || !is_listed || row["ours"] == official {
            wrong.push(format!("{}: {decided}, not {expected}", row["case"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let taken = rows.iter().filter(|row| row["official"] == "taken").count();
    assert!(taken > 20 && rows.len() > 3 * taken, "{taken} are taken");
}
