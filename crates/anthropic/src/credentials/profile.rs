//! A profile: a pair of files that the official SDKs and their command share with us.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use http::{HeaderMap, HeaderValue, Uri};

use super::cache::{Cache, Caches};
use super::config_file::{Kind, Settings};
use super::exchange::Exchange;
use super::failure::Failure;
use super::federation::{Exchanged, headers};
use super::files::blocking;
use super::oauth::OAuth;
use super::place::{self, Place};
use crate::config::env::variables::{self, Variables};
use crate::config::{CredentialKind, CredentialSource, Origin};
use crate::pipeline::platform::{AttemptContext, Credentials, MaybeReady};
use crate::request::headers::WORKSPACE_ID;
use crate::{Error, Result};

/// A profile on disk, as [`Credentials`]: an OAuth login, or workload identity federation.
///
/// It is two files, in `~/.config/anthropic` (Windows: `%APPDATA%\Anthropic`) or where
/// `ANTHROPIC_CONFIG_DIR` points: `configs/NAME.json`, and `credentials/NAME.json` with the tokens,
/// which only its owner may read. They are those of the official SDKs and of their command, and
/// are written as those write them. The first request reads them, or the client as it is built,
/// which takes the profile's base URL where it has no other.
///
/// A token is renewed from two minutes before it expires, and no longer used in the last 30
/// seconds. The renewal runs to its end even if the request that needed it is dropped, as long as
/// the runtime runs on which that request was made; other requests wait for it, and so do other
/// processes, by a lock beside the file with the tokens. A token is only ever sent to the profile's
/// base URL. Where the profile names none, that is the base URL of the client, and in a process
/// that of the client that used the profile first: let no two programs use one such profile with
/// different base URLs, since the file does not have to which of them its tokens belong.
///
/// ```no_run
/// use anthropic::Client;
/// use anthropic::credentials::Profile;
///
/// let client = Client::builder().credentials(Profile::named("work")?).build()?;
/// println!("{}", client.credential_source());
/// # Ok::<(), anthropic::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Profile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: Place,
    variables: Variables,
    loaded: Mutex<Option<Arc<Loaded>>>,
}

/// A profile whose file has been read.
#[derive(Debug)]
struct Loaded {
    settings: Settings,
    /// The base URL of the client that came first, where the profile has none.
    bound: OnceLock<Arc<str>>,
    caches: Caches,
}

impl Profile {
    /// The profile of this name. Nothing is read yet but the environment: `ANTHROPIC_CONFIG_DIR`
    /// and the home folder, and `ANTHROPIC_ORGANIZATION_ID`, `ANTHROPIC_WORKSPACE_ID`,
    /// `ANTHROPIC_FEDERATION_RULE_ID`, `ANTHROPIC_SERVICE_ACCOUNT_ID` and
    /// `ANTHROPIC_IDENTITY_TOKEN_FILE`, which stand in for what the profile leaves out.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) for a name that is none of a file, and where there is
    /// no folder of profiles.
    pub fn named(name: impl Into<String>) -> Result<Self> {
        let variables = super::variables()?;
        let place = Place::new(place::folder(&variables)?, name, "the profile's name")?;
        Ok(Self::new(place, variables))
    }

    /// The profile that `ANTHROPIC_PROFILE` names, else the one in the file `active_config` in the
    /// folder of profiles, else `default`. What else is read is as for [`named`](Self::named).
    ///
    /// # Errors
    ///
    /// As for [`named`](Self::named).
    pub fn active() -> Result<Self> {
        Self::active_of(super::variables()?)
    }

    /// The profile of this name in a folder of your own. No environment is read.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) for a name that is none of a file.
    pub fn in_folder(folder: impl Into<PathBuf>, name: impl Into<String>) -> Result<Self> {
        let place = Place::new(folder.into(), name, "the profile's name")?;
        Ok(Self::new(place, Variables::default()))
    }

    pub(super) fn active_of(variables: Variables) -> Result<Self> {
        let folder = place::folder(&variables)?;
        let place = match &variables.profile {
            Some(name) => Place::new(folder, name, variables::PROFILE)?,
            None => Place::active(folder)?,
        };
        Ok(Self::new(place, variables))
    }

    fn new(place: Place, variables: Variables) -> Self {
        Self(Arc::new(Inner {
            place,
            variables,
            loaded: Mutex::default(),
        }))
    }

    /// The profile's name.
    pub fn name(&self) -> &str {
        &self.0.place.name
    }

    /// Whether its file is there.
    pub(super) fn is_there(&self) -> bool {
        self.0.place.config().is_file()
    }

    /// Reads the profile's file now.
    pub(super) fn check(&self) -> Result<()> {
        self.0.load().map(drop).map_err(|failure| failure.error())
    }
}

