//! The contract that every platform has to keep, with the servers of Vertex AI played here.

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anthropic_google::{GoogleBuilder, vertex};
use anthropic_testkit::{PlatformSuite, Received, Request, Service};
use serde_json::{Map, Value};

const SECRET: &str = "canary-access-token";

/// Vertex AI's servers: they take any token that begins with the secret.
#[derive(Debug)]
struct Servers;

fn canonical(request: Request) -> Result<Request, String> {
    let (mut parts, body) = request.into_parts();
    let authorization = parts.headers.get("authorization");
    let authorization = authorization
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    if !authorization.starts_with(&format!("Bearer {SECRET}")) {
        return Err(format!("not the token: {authorization}"));
    }
    let models = "/v1/projects/my-project/locations/eu/publishers/anthropic/models/";
    let Some(rest) = parts.uri.path().strip_prefix(models).map(str::to_owned) else {
        return Ok(Request::from_parts(parts, body));
    };
    let mut body: Map<String, Value> =
        serde_json::from_slice(&body).map_err(|it| it.to_string())?;
    let version = body.remove("anthropic_version");
    let version = version.ok_or("no version in the body")?;
    let version = version.as_str().and_then(|version| version.parse().ok());
    let version = version.ok_or("the version is no header's")?;
    if parts.headers.insert("anthropic-version", version).is_some() {
        return Err("the version is in a header, too".to_owned());
    }
    let (model, action) = rest.rsplit_once(':').ok_or("no action")?;
    let path = match (model, action) {
        ("count-tokens", "rawPredict") => "/v1/messages/count_tokens",
        (_, "rawPredict" | "streamRawPredict") => {
            if body.insert("model".to_owned(), model.into()).is_some() {
                return Err("the model is in the body".to_owned());
            }
            let is_stream = body.get("stream") == Some(&true.into());
            if is_stream != (action == "streamRawPredict") {
                return Err(format!("{action} does not fit the body"));
            }
            "/v1/messages"
        }
        _ => return Err(format!("unknown action {action}")),
    };
    parts.uri = path.parse().unwrap();
    let body = serde_json::to_vec(&body).unwrap();
    Ok(Request::from_parts(parts, body.into()))
}

impl Service for Servers {
    fn receive(&self, request: Request) -> Received {
        canonical(request).map_or_else(Received::Refused, Received::Api)
    }
}

fn suite(
    configure: impl Fn(GoogleBuilder) -> GoogleBuilder + Send + Sync + 'static,
) -> PlatformSuite {
    anthropic_testkit::platform(move |client| {
        let vertex = configure(vertex("eu", "my-project"));
        client.platform(vertex.platform().unwrap())
    })
    .secret(SECRET)
    .service(Servers)
}

#[tokio::test]
async fn vertex_with_a_fixed_token_is_a_platform() {
    let suite = suite(|vertex| vertex.access_token(SECRET));
    suite.run().await.assert();
}

#[tokio::test]
async fn vertex_with_a_closure_is_a_platform() {
    let count = Arc::new(AtomicU32::new(0));
    let suite = suite(move |vertex| {
        let count = Arc::clone(&count);
        vertex.token(move || {
            let number = count.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                Ok(format!("{SECRET}-{number}"))
            }
        })
    });
    suite.renews().run().await.assert();
}

#[cfg(feature = "google-cloud-auth-1")]
mod cloud {
    use google_cloud_auth::credentials::{CacheableResource, CredentialsProvider, EntityTag};
    use google_cloud_auth::errors::CredentialsError;
    use http::{Extensions, HeaderMap};

    use super::*;

    /// Shows its token in its `Debug`, and does not mark it.
    #[derive(Debug)]
    struct Provider(&'static str);

    impl CredentialsProvider for Provider {
        async fn headers(
            &self,
            _: Extensions,
        ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
            let token = format!("Bearer {}", self.0).parse().unwrap();
            let data = HeaderMap::from_iter([(http::header::AUTHORIZATION, token)]);
            let entity_tag = EntityTag::new();
            Ok(CacheableResource::New { entity_tag, data })
        }

        async fn universe_domain(&self) -> Option<String> {
            None
        }
    }

    #[tokio::test]
    async fn vertex_with_credentials_of_googles_crate_is_a_platform() {
        let suite = suite(|vertex| vertex.cloud_credentials(Provider(SECRET).into()));
        suite.run().await.assert();
    }
}

/// Servers of Google Cloud: the API's own, below the path of a workspace.
#[derive(Debug)]
struct Workspace;

impl Service for Workspace {
    fn receive(&self, mut request: Request) -> Received {
        let given = request.headers().get("authorization");
        let given = given.and_then(|it| it.to_str().ok()).unwrap_or_default();
        if given != format!("Bearer {SECRET}") {
            return Received::Refused(format!("not the token: {given}"));
        }
        let target = request.uri().path_and_query().unwrap().as_str();
        let place = "/v1/projects/my-project/locations/global/";
        let rest = target.strip_prefix(place).unwrap_or_default();
        let rest = rest.strip_prefix("workspaces/wrkspc_1/invoke");
        let rest =
            rest.or_else(|| target.strip_prefix(&format!("{place}claudeOrganization/invoke")));
        let Some(rest) = rest else {
            return Received::Refused(format!("{target} is elsewhere"));
        };
        *request.uri_mut() = rest.parse().unwrap();
        Received::Api(request)
    }
}

#[tokio::test]
async fn google_cloud_is_a_platform() {
    let suite = anthropic_testkit::platform(move |client| {
        let cloud = anthropic_google::google_cloud("my-project", "wrkspc_1");
        client.platform(cloud.access_token(SECRET).platform().unwrap())
    });
    let suite = suite.secret(SECRET).service(Workspace);
    suite.run().await.assert();
}
