//! The services whose requests have the API's own form.

use anthropic::ErrorKind;
use anthropic::transport::HttpRequest;
use anthropic::types::MessageCountTokensParams;
use anthropic_aws::{AwsBuilder, bedrock_mantle, bedrock_messages, claude_platform};
use anthropic_testkit::{PlatformSuite, Received, Request, Service};
use serde_json::Value;

use crate::support::{Role, Server, message, params};

const SECRET: &str = Role::SECRET;

fn platform() -> AwsBuilder {
    claude_platform()
        .region("eu-west-1")
        .workspace_id("wrkspc_1")
        .api_key("key")
}

fn mantle() -> AwsBuilder {
    bedrock_mantle().region("eu-west-1").api_key("key")
}

async fn sent(builder: AwsBuilder, model: &str) -> HttpRequest {
    let server = Server::new(message);
    let client = server.client(builder);
    let request = client.beta().messages().create(params(model));
    let request = request.beta("one-2026-01-01");
    let request = request.header("anthropic-user-profile-id", "profile_1");
    request.await.unwrap();
    server.requests().remove(0)
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body().as_bytes().unwrap()).unwrap()
}

#[tokio::test]
async fn requests_of_bedrock_keep_the_apis_form_but_for_the_user_profile() {
    for (builder, host) in [
        (mantle(), "bedrock-mantle.eu-west-1.api.aws"),
        (
            bedrock_messages().region("eu-west-1").api_key("key"),
            "bedrock-runtime.eu-west-1.amazonaws.com",
        ),
    ] {
        let request = sent(builder, "anthropic.claude-opus-5-5").await;
        let wanted = format!("https://{host}/anthropic/v1/messages");
        assert_eq!(request.uri().to_string(), wanted);
        let headers = request.headers();
        assert_eq!(headers["anthropic-version"], anthropic::API_VERSION);
        assert_eq!(headers["anthropic-beta"], "one-2026-01-01");
        assert_eq!(headers["authorization"], "Bearer key");
        assert!(!headers.contains_key("anthropic-user-profile-id"));
        assert!(!headers.contains_key("anthropic-workspace-id"));
        let body = body(&request);
        assert_eq!(body["model"], "anthropic.claude-opus-5-5");
        assert_eq!(body["user_profile_id"], "profile_1");
        assert_eq!(body.get("anthropic_version"), None);
    }
}

#[tokio::test]
async fn a_user_profile_joins_a_long_prompt_without_a_copy_of_it() {
    let server = Server::new(message);
    let client = server.client(mantle());
    let params = params("m").user("river ".repeat(100_000));
    let request = client.messages().create(&params);
    let request = request.header("anthropic-user-profile-id", "profile_1");
    request.await.unwrap();
    let request = server.requests().remove(0);
    assert_eq!(request.body().as_pieces().unwrap().len(), 3);
    let sent = body(&request);
    assert_eq!(sent["user_profile_id"], "profile_1");
    assert_eq!(
        sent["messages"],
        serde_json::to_value(&params).unwrap()["messages"]
    );
}

#[tokio::test]
async fn a_user_profile_of_the_callers_own_stays_in_the_body() {
    let server = Server::new(message);
    let request = server.client(mantle());
    let request = request.messages().create(params("m"));
    let request = request.header("anthropic-user-profile-id", "of-the-header");
    let request = request.extra_body("user_profile_id", "of-the-body");
    request.await.unwrap();
    let request = server.requests().remove(0);
    assert_eq!(body(&request)["user_profile_id"], "of-the-body");
}

#[tokio::test]
async fn requests_of_the_claude_platform_name_their_workspace() {
    let request = sent(platform(), "claude-opus-5-5").await;
    let wanted = "https://aws-external-anthropic.eu-west-1.api.aws/v1/messages";
    assert_eq!(request.uri().to_string(), wanted);
    let headers = request.headers();
    assert_eq!(headers["authorization"], "Bearer key");
    assert!(headers["authorization"].is_sensitive());
    assert!(!headers.contains_key("x-api-key"));
    assert_eq!(headers["anthropic-workspace-id"], "wrkspc_1");
    assert_eq!(headers["anthropic-user-profile-id"], "profile_1");
    assert_eq!(body(&request).get("user_profile_id"), None);

    let server = Server::new(message);
    let client = server.client(platform());
    let request = client.messages().create(params("m"));
    let request = request.header("anthropic-workspace-id", "another");
    request.await.unwrap();
    let request = server.requests().remove(0);
    assert_eq!(request.headers()["anthropic-workspace-id"], "another");
}

