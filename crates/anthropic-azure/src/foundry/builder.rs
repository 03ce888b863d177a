//! How a [`Foundry`] is set up.

use std::fmt;
use std::future::Future;

#[cfg(feature = "hyper")]
use anthropic::Client;
use anthropic::platform::{self, Credentials, credentials_fn};
use anthropic::types::Secret;
use anthropic::{Error, ErrorKind, Result};

use super::{Foundry, Key};

const RESOURCE: &str = "ANTHROPIC_FOUNDRY_RESOURCE";
const BASE_URL: &str = "ANTHROPIC_FOUNDRY_BASE_URL";
const API_KEY: &str = "ANTHROPIC_FOUNDRY_API_KEY";

/// Begins to set up [Microsoft Foundry](Foundry) with the name of a resource: the `my-resource` of
/// `https://my-resource.services.ai.azure.com`.
///
/// One that is empty is taken from the environment by [`from_env`](FoundryBuilder::from_env), or
/// replaced by a [base URL](FoundryBuilder::base_url).
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// let client = anthropic_azure::foundry("my-resource").api_key("my-key").build()?;
/// # }
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn foundry(resource: impl Into<String>) -> FoundryBuilder {
    FoundryBuilder {
        resource: resource.into(),
        base_url: None,
        key: None,
        credentials: None,
        anonymous: false,
        environment: false,
    }
}

/// Sets up a [`Foundry`]: a resource, and a key or what tokens come from.
#[must_use = "a builder does nothing until it builds"]
pub struct FoundryBuilder {
    resource: String,
    base_url: Option<String>,
    key: Option<Secret>,
    credentials: Option<Box<dyn Credentials>>,
    anonymous: bool,
    /// Whether the client takes headers and its log from the environment.
    environment: bool,
}

// Not derived, so that no key is shown.
impl fmt::Debug for FoundryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundryBuilder")
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

