//! The servers that tokens and access keys come from, and what becomes of what they issue.

use std::time::Duration;

use anthropic_sim::{Platform, Simulator};
use serde_json::{Value, json};

use super::{VERSION, cloud, hello_with, post, started};
use crate::client::{Answer, send};

async fn get(simulator: &Simulator, path: &str, headers: &[(&str, &str)]) -> Answer {
    send(simulator.url(), "GET", path, headers, b"").await
}

async fn form(simulator: &Simulator, path: &str, fields: &str) -> Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    send(simulator.url(), "POST", path, &headers, fields.as_bytes()).await
}

async fn in_json(simulator: &Simulator, path: &str, fields: &Value) -> Answer {
    let headers = [("content-type", "application/json")];
    let body = fields.to_string();
    send(simulator.url(), "POST", path, &headers, body.as_bytes()).await
}

#[tokio::test]
async fn an_instances_metadata_needs_a_token() {
    let simulator = started(Platform::Bedrock).await;
    let roles = "/latest/meta-data/iam/security-credentials/";
    assert_eq!(get(&simulator, roles, &[]).await.status, 401);
    let ttl = ("x-aws-ec2-metadata-token-ttl-seconds", "60");
    let put = send(simulator.url(), "PUT", "/latest/api/token", &[ttl], b"").await;
    assert_eq!(put.header(ttl.0), Some("60"));
    let text = put.text();
    let token = [("x-aws-ec2-metadata-token", text.as_str())];
    let role = get(&simulator, roles, &token).await.text();
    let path = format!("{roles}{role}");
    let key = get(&simulator, &path, &token).await.ok();
    assert_eq!(
        (&key["Code"], &key["Type"]),
        (&json!("Success"), &json!("AWS-HMAC"))
    );
    for name in ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"] {
        assert!(key[name].as_str().is_some_and(|it| it.len() > 10), "{name}");
    }
    let region = get(&simulator, "/latest/meta-data/placement/region", &token).await;
    assert_eq!(region.text(), "us-east-1");
    assert_eq!(
        get(&simulator, "/latest/meta-data/none", &token)
            .await
            .status,
        404
    );
    simulator.advance(Duration::from_secs(61));
    assert_eq!(get(&simulator, roles, &token).await.status, 401);
    let bad = [("x-aws-ec2-metadata-token-ttl-seconds", "99999999")];
    let bad = send(simulator.url(), "PUT", "/latest/api/token", &bad, b"").await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn the_token_service_issues_keys_for_roles() {
    let simulator = started(Platform::Aws).await;
    let web = "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fclaude&WebIdentityToken=t\
               &RoleSessionName=s";
    let issued = form(&simulator, "/", web).await;
    let text = issued.text();
    assert_eq!(issued.status, 200, "{text}");
    assert!(text.contains("<AccessKeyId>ASIA"), "{text}");
    assert!(text.contains(":assumed-role/claude/s</Arn>"), "{text}");
    for (fields, status, code) in [
        (
            "Action=AssumeRole&RoleArn=a",
            403,
            "MissingAuthenticationToken",
        ),
        (
            "Action=AssumeRoleWithWebIdentity&RoleArn=a",
            400,
            "ValidationError",
        ),
        (
            "Action=AssumeRoleWithWebIdentity&WebIdentityToken=t",
            400,
            "ValidationError",
        ),
        ("Action=Sing", 400, "InvalidAction"),
        ("", 400, "InvalidAction"),
    ] {
        let answer = form(&simulator, "/", fields).await;
        assert_eq!(answer.status, status, "{fields}");
        assert!(
            answer.text().contains(&format!("<Code>{code}</Code>")),
            "{}",
            answer.text()
        );
    }
}

/// A signed assertion with these claims, of which the signature is not looked at.
fn assertion(claims: &Value) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in claims.to_string().into_bytes().chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let held = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..=group.len() {
            let digit = usize::try_from(held >> (18 - 6 * place) & 63).unwrap();
            text.push(char::from(digits[digit]));
        }
    }
    format!("e30.{text}.c2ln")
}

async fn predicted(simulator: &Simulator, token: &str) -> u16 {
    let path = "/v1/projects/p/locations/eu/publishers/anthropic/models/claude-opus-5-5:rawPredict";
    let body = hello_with(json!({"anthropic_version": VERSION}));
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    post(simulator, path, &headers, &body).await.status
}

