//! What an [`AwsBuilder`] takes from the environment.

use anthropic::types::Secret;
use anthropic::{Result, platform};

use super::{AwsBuilder, config};

const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];
pub(super) const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
pub(super) const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

impl AwsBuilder {
    /// Fills in from the environment what isn't set yet.
    ///
    /// | setting | variables, the first one that is set |
    /// |---|---|
    /// | region | `AWS_REGION`, `AWS_DEFAULT_REGION` |
    /// | base URL | `ANTHROPIC_BEDROCK_BASE_URL` for [`bedrock`](crate::bedrock), `ANTHROPIC_BEDROCK_MANTLE_BASE_URL` for [`bedrock_mantle`](crate::bedrock_mantle), `ANTHROPIC_AWS_BASE_URL` for [`claude_platform`](crate::claude_platform) |
    /// | workspace | `ANTHROPIC_AWS_WORKSPACE_ID` for [`claude_platform`](crate::claude_platform) |
    /// | API key | `AWS_BEARER_TOKEN_BEDROCK` for Bedrock, `ANTHROPIC_AWS_API_KEY` for [`bedrock_mantle`](crate::bedrock_mantle), too, and for [`claude_platform`](crate::claude_platform) |
    /// | access key | `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` |
    ///
    /// A credential that was set wins over all of the environment's, and a key over an access key.
    /// The client that is built takes `ANTHROPIC_CUSTOM_HEADERS` and `ANTHROPIC_LOG`, too; no
    /// credential and no base URL of Anthropic's own API is read.
    ///
    /// # Errors
    ///
    /// [`Config`](anthropic::ErrorKind::Config) when a variable is not UTF-8, or one half of an
    /// access key is missing.
    pub fn from_env(self) -> Result<Self> {
        self.fill_in(platform::env_var)
    }

    pub(super) fn fill_in(
        mut self,
        variable: impl Fn(&str) -> Result<Option<String>>,
    ) -> Result<Self> {
        let first = |names: &[&str]| -> Result<Option<String>> {
            for name in names {
                if let Some(value) = variable(name)? {
                    return Ok(Some(value));
                }
            }
            Ok(None)
        };
        let service = self.service;
        self.environment = true;
        if self.region.is_none() {
            self.region = first(&REGION)?;
        }
        if self.base_url.is_none() {
            self.base_url = first(service.base_url.as_slice())?;
        }
        if self.workspace_id.is_none() {
            self.workspace_id = first(service.workspace.as_slice())?;
        }
        if self.is_authorized() {
            return Ok(self);
        }
        self.key = first(service.keys)?.map(Secret::new);
        if self.key.is_some() {
            return Ok(self);
        }
        match (variable(ACCESS_KEY)?, variable(SECRET_KEY)?) {
            (Some(id), Some(secret)) => {
                let token = variable(SESSION_TOKEN)?;
                Ok(self.access_key(id, secret, token))
            }
            (None, None) => Ok(self),
            (Some(_), None) => Err(config(format!(
                "{ACCESS_KEY} is set and {SECRET_KEY} is not"
            ))),
            (None, Some(_)) => Err(config(format!(
                "{SECRET_KEY} is set and {ACCESS_KEY} is not"
            ))),
        }
    }

    /// Whether it was set how requests are authorized.
    fn is_authorized(&self) -> bool {
        #[cfg(feature = "aws-config-1")]
        if self.profile.is_some() {
            return true;
        }
        self.has_credential()
    }
}