impl Inner {
    fn loaded(&self) -> Option<Arc<Loaded>> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.clone()
    }

    /// Reads the file, unless that is done. What is wrong with it may have been mended next time.
    fn load(&self) -> Result<Arc<Loaded>, Failure> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = &*loaded {
            return Ok(loaded.clone());
        }
        let read = Arc::new(Loaded {
            settings: Settings::read(&self.place, &self.variables)?,
            bound: OnceLock::new(),
            caches: Caches::default(),
        });
        *loaded = Some(read.clone());
        Ok(read)
    }

    fn headers(
        &self,
        loaded: &Loaded,
        mut exchange: Exchange,
        own_workspace: bool,
    ) -> MaybeReady<'static, Result<HeaderMap>> {
        let cache = match self.cache(loaded, &mut exchange) {
            Ok(cache) => cache,
            Err(error) => return MaybeReady::ready(Err(error)),
        };
        // That of a federation is in the token.
        let workspace = match &loaded.settings.kind {
            Kind::OAuth { .. } if !own_workspace => loaded.settings.workspace.clone(),
            _ => None,
        };
        cache.header(exchange).map(|token| {
            let mut headers = headers(token?);
            if let Some(workspace) = workspace {
                headers.insert(WORKSPACE_ID, workspace);
            }
            Ok(headers)
        })
    }

    /// The cache of the base URL, if the token may go there.
    fn cache(&self, loaded: &Loaded, exchange: &mut Exchange) -> Result<Cache> {
        let asked = exchange.base_url.clone();
        if let Some(home) = &loaded.settings.base_url {
            check_origin(&self.place.name, "belongs to", home.as_str(), &asked)?;
            exchange.base_url = home.text().clone();
        }
        let credentials = || loaded.settings.credentials.clone();
        match &loaded.settings.kind {
            Kind::OAuth { client_id } => {
                if loaded.settings.base_url.is_none() {
                    let home = loaded.bound.get_or_init(|| asked.clone());
                    check_origin(
                        &self.place.name,
                        "names no base URL and was first used with",
                        home,
                        &asked,
                    )?;
                    exchange.base_url = home.clone();
                }
                let (name, client_id) = (&self.place.name, client_id.clone());
                Ok(loaded.caches.of(&exchange.base_url, |_| {
                    Arc::new(OAuth::new(name, credentials(), client_id))
                }))
            }
            Kind::Federation(grant) => Ok(loaded.caches.of(&exchange.base_url, |is_first| {
                // What is in the file is of one base URL.
                Arc::new(Exchanged {
                    grant: grant.clone(),
                    store: is_first.then(credentials),
                })
            })),
        }
    }
}

/// Refuses to send a profile's token anywhere but home.
fn check_origin(name: &str, how: &str, home: &str, asked: &str) -> Result<()> {
    if home == asked {
        return Ok(());
    }
    let origin = |url: &str| {
        url.parse::<Uri>()
            .ok()
            .and_then(|url| Origin::of(&url).ok())
    };
    if origin(home).is_some() && origin(home) == origin(asked) {
        return Ok(());
    }
    Err(Error::config(format!(
        "the profile `{name}` {how} {home}, so its token is not sent to {asked}; leave the client's base URL out \
         (ANTHROPIC_BASE_URL, too), or use a profile of that place"
    )))
}

impl Credentials for Profile {
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        let exchange = Exchange::of(cx);
        let own_workspace = cx.workspace_id().is_some();
        if let Some(loaded) = self.0.loaded() {
            return self.0.headers(&loaded, exchange, own_workspace);
        }
        let inner = self.0.clone();
        MaybeReady::pending(async move {
            let reading = inner.clone();
            let read = blocking(move || reading.load()).await;
            let loaded = read.map_err(|failure| failure.error())?;
            inner.headers(&loaded, exchange, own_workspace).await
        })
    }

    fn refused(&self, used: &HeaderMap) -> bool {
        if let Some(loaded) = self.0.loaded() {
            loaded.caches.refuse(used);
        }
        true
    }

    /// The file with the tokens, and when the token that is held expires.
    fn source(&self) -> CredentialSource {
        let source = CredentialSource::new(CredentialKind::Profile);
        let Some(loaded) = self.0.loaded() else {
            return source.file(self.0.place.config());
        };
        CredentialSource {
            expires_at: loaded.caches.expires_at(),
            ..source.file(&loaded.settings.credentials)
        }
    }

    fn base_url(&self) -> Option<String> {
        let loaded = self.0.load().ok()?;
        Some(loaded.settings.base_url.as_ref()?.as_str().to_owned())
    }
}

/// The workspace as a header's value.
pub(super) fn workspace(id: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(id).ok()
}