#[tokio::test]
async fn googles_tokens_are_good_for_an_hour() {
    let simulator = cloud(Platform::Vertex)
        .accept_only("mine")
        .start()
        .await
        .unwrap();
    let now = simulator
        .now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let claims = json!({
        "iss": "robot@p.iam.gserviceaccount.com", "aud": format!("{}/token", simulator.url()),
        "scope": "https://www.googleapis.com/auth/cloud-platform", "iat": now, "exp": now + 3600,
    });
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    let issued = form(
        &simulator,
        "/token",
        &format!("{grant}{}", assertion(&claims)),
    )
    .await
    .ok();
    assert_eq!(issued["token_type"], "Bearer");
    let token = issued["access_token"].as_str().unwrap();
    assert_eq!(predicted(&simulator, token).await, 200);
    assert_eq!(predicted(&simulator, "mine").await, 200);
    assert_eq!(predicted(&simulator, "another").await, 401);
    simulator.advance(Duration::from_secs(3_600));
    assert_eq!(predicted(&simulator, token).await, 401);
    assert_eq!(predicted(&simulator, "mine").await, 200);
    for (name, value) in [
        ("exp", json!(now + 3600)),
        ("exp", json!(now + 9999)),
        ("scope", json!("email")),
        ("iss", json!("")),
        ("iat", json!(now + 9999)),
    ] {
        let mut claims = claims.clone();
        claims[name] = value;
        let fields = format!("{grant}{}", assertion(&claims));
        let refused = form(&simulator, "/token", &fields).await;
        assert_eq!(
            (refused.status, &refused.json()["error"]),
            (400, &json!("invalid_grant"))
        );
    }
    let refresh = "grant_type=refresh_token&client_id=a&client_secret=b&refresh_token=c";
    assert_eq!(form(&simulator, "/token", refresh).await.status, 200);
    let refused = form(&simulator, "/token", "grant_type=refresh_token&client_id=a").await;
    assert_eq!(refused.json()["error"], "invalid_request");
    let refused = form(&simulator, "/token", "grant_type=song").await;
    assert_eq!(refused.json()["error"], "unsupported_grant_type");
}

/// As Google's own libraries ask.
#[tokio::test]
async fn google_exchanges_a_refresh_token_in_json() {
    let simulator = cloud(Platform::Vertex)
        .accept_only("mine")
        .start()
        .await
        .unwrap();
    let mut refresh = json!({
        "grant_type": "refresh_token", "client_id": "a", "client_secret": "b", "refresh_token": "c",
    });
    let issued = in_json(&simulator, "/token", &refresh).await.ok();
    let token = issued["access_token"].as_str().unwrap();
    assert_eq!(predicted(&simulator, token).await, 200);
    refresh["client_id"] = json!(7);
    let refused = in_json(&simulator, "/token", &refresh).await;
    assert_eq!(refused.json()["error"], "invalid_request");
}

#[tokio::test]
async fn googles_metadata_needs_its_flavour() {
    let simulator = cloud(Platform::Vertex)
        .accept_only("mine")
        .start()
        .await
        .unwrap();
    let path = "/computeMetadata/v1/instance/service-accounts/default/token";
    assert_eq!(get(&simulator, path, &[]).await.status, 403);
    let flavour = [("metadata-flavor", "Google")];
    let issued = get(&simulator, path, &flavour).await;
    assert_eq!(issued.header("metadata-flavor"), Some("Google"));
    let token = issued.ok()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(predicted(&simulator, &token).await, 200);
    let project = get(
        &simulator,
        "/computeMetadata/v1/project/project-id",
        &flavour,
    )
    .await;
    assert_eq!(project.text(), "sim-project");
    for (path, status) in [("/", 200), ("/computeMetadata/v1/none", 404)] {
        assert_eq!(
            get(&simulator, path, &flavour).await.status,
            status,
            "{path}"
        );
    }
}

