//! How a [`Google`] is set up.

use std::fmt;
use std::future::Future;

#[cfg(feature = "hyper")]
use anthropic::Client;
use anthropic::platform::{self, BearerToken, Credentials, credentials_fn};
use anthropic::types::Secret;
use anthropic::{Error, Result};
use http::Uri;

use crate::error::config;
use crate::platform::{Form, Google};
use crate::project::{Project, ProjectSource};

/// Begins to set up Vertex AI with a region and a project: messages, streamed or not, and token
/// counting, GA and beta.
///
/// A region is one of Google's, such as `us-central1`, a multi-region, `us` or `eu`, or `global`.
/// One that is empty is taken from the environment by [`from_env`](GoogleBuilder::from_env); a
/// project that is empty, too, or else from the credential.
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// let client = anthropic_google::vertex("us-central1", "my-project").access_token("my-token").build()?;
/// # }
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn vertex(region: impl Into<String>, project: impl Into<String>) -> GoogleBuilder {
    GoogleBuilder::new(Service::Vertex, region.into(), project.into())
}

/// Begins to set up Claude on Google Cloud, which Anthropic runs, with a project and a workspace:
/// all of the API's operations, in the API's own form and with its models' names.
///
/// What is empty is taken from the environment by [`from_env`](GoogleBuilder::from_env); a project
/// that is empty, too, or else from the credential. Without a workspace, only organizations and
/// user profiles are there.
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// let client = anthropic_google::google_cloud("my-project", "wrkspc_01").access_token("my-token").build()?;
/// # }
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn google_cloud(project: impl Into<String>, workspace_id: impl Into<String>) -> GoogleBuilder {
    let mut builder = GoogleBuilder::new(Service::GoogleCloud, String::new(), project.into());
    builder.workspace_id = workspace_id.into();
    builder
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Vertex,
    GoogleCloud,
}

/// The variables that a service's settings are read from, the first one that is set.
struct Variables {
    location: &'static str,
    project: &'static [&'static str],
    workspace_id: &'static [&'static str],
    base_url: &'static str,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Self::Vertex => "vertex",
            Self::GoogleCloud => "google cloud",
        }
    }

    fn variables(self) -> Variables {
        match self {
            Self::Vertex => Variables {
                location: "CLOUD_ML_REGION",
                project: &[
                    "ANTHROPIC_VERTEX_PROJECT_ID",
                    "GOOGLE_CLOUD_PROJECT",
                    // As it was called before.
                    "GCLOUD_PROJECT",
                ],
                workspace_id: &[],
                base_url: "ANTHROPIC_VERTEX_BASE_URL",
            },
            Self::GoogleCloud => Variables {
                location: "ANTHROPIC_GOOGLE_CLOUD_LOCATION",
                project: &["ANTHROPIC_GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT"],
                workspace_id: &["ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID"],
                base_url: "ANTHROPIC_GOOGLE_CLOUD_BASE_URL",
            },
        }
    }
}

/// Sets up a [`Google`]: a project, a place, and what access tokens come from.
#[must_use = "a builder does nothing until it builds"]
pub struct GoogleBuilder {
    service: Service,
    location: String,
    project: String,
    workspace_id: String,
    base_url: Option<String>,
    project_source: Option<Box<dyn ProjectSource>>,
    pub(crate) credentials: Option<Result<Box<dyn Credentials>>>,
    pub(crate) anonymous: bool,
    /// Whether the client takes headers and its log from the environment.
    environment: bool,
}

// Not derived, so that no token is shown.
impl fmt::Debug for GoogleBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleBuilder")
            .field("service", &self.service)
            .field("location", &self.location)
            .field("project", &self.project)
            .field("workspace_id", &self.workspace_id)
            .finish_non_exhaustive()
    }
}

impl GoogleBuilder {
    fn new(service: Service, location: String, project: String) -> Self {
        Self {
            service,
            location,
            project,
            workspace_id: String::new(),
            base_url: None,
            project_source: None,
            credentials: None,
            anonymous: false,
            environment: false,
        }
    }