impl FoundryBuilder {
    /// The base URL, in place of the resource's:
    /// `https://{resource}.services.ai.azure.com/anthropic`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The resource's key. Where there is a token, too, the token is sent.
    pub fn api_key(mut self, key: impl Into<Secret>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// A closure that returns a token of Microsoft Entra ID for the scope
    /// `https://ai.azure.com/.default`. It is called for every attempt, and once more when the
    /// server refuses the token (401), so let it cache them.
    ///
    /// ```
    /// let foundry = anthropic_azure::foundry("my-resource").token(|| async { Ok("my-token") });
    /// # foundry.platform().unwrap();
    /// ```
    pub fn token<F, R, S>(self, fetch: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<S>> + Send + 'static,
        S: Into<Secret>,
    {
        self.authorized(credentials_fn(fetch))
    }

    pub(crate) fn authorized(mut self, credentials: impl Credentials) -> Self {
        self.credentials = Some(Box::new(credentials));
        self
    }

    /// Adds no credential to requests: a gateway at the [base URL](Self::base_url) does.
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Fills in from the environment what isn't set.
    ///
    /// | setting | variable |
    /// |---|---|
    /// | base URL | `ANTHROPIC_FOUNDRY_BASE_URL`, unless there is a resource |
    /// | resource | `ANTHROPIC_FOUNDRY_RESOURCE`, unless there is a base URL |
    /// | API key | `ANTHROPIC_FOUNDRY_API_KEY`, unless there is a credential |
    ///
    /// The client that is built takes `ANTHROPIC_CUSTOM_HEADERS` and `ANTHROPIC_LOG`, too; no
    /// credential and no base URL of Anthropic's own API is read.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) when a variable is not UTF-8, or both
    /// `ANTHROPIC_FOUNDRY_RESOURCE` and `ANTHROPIC_FOUNDRY_BASE_URL` are set and neither was given.
    pub fn from_env(self) -> Result<Self> {
        self.fill_in(platform::env_var)
    }

    fn fill_in(mut self, variable: impl Fn(&str) -> Result<Option<String>>) -> Result<Self> {
        self.environment = true;
        if self.resource.is_empty() && self.base_url.is_none() {
            self.resource = variable(RESOURCE)?.unwrap_or_default();
            self.base_url = variable(BASE_URL)?;
            if self.base_url.is_some() && !self.resource.is_empty() {
                let message = format!("both {RESOURCE} and {BASE_URL} are set: unset one of them");
                return Err(config(message));
            }
        }
        if !self.anonymous && self.credentials.is_none() && self.key.is_none() {
            self.key = variable(API_KEY)?.map(Secret::new);
        }
        Ok(self)
    }

    /// The platform, for a client with other settings.
    ///
    /// ```
    /// # #[cfg(feature = "hyper")] {
    /// let foundry = anthropic_azure::foundry("my-resource").api_key("my-key").platform()?;
    /// let client = anthropic::Client::builder().platform(foundry).max_retries(5).build()?;
    /// # }
    /// # Ok::<(), anthropic::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) without a resource and a base URL or with both, without a
    /// credential, or with a resource, base URL or key that can't be used.
    pub fn platform(self) -> Result<Foundry> {
        let mut lacks = Vec::new();
        if self.resource.is_empty() && self.base_url.is_none() {
            lacks.push(
                "no resource: name one, or set ANTHROPIC_FOUNDRY_RESOURCE and call from_env()",
            );
        }
        if self.credentials.is_none() && self.key.is_none() && !self.anonymous {
            lacks.push(
                "no credential: call api_key(), token() or credentials(), or set ANTHROPIC_FOUNDRY_API_KEY and call \
                 from_env()",
            );
        }
        if !lacks.is_empty() {
            return Err(config(format!("foundry has {}", lacks.join("; "))));
        }
        let credentials = match (self.credentials, self.key, self.anonymous) {
            (None, None, _) => None,
            (.., true) => {
                return Err(config(
                    "foundry is anonymous and has a credential: set one of them",
                ));
            }
            (Some(credentials), _, false) => Some(credentials),
            (None, Some(key), false) => Some(Box::new(keyed(&key)?) as Box<dyn Credentials>),
        };
        let base_url = match (self.base_url, &*self.resource) {
            (Some(url), "") => url,
            (Some(_), _) => {
                return Err(config(
                    "foundry has both a resource and a base URL: set one of them",
                ));
            }
            (None, resource) if is_resource(resource) => {
                format!("https://{resource}.services.ai.azure.com/anthropic")
            }
            (None, other) => {
                let message = format!(
                    "`{}` is no name of a resource: it is the first part of its host, such as `my-resource`",
                    other.escape_debug()
                );
                return Err(config(message));
            }
        };
        Ok(Foundry {
            base_url: platform::parse_base_url(&base_url)?,
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
}

fn is_resource(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    name.bytes().all(is_part) && !name.starts_with('-') && !name.ends_with('-')
}

fn keyed(key: &Secret) -> Result<Key> {
    platform::secret_value(&key.expose().trim().into(), "foundry's API key").map(Key)
}

fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message)
}

#[cfg(test)]
mod tests {
    use anthropic::Platform;

    use super::*;

    fn keyed(resource: &str) -> FoundryBuilder {
        foundry(resource).api_key("key")
    }

    #[test]
    fn the_environment_fills_in_what_is_left_out() {
        let of = |variables: &[(&str, &str)], builder: FoundryBuilder| {
            let find = |name: &str| {
                let found = variables.iter().find(|(it, _)| *it == name);
                Ok(found.map(|(_, value)| (*value).to_owned()))
            };
            builder.fill_in(find)?.platform()
        };
        let key = (API_KEY, "of-the-environment");
        let url = |platform: Result<Foundry>| platform.unwrap().base_url().to_string();
        let resource = [key, (RESOURCE, "theirs")];
        let theirs = "https://theirs.services.ai.azure.com/anthropic";
        assert_eq!(url(of(&resource, foundry(""))), theirs);
        let mine = "https://mine.services.ai.azure.com/anthropic";
        assert_eq!(url(of(&resource, foundry("mine"))), mine);
        let based = [key, (BASE_URL, "https://gw.example/claude/v1/")];
        assert_eq!(url(of(&based, foundry(""))), "https://gw.example/claude");
        assert_eq!(url(of(&based, foundry("mine"))), mine);
        let both = [key, resource[1], based[1]];
        let error = of(&both, foundry("")).unwrap_err();
        assert!(error.to_string().contains("unset one of them"), "{error}");
        assert_eq!(url(of(&both, foundry("mine"))), mine);
        let given = foundry("").base_url("https://b.example");
        assert_eq!(url(of(&both, given)), "https://b.example/");
    }

    #[test]
    fn what_is_missing_or_contradicts_itself_is_named() {
        let url = "https://b.example";
        for (builder, wanted) in [
            (foundry("r"), "no credential"),
            (keyed(""), "no resource"),
            (keyed("r").base_url(url), "both a resource and a base URL"),
            (keyed("evil.example/"), "`evil.example/` is no name"),
            (keyed("-r"), "is no name"),
            (keyed("").base_url("b.example"), "base URL"),
            (foundry("r").api_key(" "), "is empty"),
            (foundry("r").api_key("a\nb"), "has a line end"),
            (foundry("r").api_key("${KEY}"), "is a placeholder"),
            (keyed("r").anonymous(), "anonymous and"),
        ] {
            let error = builder.platform().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(wanted), "{error}");
        }
        let all = foundry("").platform().unwrap_err().to_string();
        for wanted in ["foundry has no resource: ", "; no credential: "] {
            assert!(all.contains(wanted), "{all}");
        }
        assert!(foundry("r").anonymous().platform().is_ok());
    }

    #[test]
    fn no_key_is_shown() {
        let builder = foundry("r").api_key("canary");
        assert!(!format!("{builder:?}").contains("canary"));
        assert!(!format!("{:?}", builder.platform().unwrap()).contains("canary"));
    }
}
