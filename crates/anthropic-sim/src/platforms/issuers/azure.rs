//! The token endpoint of Microsoft Entra ID.

use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::asked::Asked;
use crate::http::call::{json, json_with};

const PREFIX: &str = "sim-entra-";
const LIFETIME: Duration = Duration::from_secs(3_599);
/// What Foundry may be called with.
const SCOPES: [&str; 2] = [
    "https://ai.azure.com/.default",
    "https://cognitiveservices.azure.com/.default",
];

fn refused(status: StatusCode, error: &str, description: &str) -> Response {
    let body = json!({"error": error, "error_description": description});
    json_with(status, &body)
}

/// A token for a client's secret or assertion.
pub(super) fn token(asked: Asked<'_>) -> Response {
    let form = asked.form();
    let bad = StatusCode::BAD_REQUEST;
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(other) => {
            let problem =
                format!("AADSTS70003: The app requested an unsupported grant type '{other}'.");
            return refused(bad, "unsupported_grant_type", &problem);
        }
        None => {
            let problem = "AADSTS900144: The request body must contain the following parameter: 'grant_type'.";
            return refused(bad, "invalid_request", problem);
        }
    }
    if form.get("client_id").is_none() {
        let problem =
            "AADSTS900144: The request body must contain the following parameter: 'client_id'.";
        return refused(bad, "invalid_request", problem);
    }
    if form.get("client_secret").is_none() && form.get("client_assertion").is_none() {
        let problem = "AADSTS7000216: 'client_assertion', 'client_secret' or 'request' is required for the \
                       'client_credentials' grant type.";
        return refused(StatusCode::UNAUTHORIZED, "invalid_client", problem);
    }
    let scope = form.get("scope").unwrap_or_default();
    if !scope.split(' ').any(|scope| SCOPES.contains(&scope)) {
        let problem = format!("AADSTS1002012: The provided value for scope {scope} is not valid.");
        return refused(bad, "invalid_scope", &problem);
    }
    let token = asked.keys.issue_token(PREFIX, asked.now, LIFETIME);
    let seconds = LIFETIME.as_secs();
    json(&json!({
        "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token,
    }))
}