#[tokio::test]
async fn entra_issues_tokens_for_a_client() {
    let simulator = cloud(Platform::Foundry)
        .accept_only("mine")
        .start()
        .await
        .unwrap();
    let path = "/tenant/oauth2/v2.0/token";
    let scope = "scope=https%3A%2F%2Fai.azure.com%2F.default";
    let whole = format!("grant_type=client_credentials&client_id=a&client_secret=b&{scope}");
    let issued = form(&simulator, path, &whole).await.ok();
    let bearer = format!("Bearer {}", issued["access_token"].as_str().unwrap());
    let body = hello_with(json!({"model": "claude-opus-5-5"}));
    let asked = async || {
        let headers = [
            ("authorization", bearer.as_str()),
            ("anthropic-version", VERSION),
        ];
        post(&simulator, "/anthropic/v1/messages", &headers, &body)
            .await
            .status
    };
    assert_eq!(asked().await, 200);
    simulator.advance(Duration::from_secs(3_600));
    assert_eq!(asked().await, 401);
    for (fields, status, error) in [
        (String::new(), 400, "invalid_request"),
        (
            "grant_type=password".to_owned(),
            400,
            "unsupported_grant_type",
        ),
        (
            format!("grant_type=client_credentials&client_secret=b&{scope}"),
            400,
            "invalid_request",
        ),
        (
            format!("grant_type=client_credentials&client_id=a&{scope}"),
            401,
            "invalid_client",
        ),
        (
            whole.replace("ai.azure", "graph.microsoft"),
            400,
            "invalid_scope",
        ),
    ] {
        let refused = form(&simulator, path, &fields).await;
        assert_eq!(
            (refused.status, &refused.json()["error"]),
            (status, &json!(error)),
            "{fields}"
        );
    }
}

/// What was asked for credentials, as `METHOD path body`.
fn asked(simulator: &Simulator) -> Vec<String> {
    let requests = simulator.requests();
    let shown = requests.iter().map(|it| {
        let body = String::from_utf8_lossy(&it.body);
        format!("{} {} {body}", it.method, it.path)
            .trim_end()
            .to_owned()
    });
    shown.collect()
}

#[tokio::test]
async fn requests_for_credentials_are_kept_without_their_secrets() {
    let simulator = started(Platform::Bedrock).await;
    let ttl = [("x-aws-ec2-metadata-token-ttl-seconds", "60")];
    let token = send(simulator.url(), "PUT", "/latest/api/token", &ttl, b"").await;
    let token = token.text();
    let token = [("x-aws-ec2-metadata-token", token.as_str())];
    get(&simulator, "/latest/meta-data/placement/region", &token).await;
    let web = "Action=AssumeRoleWithWebIdentity&RoleArn=a&WebIdentityToken=canary-token";
    form(&simulator, "/", web).await;
    assert_eq!(
        asked(&simulator),
        [
            "PUT /latest/api/token",
            "GET /latest/meta-data/placement/region",
            "POST / Action=AssumeRoleWithWebIdentity&RoleArn=a&WebIdentityToken=[redacted]",
        ]
    );
    let requests = simulator.requests();
    let kept = requests[1].header("x-aws-ec2-metadata-token");
    assert_eq!(kept, Some("[redacted]"));

    let simulator = started(Platform::Vertex).await;
    let refresh =
        "grant_type=refresh_token&client_id=a&client_secret=canary-b&refresh_token=canary-c";
    form(&simulator, "/token", refresh).await;
    let expected = "POST /token grant_type=refresh_token&client_id=a&client_secret=[redacted]\
                    &refresh_token=[redacted]";
    assert_eq!(asked(&simulator), [expected]);
    let refresh = json!({"grant_type": "refresh_token", "client_secret": "canary-b"});
    in_json(&simulator, "/token", &refresh).await;
    let expected = r#"POST /token {"client_secret":"[redacted]","grant_type":"refresh_token"}"#;
    assert_eq!(asked(&simulator)[1], expected);

    let simulator = started(Platform::Foundry).await;
    let path = "/tenant/oauth2/v2.0/token";
    form(&simulator, path, "client_id=a&client_assertion=canary").await;
    let expected = format!("POST {path} client_id=a&client_assertion=[redacted]");
    assert_eq!(asked(&simulator), [expected]);
    // They are on the page, too, and nothing that was issued or sent to get it.
    let page = get(&simulator, "/_sim/requests", &[]).await.text();
    assert!(page.contains(path) && !page.contains("canary"), "{page}");
}
