//! AWS's Security Token Service, and the metadata of an instance.

use std::time::Duration;

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::json;

use super::asked::{Asked, Form, text};
use crate::base::clock::rfc3339;
use crate::http::call::json;
use crate::platforms::errors::Refusal;
use crate::platforms::keys::AccessKey;
use crate::platforms::sigv4::Signed;

const ROLE: &str = "anthropic-simulator";
const REGION: &str = "us-east-1";
const ACCOUNT: &str = "123456789012";
const HOUR: Duration = Duration::from_secs(3_600);
/// The longest that a token for metadata may be good for.
const LONGEST: u64 = 21_600;
const METADATA_TOKEN: &str = "sim-imds-";

/// RFC 3339 in whole seconds, as AWS writes times.
fn seconds(time: Duration) -> String {
    rfc3339(Duration::from_secs(time.as_secs())).replace(".000000Z", "Z")
}

/// `AssumeRole`, `AssumeRoleWithWebIdentity` and `GetCallerIdentity`.
pub(super) fn token_service(asked: Asked<'_>) -> Response {
    let form = asked.form();
    let action = form.get("Action").unwrap_or_default();
    let answered = match action {
        "AssumeRoleWithWebIdentity" => match form.get("WebIdentityToken") {
            Some(_) => assume(&asked, &form, action),
            None => Err(invalid("WebIdentityToken is required")),
        },
        "AssumeRole" => signed(&asked).and_then(|_| assume(&asked, &form, action)),
        "GetCallerIdentity" => signed(&asked).map(|key| {
            let id = &key.id;
            let fields = format!(
                "<Arn>arn:aws:iam::{ACCOUNT}:user/{id}</Arn><UserId>{id}</UserId><Account>{ACCOUNT}</Account>"
            );
            xml(action, &fields)
        }),
        _ => Err((
            StatusCode::BAD_REQUEST,
            "InvalidAction",
            format!("Could not find operation {action} for version 2011-06-15"),
        )),
    };
    answered.unwrap_or_else(|(status, code, message)| {
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>{}</Message></Error><RequestId>simulated</RequestId></ErrorResponse>",
            escaped(&message)
        );
        text(status, "text/xml", body)
    })
}

type Problem = (StatusCode, &'static str, String);

fn invalid(message: &str) -> Problem {
    (
        StatusCode::BAD_REQUEST,
        "ValidationError",
        message.to_owned(),
    )
}

fn signed(asked: &Asked<'_>) -> Result<AccessKey, Problem> {
    let signed = Signed {
        parts: asked.parts,
        path: asked.path(),
        body: asked.body,
        service: "sts",
    };
    signed.check(asked.keys, asked.now).map_err(|refusal| {
        let Refusal {
            status,
            body,
            exception,
        } = refusal;
        let message = body
            .get("message")
            .and_then(|it| it.as_str())
            .unwrap_or_default();
        let name = match exception {
            Some("InvalidSignatureException") => "SignatureDoesNotMatch",
            Some("ExpiredTokenException") => "ExpiredToken",
            Some("MissingAuthenticationTokenException") => "MissingAuthenticationToken",
            Some("IncompleteSignatureException") => "IncompleteSignature",
            _ => "InvalidClientTokenId",
        };
        (status, name, message.to_owned())
    })
}

fn assume(asked: &Asked<'_>, form: &Form, action: &str) -> Result<Response, Problem> {
    let role = form
        .get("RoleArn")
        .ok_or_else(|| invalid("RoleArn is required"))?;
    let session = form.get("RoleSessionName").unwrap_or("session");
    let seconds_asked = form.get("DurationSeconds").map(str::parse::<u64>);
    let lifetime = match seconds_asked {
        None => HOUR,
        Some(Ok(given)) if (900..=43_200).contains(&given) => Duration::from_secs(given),
        Some(_) => return Err(invalid("DurationSeconds must be between 900 and 43200")),
    };
    let key = asked.keys.issue_access_key(asked.now, lifetime);
    let name = role.rsplit('/').next().unwrap_or_default();
    let fields = format!(
        "<AssumedRoleUser><AssumedRoleId>AROASIMULATOR:{session}</AssumedRoleId>\
         <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>{}</SessionToken><Expiration>{}</Expiration></Credentials>",
        key.id,
        key.secret,
        key.token.as_deref().unwrap_or_default(),
        seconds(key.expires.unwrap_or(asked.now)),
        session = escaped(session),
        name = escaped(name),
    );
    Ok(xml(action, &fields))
}

fn xml(action: &str, fields: &str) -> Response {
    let body = format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>{fields}</{action}Result>\
         <ResponseMetadata><RequestId>simulated</RequestId></ResponseMetadata></{action}Response>"
    );
    text(StatusCode::OK, "text/xml", body)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Version 2 of the instance metadata service, with a role.
pub(super) fn metadata(asked: Asked<'_>) -> Response {
    let plain = |status, body: &str| text(status, "text/plain", body);
    if asked.path() == "/latest/api/token" {
        let lifetime = asked.header("x-aws-ec2-metadata-token-ttl-seconds");
        let lifetime = lifetime.and_then(|text| text.parse::<u64>().ok());
        let lifetime = lifetime.filter(|lifetime| (1..=LONGEST).contains(lifetime));
        return match (lifetime, &asked.parts.method) {
            (Some(lifetime), &Method::PUT) => {
                let lifetime = Duration::from_secs(lifetime);
                let token = asked.keys.issue_token(METADATA_TOKEN, asked.now, lifetime);
                let mut response = plain(StatusCode::OK, &token);
                let headers = response.headers_mut();
                headers.insert(
                    "x-aws-ec2-metadata-token-ttl-seconds",
                    lifetime.as_secs().into(),
                );
                response
            }
            (_, &Method::PUT) => plain(StatusCode::BAD_REQUEST, "400 - Bad Request"),
            _ => plain(StatusCode::METHOD_NOT_ALLOWED, "405 - Method Not Allowed"),
        };
    }
    let token = asked.header("x-aws-ec2-metadata-token").unwrap_or_default();
    if !token.starts_with(METADATA_TOKEN) || !asked.keys.is_issued(token, asked.now) {
        return plain(StatusCode::UNAUTHORIZED, "401 - Unauthorized");
    }
    let path = asked.path().strip_prefix("/latest/").unwrap_or_default();
    match path.trim_end_matches('/') {
        "meta-data/iam/security-credentials" => plain(StatusCode::OK, ROLE),
        "meta-data/placement/region" => plain(StatusCode::OK, REGION),
        "meta-data/placement/availability-zone" => plain(StatusCode::OK, &format!("{REGION}a")),
        "dynamic/instance-identity/document" => {
            json(&json!({"accountId": ACCOUNT, "region": REGION, "instanceId": "i-0simulator"}))
        }
        path if path.strip_prefix("meta-data/iam/security-credentials/") == Some(ROLE) => {
            let key = asked.keys.issue_access_key(asked.now, 6 * HOUR);
            json(&json!({
                "Code": "Success",
                "LastUpdated": seconds(asked.now),
                "Type": "AWS-HMAC",
                "AccessKeyId": key.id,
                "SecretAccessKey": key.secret,
                "Token": key.token,
                "Expiration": seconds(key.expires.unwrap_or(asked.now)),
            }))
        }
        _ => plain(StatusCode::NOT_FOUND, "404 - Not Found"),
    }
}
