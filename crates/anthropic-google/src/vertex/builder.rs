//! How a [`Vertex`] is set up.

use std::fmt;
use std::future::Future;
use std::sync::OnceLock;

#[cfg(feature = "hyper")]
use anthropic::Client;
use anthropic::Result;
use anthropic::platform::{BearerToken, Credentials, credentials_fn};
use anthropic::types::Secret;
use http::Uri;

use super::{Project, Vertex, config};

const REGION: &str = "CLOUD_ML_REGION";
const PROJECT: &str = "ANTHROPIC_VERTEX_PROJECT_ID";
const BASE_URL: &str = "ANTHROPIC_VERTEX_BASE_URL";

/// Begins to set up [Vertex AI](Vertex) with a region and a project.
///
/// A region is one of Google's, such as `us-central1`, a multi-region, `us` or `eu`, or `global`.
/// One that is empty is taken from the environment by [`from_env`](VertexBuilder::from_env); a
/// project that is empty, too, or else from the credential.
///
/// ```
/// let vertex = anthropic_google::vertex("us-central1", "my-project").access_token("an access token");
/// let client = anthropic::Client::builder().platform(vertex.build()?).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn vertex(region: impl Into<String>, project: impl Into<String>) -> VertexBuilder {
    VertexBuilder {
        region: region.into(),
        project: project.into(),
        base_url: None,
        project_of_credential: None,
        credentials: None,
    }
}

/// Sets up a [`Vertex`]: a region, a project, and what access tokens come from.
#[must_use = "a builder does nothing until it builds"]
pub struct VertexBuilder {
    region: String,
    project: String,
    base_url: Option<String>,
    pub(crate) project_of_credential: Option<Box<dyn Project>>,
    pub(crate) credentials: Option<Result<Box<dyn Credentials>>>,
}

// Not derived, so that no token is shown.
impl fmt::Debug for VertexBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VertexBuilder")
            .field("region", &self.region)
            .field("project", &self.project)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl VertexBuilder {
    /// The base URL, in place of the region's: `https://{region}-aiplatform.googleapis.com/v1`,
    /// `https://aiplatform.googleapis.com/v1` for `global`,
    /// `https://aiplatform.{region}.rep.googleapis.com/v1` for `us` and `eu`.
    ///
    /// The paths of projects are below it, so `/v1` belongs to it.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// An access token, sent as it is. It is not renewed: Google's are good for an hour.
    pub fn access_token(mut self, token: impl Into<Secret>) -> Self {
        self.project_of_credential = None;
        self.authorized(BearerToken::new(token))
    }

    /// A closure that returns an access token. It is called for every attempt, and once more when
    /// the server refuses the token (401), so let it cache them.
    ///
    /// ```
    /// let vertex = anthropic_google::vertex("global", "my-project").token(|| async { Ok("a token") });
    /// # vertex.build().unwrap();
    /// ```
    pub fn token<F, R, S>(mut self, fetch: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<S>> + Send + 'static,
        S: Into<Secret>,
    {
        self.project_of_credential = None;
        self.authorized(Ok(credentials_fn(fetch)))
    }

    pub(crate) fn authorized(mut self, credentials: Result<impl Credentials>) -> Self {
        self.credentials = Some(credentials.map(|it| Box::new(it) as Box<dyn Credentials>));
        self
    }

    /// Fills in from the environment what isn't set.
    ///
    /// | setting | variable |
    /// |---|---|
    /// | region | `CLOUD_ML_REGION` |
    /// | project | `ANTHROPIC_VERTEX_PROJECT_ID` |
    /// | base URL | `ANTHROPIC_VERTEX_BASE_URL` |
    ///
    /// No variable of Anthropic's own API is read.
    ///
    /// # Errors
    ///
    /// [`Config`](anthropic::ErrorKind::Config) when a variable is no Unicode.
    pub fn from_env(self) -> Result<Self> {
        self.fill_in(variable)
    }

    fn fill_in(mut self, variable: impl Fn(&str) -> Result<Option<String>>) -> Result<Self> {
        if self.region.is_empty() {
            self.region = variable(REGION)?.unwrap_or_default();
        }
        if self.project.is_empty() {
            self.project = variable(PROJECT)?.unwrap_or_default();
        }
        if self.base_url.is_none() {
            self.base_url = variable(BASE_URL)?;
        }
        Ok(self)
    }

    /// The platform.
    ///
    /// # Errors
    ///
    /// [`Config`](anthropic::ErrorKind::Config) without a region or a credential, without a project
    /// where the credential doesn't know one either, or with a region, base URL or token that can't
    /// be used.
    pub fn build(self) -> Result<Vertex> {
        let Some(credentials) = self.credentials else {
            return Err(config(
                "vertex has no credential: call access_token(), token() or credentials(), or load() for application \
                 default credentials",
            ));
        };
        let credentials = credentials?;
        if self.region.is_empty() {
            return Err(config(
                "vertex has no region: name one, or set CLOUD_ML_REGION and call from_env()",
            ));
        }
        let is_region =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !self.region.bytes().all(is_region) {
            let region = self.region.escape_debug();
            return Err(config(format!("`{region}` is no region")));
        }
        if self.project.is_empty() && self.project_of_credential.is_none() {
            return Err(config(
                "vertex has no project: name one, or set ANTHROPIC_VERTEX_PROJECT_ID and call from_env()",
            ));
        }
        let url = self.base_url.unwrap_or_else(|| default_url(&self.region));
        let unusable = || config("vertex's base URL is no URL");
        let url = url.trim_end_matches('/').parse::<Uri>();
        let url = url.map_err(|error| unusable().caused_by(error))?;
        let prefix = url.path().trim_end_matches('/').to_owned();
        let mut parts = url.into_parts();
        let base = prefix.strip_suffix("/v1").unwrap_or(&prefix);
        let base = if base.is_empty() { "/" } else { base };
        parts.path_and_query = Some(base.parse().map_err(|_| unusable())?);
        let base_url = Uri::from_parts(parts).map_err(|error| unusable().caused_by(error))?;
        let project = OnceLock::new();
        if !self.project.is_empty() {
            _ = project.set(self.project);
        }
        Ok(Vertex {
            base_url,
            prefix,
            region: self.region,
            project,
            project_of_credential: self.project_of_credential,
            credentials,
        })
    }

    /// A client of the platform, with the client's other settings at their defaults.
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build).
    #[cfg(feature = "hyper")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hyper")))]
    pub fn client(self) -> Result<Client> {
        Client::builder().platform(self.build()?).build()
    }
}