    /// The location of [`google_cloud`], `global` by default; the region of [`vertex`].
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = location.into();
        self
    }

    /// The base URL of a gateway, in place of Google's.
    ///
    /// | service | default | below it are |
    /// |---|---|---|
    /// | [`vertex`] | `https://{region}-aiplatform.googleapis.com/v1`, `https://aiplatform.googleapis.com/v1` for `global`, `https://aiplatform.{region}.rep.googleapis.com/v1` for `us` and `eu` | the paths of projects, so `/v1` belongs to it |
    /// | [`google_cloud`] | `https://claude.googleapis.com/v1/projects/{project}/locations/{location}/workspaces/{workspace}/invoke`, or `…/claudeOrganization/invoke` | the API's own paths |
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// An access token, sent as it is. It is not renewed: Google's are good for an hour.
    pub fn access_token(self, token: impl Into<Secret>) -> Self {
        self.authorized(BearerToken::new(token), None)
    }

    /// A closure that returns an access token. It is called for every attempt, and once more when
    /// the server refuses the token (401), so let it cache them.
    ///
    /// ```
    /// let vertex = anthropic_google::vertex("global", "my-project").token(|| async { Ok("my-token") });
    /// # vertex.platform().unwrap();
    /// ```
    pub fn token<F, R, S>(self, fetch: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<S>> + Send + 'static,
        S: Into<Secret>,
    {
        self.authorized(Ok(credentials_fn(fetch)), None)
    }

    pub(crate) fn authorized(
        mut self,
        credentials: Result<impl Credentials>,
        project: Option<Box<dyn ProjectSource>>,
    ) -> Self {
        self.credentials = Some(credentials.map(|it| Box::new(it) as Box<dyn Credentials>));
        self.project_source = project;
        self
    }

    /// Adds no credential to requests: a gateway at the [base URL](Self::base_url) does.
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Fills in from the environment what isn't set.
    ///
    /// | setting | [`vertex`] | [`google_cloud`] |
    /// |---|---|---|
    /// | region, location | `CLOUD_ML_REGION` | `ANTHROPIC_GOOGLE_CLOUD_LOCATION` |
    /// | project | `ANTHROPIC_VERTEX_PROJECT_ID`, `GOOGLE_CLOUD_PROJECT`, `GCLOUD_PROJECT` | `ANTHROPIC_GOOGLE_CLOUD_PROJECT`, `GOOGLE_CLOUD_PROJECT` |
    /// | workspace | | `ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID` |
    /// | base URL | `ANTHROPIC_VERTEX_BASE_URL` | `ANTHROPIC_GOOGLE_CLOUD_BASE_URL` |
    ///
    /// The client that is built takes `ANTHROPIC_CUSTOM_HEADERS` and `ANTHROPIC_LOG`, too; no
    /// credential and no base URL of Anthropic's own API is read.
    ///
    /// # Errors
    ///
    /// [`Config`](anthropic::ErrorKind::Config) when a variable is not UTF-8.
    pub fn from_env(self) -> Result<Self> {
        self.fill_in(platform::env_var)
    }

    fn fill_in(mut self, variable: impl Fn(&str) -> Result<Option<String>>) -> Result<Self> {
        let fill = |setting: &mut String, names: &[&str]| {
            for name in names {
                if setting.is_empty() {
                    *setting = variable(name)?.unwrap_or_default();
                }
            }
            Ok::<(), Error>(())
        };
        let variables = self.service.variables();
        self.environment = true;
        fill(&mut self.location, &[variables.location])?;
        fill(&mut self.project, variables.project)?;
        fill(&mut self.workspace_id, variables.workspace_id)?;
        if self.base_url.is_none() {
            self.base_url = variable(variables.base_url)?;
        }
        Ok(self)
    }

    /// The platform, for a client with other settings.
    ///
    /// ```
    /// # #[cfg(feature = "hyper")] {
    /// let vertex = anthropic_google::vertex("us-central1", "my-project").access_token("my-token").platform()?;
    /// let client = anthropic::Client::builder().platform(vertex).max_retries(5).build()?;
    /// # }
    /// # Ok::<(), anthropic::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Config`](anthropic::ErrorKind::Config) without a credential, without a region or a project
    /// that are needed (a project is not where the credential knows one), or with a region, base
    /// URL or token that can't be used.
    pub fn platform(self) -> Result<Google> {
        let is_vertex = self.service == Service::Vertex;
        let is_gateway = !is_vertex && self.base_url.is_some();
        let lacks = self.lacks(is_gateway);
        if !lacks.is_empty() {
            let name = self.service.name();
            return Err(config(format!("{name} has {}", lacks.join("; "))));
        }
        let location = match &*self.location {
            "" => "global",
            location => location,
        };
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !location.bytes().all(is_name) {
            let location = location.escape_debug();
            let what = if is_vertex { "region" } else { "location" };
            return Err(config(format!(
                "`{location}` is no {what}: it is a name such as `us-central1` or `global`"
            )));
        }
        let (base_url, prefix) = match (self.service, &self.base_url) {
            (Service::Vertex, Some(url)) => split(url)?,
            (Service::Vertex, None) => split(&default_url(location))?,
            (Service::GoogleCloud, Some(url)) => (platform::parse_base_url(url)?, String::new()),
            (Service::GoogleCloud, None) => split("https://claude.googleapis.com/v1")?,
        };
        let form = match self.service {
            Service::Vertex => Form::Vertex,
            Service::GoogleCloud if is_gateway => Form::Gateway,
            Service::GoogleCloud => Form::GoogleCloud {
                workspace: Some(self.workspace_id).filter(|it| !it.is_empty()),
            },
        };
        let location = location.to_owned();
        let credentials = match (self.credentials, self.anonymous) {
            (Some(credentials), false) => Some(credentials?),
            (None, _) => None,
            (Some(_), true) => {
                let message = "is anonymous and has a credential: set one of them";
                return Err(config(format!("{} {message}", self.service.name())));
            }
        };
        Ok(Google {
            form,
            base_url,
            prefix,
            location,
            project: Project::new(self.project, self.project_source),
            credentials,
        })
    }

    /// A client of the platform, with the client's other settings at their defaults.
    ///
    /// # Errors
    ///
    /// Those of [`platform`](Self::platform).
    #[cfg(feature = "hyper")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hyper")))]
    pub fn build(self) -> Result<Client> {
        let mut client = Client::builder();
        if self.environment {
            client = client.environment();
        }
        client.platform(self.platform()?).build()
    }

    /// The settings that are missing, each with where it comes from.
    fn lacks(&self, is_gateway: bool) -> Vec<String> {
        let variables = self.service.variables();
        let mut lacks = Vec::new();
        if self.service == Service::Vertex && self.location.is_empty() {
            let variable = variables.location;
            lacks.push(format!(
                "no region: name one, such as `us-central1`, or set {variable} and call from_env()"
            ));
        }
        if self.project.is_empty() && self.project_source.is_none() && !is_gateway {
            let variable = variables.project.first().copied().unwrap_or_default();
            lacks.push(format!(
                "no project: name one, or set {variable} and call from_env()"
            ));
        }
        if self.credentials.is_none() && !self.anonymous {
            lacks.push(
                "no credential: call access_token(), token() or credentials(), or load() for application default \
                 credentials"
                    .to_owned(),
            );
        }
        lacks
    }
}

