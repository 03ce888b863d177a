//! Google's token endpoint, and the metadata of an instance.

use std::time::Duration;

use axum::response::Response;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::asked::{Asked, text};
use crate::base::base64;
use crate::http::call::{json, json_with};

const PREFIX: &str = "ya29.sim-";
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const LIFETIME: Duration = Duration::from_secs(3_599);
const PROJECT: &str = "sim-project";
const ACCOUNT: &str = "default@sim-project.iam.gserviceaccount.com";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn issued(asked: &Asked<'_>) -> Response {
    let token = asked.keys.issue_token(PREFIX, asked.now, LIFETIME);
    json(&json!({"access_token": token, "expires_in": LIFETIME.as_secs(), "token_type": "Bearer"}))
}

fn refused(error: &str, description: &str) -> Response {
    let body = json!({"error": error, "error_description": description});
    json_with(StatusCode::BAD_REQUEST, &body)
}

/// A token for a service account's assertion, whose claims are checked but for the signature, or
/// for a refresh token. Google's own libraries ask for the latter in JSON.
pub(super) fn token(asked: Asked<'_>) -> Response {
    let form = asked.form_or_json();
    match form.get("grant_type") {
        Some(JWT_BEARER) => {
            let assertion = form.get("assertion").unwrap_or_default();
            match claims(assertion).and_then(|claims| check(&claims, asked.now)) {
                Ok(()) => issued(&asked),
                Err(problem) => refused("invalid_grant", &format!("Invalid JWT: {problem}")),
            }
        }
        Some("refresh_token") => {
            let missing = ["client_id", "client_secret", "refresh_token"]
                .into_iter()
                .find(|name| form.get(name).is_none());
            match missing {
                None => issued(&asked),
                Some(name) => refused(
                    "invalid_request",
                    &format!("Missing required parameter: {name}"),
                ),
            }
        }
        Some(other) => refused(
            "unsupported_grant_type",
            &format!("Invalid grant_type: {other}"),
        ),
        None => refused("invalid_request", "Missing required parameter: grant_type"),
    }
}

fn claims(assertion: &str) -> Result<Value, &'static str> {
    let parts: Vec<&str> = assertion.split('.').collect();
    let [_, claims, signature] = parts[..] else {
        return Err("Token must have three parts.");
    };
    if signature.is_empty() {
        return Err("Token must be signed.");
    }
    let claims = claims.replace('-', "+").replace('_', "/");
    serde_json::from_slice(&base64::decode(claims.as_bytes())).map_err(|_| "Claims must be JSON.")
}

fn check(claims: &Value, now: Duration) -> Result<(), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let time = |name: &str| claims.get(name).and_then(Value::as_u64).unwrap_or_default();
    if text("iss").is_empty() || text("aud").is_empty() {
        return Err("Claims must have an issuer and an audience.");
    }
    if !text("scope").split(' ').any(|scope| scope == SCOPE) {
        return Err("The scope must have https://www.googleapis.com/auth/cloud-platform.");
    }
    let (issued, expires) = (time("iat"), time("exp"));
    let is_short = expires > issued && expires - issued <= 3_600;
    // A little skew is accepted.
    let is_timely = issued <= now.as_secs() + 60 && expires > now.as_secs();
    if is_short && is_timely {
        return Ok(());
    }
    Err("Token must be a short-lived token (60 minutes) and in a reasonable timeframe.")
}

/// What the metadata server has of a service account and the project.
pub(super) fn metadata(asked: Asked<'_>) -> Response {
    let plain = |status, body: &str| text(status, "application/text", body);
    let mut response = if asked.header("metadata-flavor") != Some("Google") {
        plain(
            StatusCode::FORBIDDEN,
            "Missing Metadata-Flavor:Google header.",
        )
    } else if asked.parts.method != Method::GET {
        plain(StatusCode::METHOD_NOT_ALLOWED, "405 - Method Not Allowed")
    } else {
        let path = asked.path().trim_end_matches('/');
        let path = path.strip_prefix("/computeMetadata/v1").unwrap_or(path);
        let account = path.strip_prefix("/instance/service-accounts/");
        let account = account.and_then(|rest| {
            let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
            (name == "default" || name == ACCOUNT).then_some(rest)
        });
        match (path, account) {
            ("" | "/computeMetadata", _) => plain(StatusCode::OK, "computeMetadata/\n"),
            ("/project/project-id", _) => plain(StatusCode::OK, PROJECT),
            ("/universe/universe-domain", _) => plain(StatusCode::OK, "googleapis.com"),
            (_, Some("")) => {
                json(&json!({"aliases": ["default"], "email": ACCOUNT, "scopes": [SCOPE]}))
            }
            (_, Some("email")) => plain(StatusCode::OK, ACCOUNT),
            (_, Some("token")) => issued(&asked),
            _ => plain(StatusCode::NOT_FOUND, "404 - Not Found"),
        }
    };
    let flavor = HeaderValue::from_static("Google");
    response.headers_mut().insert("metadata-flavor", flavor);
    response
}