#[tokio::test]
async fn signatures_are_the_services_own() {
    for (builder, service) in [
        (bedrock_mantle(), "bedrock-mantle"),
        (bedrock_messages(), "bedrock"),
        (
            claude_platform().workspace_id("w"),
            "aws-external-anthropic",
        ),
    ] {
        let builder = builder.region("eu-west-1").access_key("AKID", SECRET, None);
        let request = sent(builder, "m").await;
        let signature = request.headers()["authorization"].to_str().unwrap();
        let scope = format!("/eu-west-1/{service}/aws4_request, ");
        assert!(signature.contains(&scope), "{signature}");
        if service == "aws-external-anthropic" {
            assert!(
                signature.contains(";anthropic-workspace-id;"),
                "{signature}"
            );
        }
    }
}

#[tokio::test]
async fn what_a_service_lacks_is_refused_before_anything_is_sent() {
    let server = Server::new(message);
    let client = server.client(mantle());
    let error = client.models().retrieve("m").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let wanted = "bedrock mantle does not serve `models.retrieve`";
    assert!(error.to_string().contains(wanted), "{error}");
    assert!(server.requests().is_empty());
    let params = MessageCountTokensParams::from(params("m"));
    _ = client.messages().count_tokens(params).await;
    assert_eq!(server.requests().len(), 1);
    _ = server.client(platform()).models().retrieve("m").await;
    assert_eq!(server.requests().len(), 1);
}

/// Servers that take a key, or signatures of a service, and requests of the API's own form.
#[derive(Debug)]
struct Servers {
    prefix: &'static str,
    /// How a request is authorized: a header, and what it begins with or contains.
    authorized: (&'static str, String),
}

impl Service for Servers {
    fn receive(&self, mut request: Request) -> Received {
        let (name, wanted) = &self.authorized;
        let given = request.headers().get(*name).and_then(|it| it.to_str().ok());
        if !given.is_some_and(|given| given.contains(wanted)) {
            return Received::Refused(format!("{name} has no {wanted}: {given:?}"));
        }
        let target = request.uri().path_and_query().unwrap().as_str();
        let Some(target) = target.strip_prefix(self.prefix) else {
            return Received::Refused(format!("{target} is not below {}", self.prefix));
        };
        *request.uri_mut() = target.parse().unwrap();
        Received::Api(request)
    }
}

fn suite(configure: impl Fn() -> AwsBuilder + Send + Sync + 'static) -> PlatformSuite {
    anthropic_testkit::platform(move |client| client.platform(configure().platform().unwrap()))
        .secret(SECRET)
        .secret(Role::SESSION)
}

#[tokio::test]
async fn mantle_with_a_key_is_a_platform() {
    let suite = suite(|| bedrock_mantle().region("eu-west-1").api_key(SECRET));
    let servers = Servers {
        prefix: "/anthropic",
        authorized: ("authorization", format!("Bearer {SECRET}")),
    };
    suite.service(servers).run().await.assert();
}

#[tokio::test]
async fn services_with_a_role_are_platforms() {
    for (builder, prefix, service) in [
        (
            bedrock_messages as fn() -> AwsBuilder,
            "/anthropic",
            "bedrock",
        ),
        (bedrock_mantle, "/anthropic", "bedrock-mantle"),
        (
            || claude_platform().workspace_id("wrkspc_1"),
            "",
            "aws-external-anthropic",
        ),
    ] {
        let suite = suite(move || builder().region("eu-west-1").credentials(Role::default()));
        let servers = Servers {
            prefix,
            authorized: (
                "authorization",
                format!("/eu-west-1/{service}/aws4_request"),
            ),
        };
        suite.renews().service(servers).run().await.assert();
    }
}

#[tokio::test]
async fn the_claude_platform_with_a_key_is_a_platform() {
    let suite = suite(|| platform().api_key(SECRET));
    let servers = Servers {
        prefix: "",
        authorized: ("authorization", format!("Bearer {SECRET}")),
    };
    suite.service(servers).run().await.assert();
}