/// A base URL as canonical requests have it, without `/v1`, and the path that Google's own paths
/// are below.
fn split(url: &str) -> Result<(Uri, String)> {
    let base_url = platform::parse_base_url(url)?;
    let has_version = url.trim().trim_end_matches('/').ends_with("/v1");
    let version = if has_version { "/v1" } else { "" };
    let prefix = format!("{}{version}", base_url.path().trim_end_matches('/'));
    Ok((base_url, prefix))
}

fn default_url(region: &str) -> String {
    match region {
        "global" => "https://aiplatform.googleapis.com/v1".to_owned(),
        "us" | "eu" => format!("https://aiplatform.{region}.rep.googleapis.com/v1"),
        _ => format!("https://{region}-aiplatform.googleapis.com/v1"),
    }
}

#[cfg(test)]
mod tests {
    use anthropic::ErrorKind;

    use super::*;

    fn keyed(region: &str, project: &str) -> GoogleBuilder {
        vertex(region, project).access_token("token")
    }

    fn cloud(project: &str, workspace: &str) -> GoogleBuilder {
        google_cloud(project, workspace).access_token("token")
    }

    #[test]
    fn each_kind_of_region_has_its_host() {
        for (region, host) in [
            ("us-central1", "us-central1-aiplatform.googleapis.com"),
            ("global", "aiplatform.googleapis.com"),
            ("us", "aiplatform.us.rep.googleapis.com"),
            ("eu", "aiplatform.eu.rep.googleapis.com"),
        ] {
            let vertex = keyed(region, "p").platform().unwrap();
            assert_eq!(vertex.base_url.host(), Some(host));
            assert_eq!((vertex.base_url.path(), &*vertex.prefix), ("/", "/v1"));
        }
        for (url, base, prefix) in [
            ("https://gw.example/vertex/v1/", "/vertex", "/vertex/v1"),
            ("https://gw.example/vertex", "/vertex", "/vertex"),
            ("https://gw.example", "/", ""),
        ] {
            let vertex = keyed("global", "p").base_url(url).platform().unwrap();
            assert_eq!((vertex.base_url.path(), &*vertex.prefix), (base, prefix));
        }
    }

