//! Claude on Google Cloud, which Anthropic runs: the API's own paths and bodies, below the path of
//! a workspace or of the organization.
//!
//! | canonical | Google Cloud, below `/v1/projects/{project}/locations/{location}` |
//! |---|---|
//! | `/v1/organizations/…`, `/v1/user_profiles…` | `/claudeOrganization/invoke/v1/…` |
//! | everything else | `/workspaces/{workspace}/invoke/v1/…` |

use anthropic::platform::path_segment;
use anthropic::transport::HttpRequest;
use anthropic::{Error, ErrorKind, Result};
use http::Uri;

use crate::error::config;
use crate::project::Place;

/// Puts a canonical request below the path that serves it.
pub(crate) fn adapt(
    mut request: HttpRequest,
    workspace: Option<&str>,
    place: &Place<'_>,
) -> Result<HttpRequest> {
    let project = path_segment("project", place.project)?;
    let location = path_segment("location", place.location)?;
    let path = request.uri().path();
    let owner = if is_of_organization(path) {
        "claudeOrganization".to_owned()
    } else {
        let workspace = workspace.ok_or_else(|| {
            config(
                "google cloud has no workspace, which this path needs: call workspace_id(), or set \
                 ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID and call from_env()",
            )
        })?;
        format!("workspaces/{}", path_segment("workspace", workspace)?)
    };
    let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
    let prefix = &place.prefix;
    let target = format!("{prefix}/projects/{project}/locations/{location}/{owner}/invoke{target}");
    let unfit = |error: http::Error| {
        Error::new(ErrorKind::Request, "the path can't be part of a URL").caused_by(error)
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(
        target
            .parse()
            .map_err(|error| unfit(http::Error::from(error)))?,
    );
    *request.uri_mut() = Uri::from_parts(parts).map_err(|error| unfit(error.into()))?;
    Ok(request)
}

/// Whether a path belongs to the organization, in place of a workspace.
fn is_of_organization(path: &str) -> bool {
    path == "/v1/user_profiles"
        || path.starts_with("/v1/user_profiles/")
        || path.starts_with("/v1/organizations/")
}
