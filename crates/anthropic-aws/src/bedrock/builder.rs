//! How a [`Bedrock`] is set up.

use std::fmt;

use anthropic::{Client, Error, ErrorKind, Result};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use http::{HeaderValue, Uri};

use super::Bedrock;
use crate::credentials::{Auth, Signer};

const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];
const BASE_URL: &str = "ANTHROPIC_BEDROCK_BASE_URL";
const API_KEY: &str = "AWS_BEARER_TOKEN_BEDROCK";
const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// Begins to set up [Bedrock](Bedrock).
///
/// ```
/// let bedrock = anthropic_aws::bedrock().region("eu-central-1").api_key("a Bedrock API key").build()?;
/// let client = anthropic::Client::builder().platform(bedrock).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn bedrock() -> BedrockBuilder {
    BedrockBuilder::default()
}

/// Sets up a [`Bedrock`]: a region, and an API key or credentials that sign.
#[derive(Default)]
#[must_use = "a builder does nothing until it builds"]
pub struct BedrockBuilder {
    region: Option<String>,
    base_url: Option<String>,
    key: Option<String>,
    provider: Option<SharedCredentialsProvider>,
}

// Not derived, so that no key is shown.
impl fmt::Debug for BedrockBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BedrockBuilder")
            .field("region", &self.region)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl BedrockBuilder {
    /// The region, such as `eu-central-1`: it is part of the default base URL, and requests are
    /// signed for it.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The base URL, `https://bedrock-runtime.{region}.amazonaws.com` by default.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// A Bedrock API key, which is sent as it is; nothing is signed.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// An access key that signs requests.
    pub fn access_key(
        self,
        id: impl Into<String>,
        secret: impl Into<String>,
        session_token: Option<String>,
    ) -> Self {
        self.provider(Credentials::new(
            id,
            secret,
            session_token,
            None,
            "anthropic",
        ))
    }

    pub(super) fn provider(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.provider = Some(SharedCredentialsProvider::new(provider));
        self
    }

    /// Fills in from the environment what isn't set yet.
    ///
    /// | setting | variables, the first one that is set |
    /// |---|---|
    /// | region | `AWS_REGION`, `AWS_DEFAULT_REGION` |
    /// | base URL | `ANTHROPIC_BEDROCK_BASE_URL` |
    /// | API key | `AWS_BEARER_TOKEN_BEDROCK` |
    /// | access key | `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` |
    ///
    /// A credential that was set wins over all of the environment's, and a key over an access key.
    /// No variable of Anthropic's own API is read.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) when a variable is no Unicode, or one half of an access key is
    /// missing.
    pub fn from_env(self) -> Result<Self> {
        self.fill_in(variable)
    }

    fn fill_in(mut self, variable: impl Fn(&str) -> Result<Option<String>>) -> Result<Self> {
        for name in REGION {
            if self.region.is_none() {
                self.region = variable(name)?;
            }
        }
        if self.base_url.is_none() {
            self.base_url = variable(BASE_URL)?;
        }
        if self.key.is_some() || self.provider.is_some() {
            return Ok(self);
        }
        self.key = variable(API_KEY)?;
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

    /// The platform.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) without a region or without a credential, with both an API key
    /// and credentials that sign, or with a base URL or a key that can't be used.
    pub fn build(self) -> Result<Bedrock> {
        let region = self
            .region
            .filter(|region| !region.is_empty())
            .ok_or_else(|| {
                config(
                    "bedrock has no region: call region(), or set AWS_REGION and call from_env()",
                )
            })?;
        let is_region =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !region.bytes().all(is_region) {
            return Err(config(format!("`{}` is no region", region.escape_debug())));
        }
        let base_url = self
            .base_url
            .unwrap_or_else(|| format!("https://bedrock-runtime.{region}.amazonaws.com"));
        let base_url = base_url
            .trim_end_matches('/')
            .parse::<Uri>()
            .map_err(|error| config("bedrock's base URL is no URL").caused_by(error))?;
        let auth = match (self.key, self.provider) {
            (Some(_), Some(_)) => {
                return Err(config(
                    "bedrock has both an API key and credentials that sign: set one",
                ));
            }
            (Some(key), None) => Auth::Key(bearer(&key)?),
            (None, Some(provider)) => Auth::Signed(Box::new(Signer::new(region, provider))),
            (None, None) => {
                return Err(config(
                    "bedrock has no credential: call api_key(), access_key() or credentials(), or set \
                     AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and call from_env()",
                ));
            }
        };
        Ok(Bedrock { base_url, auth })
    }

    /// A client of the platform, with the client's other settings at their defaults.
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build).
    pub fn client(self) -> Result<Client> {
        Client::builder().platform(self.build()?).build()
    }
}

fn bearer(key: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.trim()))
        .map_err(|_| config("bedrock's API key can't be part of a header"))?;
    value.set_sensitive(true);
    Ok(value)
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

fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Bedrock> {
        let find = |name: &str| {
            let found = variables.iter().find(|(it, _)| *it == name);
            Ok(found.map(|(_, value)| (*value).to_owned()))
        };
        bedrock().fill_in(find)?.build()
    }

    #[test]
    fn the_environment_is_read_in_the_documented_order() {
        let keys = [(ACCESS_KEY, "id"), (SECRET_KEY, "secret")];
        let region = ("AWS_DEFAULT_REGION", "us-east-1");
        let signed = from(&[region, keys[0], keys[1]]).unwrap();
        assert!(matches!(signed.auth, Auth::Signed(_)));
        let key = from(&[
            region,
            keys[0],
            keys[1],
            (API_KEY, "key"),
            ("AWS_REGION", "eu-west-1"),
        ]);
        let key = key.unwrap();
        assert!(matches!(key.auth, Auth::Key(_)));
        assert_eq!(
            key.base_url.host(),
            Some("bedrock-runtime.eu-west-1.amazonaws.com")
        );
        let given = bedrock().api_key("mine").region("eu-west-1");
        let given = given.fill_in(|name| Ok(Some(name.to_owned()))).unwrap();
        assert_eq!(
            (given.key.as_deref(), given.region.as_deref()),
            (Some("mine"), Some("eu-west-1"))
        );
    }

    #[test]
    fn what_is_missing_or_contradicts_itself_is_named() {
        let region = ("AWS_REGION", "eu-west-1");
        for (variables, wanted) in [
            (&[][..], "no region"),
            (&[region], "no credential"),
            (
                &[region, (ACCESS_KEY, "id")],
                "AWS_SECRET_ACCESS_KEY is not",
            ),
            (
                &[("AWS_REGION", "x.example/"), (API_KEY, "k")],
                "`x.example/` is no region",
            ),
        ] {
            let error = from(variables).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(wanted), "{error}");
        }
        let both = bedrock()
            .region("r")
            .api_key("k")
            .access_key("i", "s", None)
            .build();
        assert!(both.unwrap_err().to_string().contains("both"));
    }
}