    #[test]
    fn the_environment_fills_in_what_is_empty() {
        let all = |name: &str| Ok(Some(format!("https://{name}.example")));
        let given = keyed("eu", "mine").base_url("https://b.example");
        let given = given.fill_in(all).unwrap();
        assert_eq!((&*given.location, &*given.project), ("eu", "mine"));
        assert_eq!(given.base_url.as_deref(), Some("https://b.example"));
        let found = vertex("", "")
            .fill_in(|name| Ok(Some(name.to_owned())))
            .unwrap();
        assert_eq!(found.location, "CLOUD_ML_REGION");
        assert_eq!(found.project, "ANTHROPIC_VERTEX_PROJECT_ID");
        assert_eq!(found.base_url.as_deref(), Some("ANTHROPIC_VERTEX_BASE_URL"));
        for common in ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"] {
            let found =
                vertex("", "").fill_in(|name| Ok((name == common).then(|| name.to_owned())));
            assert_eq!(found.unwrap().project, common);
        }
        let cloud = google_cloud("", "").fill_in(|name| Ok(Some(name.to_owned())));
        let cloud = cloud.unwrap();
        assert_eq!(cloud.location, "ANTHROPIC_GOOGLE_CLOUD_LOCATION");
        assert_eq!(cloud.project, "ANTHROPIC_GOOGLE_CLOUD_PROJECT");
        assert_eq!(cloud.workspace_id, "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID");
        let common = google_cloud("", "")
            .fill_in(|name| Ok((name == "GOOGLE_CLOUD_PROJECT").then(|| "common".to_owned())));
        assert_eq!(common.unwrap().project, "common");
    }

    #[test]
    fn what_is_missing_or_unusable_is_named() {
        for (builder, wanted) in [
            (vertex("eu", "p"), "vertex has no credential"),
            (google_cloud("p", "w"), "google cloud has no credential"),
            (keyed("", "p"), "no region"),
            (keyed("evil.example/", "p"), "`evil.example/` is no region"),
            (cloud("p", "w").location("A B"), "`A B` is no location"),
            (keyed("eu", ""), "no project"),
            (cloud("", "w"), "ANTHROPIC_GOOGLE_CLOUD_PROJECT"),
            (keyed("eu", "p").base_url("a b"), "base URL"),
            (
                vertex("eu", "p").access_token("a\nb"),
                "has a line end, as character 2 of 3",
            ),
            (vertex("eu", "p").access_token(" "), "empty"),
            (keyed("eu", "p").anonymous(), "anonymous and"),
        ] {
            let error = builder.platform().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(wanted), "{error}");
        }
        let all = vertex("", "").platform().unwrap_err().to_string();
        for wanted in [
            "vertex has no region: ",
            "; no project: ",
            "; no credential: ",
        ] {
            assert!(all.contains(wanted), "{all}");
        }
        assert!(vertex("eu", "p").anonymous().platform().is_ok());
        let gateway = google_cloud("", "").base_url("https://gw.example");
        assert!(gateway.anonymous().platform().is_ok());
    }
}