fn default_url(region: &str) -> String {
    match region {
        "global" => "https://aiplatform.googleapis.com/v1".to_owned(),
        "us" | "eu" => format!("https://aiplatform.{region}.rep.googleapis.com/v1"),
        _ => format!("https://{region}-aiplatform.googleapis.com/v1"),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place of this crate that reads the environment"
)]
fn variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(config(format!("{name} is no Unicode"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anthropic::ErrorKind;

    fn keyed(region: &str, project: &str) -> VertexBuilder {
        vertex(region, project).access_token("token")
    }

    #[test]
    fn each_kind_of_region_has_its_host() {
        for (region, host) in [
            ("us-central1", "us-central1-aiplatform.googleapis.com"),
            ("global", "aiplatform.googleapis.com"),
            ("us", "aiplatform.us.rep.googleapis.com"),
            ("eu", "aiplatform.eu.rep.googleapis.com"),
        ] {
            let vertex = keyed(region, "p").build().unwrap();
            assert_eq!(vertex.base_url.host(), Some(host));
            assert_eq!((vertex.base_url.path(), &*vertex.prefix), ("/", "/v1"));
        }
        for (url, base, prefix) in [
            ("https://gw.example/vertex/v1/", "/vertex", "/vertex/v1"),
            ("https://gw.example/vertex", "/vertex", "/vertex"),
            ("https://gw.example", "/", ""),
        ] {
            let vertex = keyed("global", "p").base_url(url).build().unwrap();
            assert_eq!((vertex.base_url.path(), &*vertex.prefix), (base, prefix));
        }
    }

    #[test]
    fn the_environment_fills_in_what_is_empty() {
        let all = |name: &str| Ok(Some(format!("https://{name}.example")));
        let given = keyed("eu", "mine").base_url("https://b.example");
        let given = given.fill_in(all).unwrap();
        assert_eq!((&*given.region, &*given.project), ("eu", "mine"));
        assert_eq!(given.base_url.as_deref(), Some("https://b.example"));
        let found = vertex("", "")
            .fill_in(|name| Ok(Some(name.to_owned())))
            .unwrap();
        assert_eq!((&*found.region, &*found.project), (REGION, PROJECT));
        assert_eq!(found.base_url.as_deref(), Some(BASE_URL));
    }

    #[test]
    fn what_is_missing_or_unusable_is_named() {
        for (builder, wanted) in [
            (vertex("eu", "p"), "no credential"),
            (keyed("", "p"), "no region"),
            (keyed("evil.example/", "p"), "`evil.example/` is no region"),
            (keyed("eu", ""), "no project"),
            (keyed("eu", "p").base_url("a b"), "no URL"),
            (
                vertex("eu", "p").access_token("a\nb"),
                "no header can carry",
            ),
            (vertex("eu", "p").access_token(" "), "empty"),
        ] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(wanted), "{error}");
        }
    }
}
