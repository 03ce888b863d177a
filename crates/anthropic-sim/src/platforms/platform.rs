//! Which clouds there are.

use std::fmt;
use std::str::FromStr;

/// A cloud that the simulator stands in for, by [`Builder::platform`](crate::Builder::platform).
///
/// | platform | base URL below [`Simulator::url`](crate::Simulator::url) | credentials | errors |
/// |---|---|---|---|
/// | `Bedrock` | its own, `…/anthropic` for the Messages API beside InvokeModel | SigV4 or a bearer key | AWS's exceptions |
/// | `Mantle` | `…/anthropic` | SigV4 or a bearer key | the API's; AWS's for credentials |
/// | `Aws` | its own | SigV4 or a bearer key | the API's; AWS's for credentials |
/// | `Vertex` | `…/v1` | a bearer token | Google's for credentials, limits and paths; else the API's |
/// | `GoogleCloud` | `…/v1/projects/P/locations/L/workspaces/W/invoke`, whatever P, L and W are | a bearer token | the same |
/// | `Foundry` | `…/anthropic` | `x-api-key`, `api-key` or a bearer token | Azure's for credentials and paths; else the API's |
///
/// What the platform does not serve is a 404 of its own. Beside it there are, at their usual paths,
/// the servers that its credentials come from: STS (`AssumeRole`, `AssumeRoleWithWebIdentity`,
/// `GetCallerIdentity`) and version 2 of the instance metadata service for AWS's, the token
/// endpoint `/token` and the metadata server for Google's, `/{tenant}/oauth2/v2.0/token` for
/// Azure's. What they issue expires by the simulator's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Platform {
    /// Amazon Bedrock: InvokeModel, with event streams and token counting, and the Messages API at
    /// the same host.
    Bedrock,
    /// Bedrock's Messages endpoint, "Mantle".
    Mantle,
    /// Claude Platform on AWS.
    Aws,
    /// Google Cloud's Vertex AI.
    Vertex,
    /// Claude on Google Cloud, which Anthropic runs.
    GoogleCloud,
    /// Microsoft Foundry.
    Foundry,
}

impl Platform {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Bedrock, "bedrock"),
        (Self::Mantle, "mantle"),
        (Self::Aws, "aws"),
        (Self::Vertex, "vertex"),
        (Self::GoogleCloud, "google-cloud"),
        (Self::Foundry, "foundry"),
    ];

    /// What the base URL has behind the simulator's own.
    pub(crate) fn base(self) -> &'static str {
        match self {
            Self::Bedrock | Self::Aws => "",
            Self::Mantle | Self::Foundry => "/anthropic",
            Self::Vertex => "/v1",
            Self::GoogleCloud => {
                "/v1/projects/sim-project/locations/global/workspaces/wrkspc_01SimulatorDefaultWorkspac/invoke"
            }
        }
    }

    /// The service that signatures are for, where requests may be signed.
    pub(crate) fn signed_as(self) -> Option<&'static str> {
        match self {
            Self::Bedrock => Some("bedrock"),
            Self::Mantle => Some("bedrock-mantle"),
            Self::Aws => Some("aws-external-anthropic"),
            Self::Vertex | Self::GoogleCloud | Self::Foundry => None,
        }
    }

    /// The headers that may have the key, where a bearer token is not all there is.
    pub(crate) fn key_headers(self) -> &'static [&'static str] {
        match self {
            Self::Foundry => &["x-api-key", "api-key"],
            _ => &[],
        }
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(_, known)| *known == name);
        found.map(|(platform, _)| *platform).ok_or_else(|| {
            let names = Self::ALL.map(|(_, name)| name).join(", ");
            format!("{name:?} is none of {names}")
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Self::ALL.iter().find(|(platform, _)| platform == self);
        f.write_str(found.map_or("", |(_, name)| name))
    }
}
