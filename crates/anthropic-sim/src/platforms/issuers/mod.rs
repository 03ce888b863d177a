//! The servers that credentials come from.

mod asked;
mod aws;
mod azure;
mod google;

use axum::response::Response;
use http::Method;
use http::request::Parts;

pub(crate) use self::asked::Asked;
use super::platform::Platform;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Issuer {
    /// AWS's Security Token Service.
    Sts,
    /// An instance's metadata at AWS.
    AwsMetadata,
    /// Google's token endpoint.
    GoogleToken,
    /// An instance's metadata at Google.
    GoogleMetadata,
    /// The token endpoint of Microsoft Entra ID.
    Entra,
}

impl Issuer {
    /// The one that a request is for, of those of a platform.
    pub(crate) fn of(platform: Platform, parts: &Parts) -> Option<Self> {
        let path = parts.uri.path();
        let is_post = parts.method == Method::POST;
        match platform {
            Platform::Bedrock | Platform::Mantle | Platform::Aws => match path {
                "/" if is_post => Some(Self::Sts),
                _ if path.starts_with("/latest/") => Some(Self::AwsMetadata),
                _ => None,
            },
            Platform::Vertex | Platform::GoogleCloud => match path {
                "/token" if is_post => Some(Self::GoogleToken),
                "/" => Some(Self::GoogleMetadata),
                _ if path.starts_with("/computeMetadata/") => Some(Self::GoogleMetadata),
                _ => None,
            },
            Platform::Foundry => {
                let is_token = path.ends_with("/oauth2/v2.0/token") && is_post;
                is_token.then_some(Self::Entra)
            }
        }
    }

    pub(crate) fn answer(self, asked: Asked<'_>) -> Response {
        match self {
            Self::Sts => aws::token_service(asked),
            Self::AwsMetadata => aws::metadata(asked),
            Self::GoogleToken => google::token(asked),
            Self::GoogleMetadata => google::metadata(asked),
            Self::Entra => azure::token(asked),
        }
    }
}
