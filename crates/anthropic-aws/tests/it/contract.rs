//! The contract that every platform has to keep, with the servers of Bedrock played here.

use anthropic_testkit::{PlatformSuite, Received, Request, Response, Service};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::support::{EVENT_STREAM, Role, chunk};

const SECRET: &str = Role::SECRET;

/// Bedrock's servers.
#[derive(Debug)]
struct Servers {
    /// The one API key, or signatures.
    key: Option<&'static str>,
}

impl Servers {
    fn refusal(&self, request: &Request) -> Option<String> {
        let authorization = request.headers().get("authorization");
        let authorization = authorization
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if let Some(key) = self.key {
            let given = authorization.strip_prefix("Bearer ");
            return (given != Some(key)).then(|| format!("not the key: {given:?}"));
        }
        let signed = authorization.starts_with("AWS4-HMAC-SHA256 Credential=AK")
            && authorization.contains("/eu-west-1/bedrock/aws4_request")
            && request.headers().contains_key("x-amz-date");
        (!signed).then(|| format!("not signed: {authorization}"))
    }
}

fn canonical(request: Request) -> Result<Request, String> {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Some(rest) = path.strip_prefix("/model/") else {
        return Ok(Request::from_parts(parts, body));
    };
    let (model, action) = rest.rsplit_once('/').ok_or("no action")?;
    let mut body: Map<String, Value> =
        serde_json::from_slice(&body).map_err(|it| it.to_string())?;
    let path = if action == "count-tokens" {
        let inner = body["input"]["invokeModel"]["body"]
            .as_str()
            .ok_or("no body to count")?;
        let inner = base64_simd::STANDARD
            .decode_to_vec(inner)
            .map_err(|it| it.to_string())?;
        body = serde_json::from_slice(&inner).map_err(|it| it.to_string())?;
        body.remove("max_tokens")
            .ok_or("a body without max_tokens is not counted")?;
        "/v1/messages/count_tokens"
    } else {
        "/v1/messages"
    };
    if body.contains_key("model") || body.contains_key("stream") {
        return Err("the model and the stream are in the body".to_owned());
    }
    let version = body
        .remove("anthropic_version")
        .ok_or("no version in the body")?;
    parts.headers.insert(
        "anthropic-version",
        version.as_str().unwrap().parse().unwrap(),
    );
    body.remove("anthropic_beta");
    body.insert("model".to_owned(), model.replace("%3A", ":").into());
    if action == "invoke-with-response-stream" {
        body.insert("stream".to_owned(), true.into());
    }
    parts.uri = path.parse().unwrap();
    Ok(Request::from_parts(
        parts,
        serde_json::to_vec(&body).unwrap().into(),
    ))
}

/// One frame for each event of a stream.
fn framed(events: &str) -> Bytes {
    let mut out = Vec::new();
    for event in events.split("\n\n") {
        let data: Vec<&str> = event
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .collect();
        // A comment is not sent here.
        if data.is_empty() {
            continue;
        }
        chunk(&data.join("\n"), &mut out);
    }
    out.into()
}

impl Service for Servers {
    fn receive(&self, request: Request) -> Received {
        match self.refusal(&request) {
            Some(reason) => Received::Refused(reason),
            None => canonical(request).map_or_else(Received::Refused, Received::Api),
        }
    }

    fn respond(&self, request: &Request, response: Response) -> Response {
        let (mut parts, body) = response.into_parts();
        let content_type = parts
            .headers
            .get("content-type")
            .and_then(|it| it.to_str().ok());
        let is_stream = content_type.is_some_and(|it| it.starts_with("text/event-stream"));
        if is_stream {
            let events = std::str::from_utf8(&body).unwrap();
            let media_type = EVENT_STREAM.parse().unwrap();
            parts.headers.insert("content-type", media_type);
            return Response::from_parts(parts, framed(events));
        }
        let Ok(fields) = serde_json::from_slice::<Value>(&body) else {
            return Response::from_parts(parts, body);
        };
        let counts = request.uri().path().ends_with("/count_tokens");
        if let (true, Some(tokens)) = (counts, fields.get("input_tokens")) {
            return Response::from_parts(parts, json!({"inputTokens": tokens}).to_string().into());
        }
        Response::from_parts(parts, body)
    }
}

fn suite(
    configure: impl Fn(anthropic_aws::AwsBuilder) -> anthropic_aws::AwsBuilder + Send + Sync + 'static,
) -> PlatformSuite {
    anthropic_testkit::platform(move |client| {
        let bedrock = configure(anthropic_aws::bedrock().region("eu-west-1"));
        client.platform(bedrock.platform().unwrap())
    })
    .secret(SECRET)
    .secret(Role::SESSION)
}

#[tokio::test]
async fn bedrock_with_a_key_is_a_platform() {
    let suite = suite(|bedrock| bedrock.api_key(SECRET)).service(Servers { key: Some(SECRET) });
    suite.run().await.assert();
}

#[tokio::test]
async fn bedrock_with_signatures_is_a_platform() {
    let suite = suite(|bedrock| bedrock.access_key("AKIDEXAMPLE", SECRET, None));
    suite.service(Servers { key: None }).run().await.assert();
}

#[tokio::test]
async fn bedrock_with_a_role_is_a_platform() {
    let suite = suite(|bedrock| bedrock.credentials(Role::default())).renews();
    suite.service(Servers { key: None }).run().await.assert();
}
