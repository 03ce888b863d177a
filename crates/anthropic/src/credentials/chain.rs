//! Which profile or federation a client has that was set up by the environment and was given no
//! key and no token.

use std::sync::{Arc, Once};

use super::federation::Federation;
use super::place;
use super::profile::Profile;
use crate::Result;
use crate::config::env::variables::{self, Variables};
use crate::config::env::{API_KEY, AUTH_TOKEN, Environment};
use crate::pipeline::platform::Credentials;

/// The profile that is named, else federation by the environment, else the active profile.
///
/// A profile that the user has chosen, by name, by a pointer file or by a folder, is used even if
/// its file is broken, so that requests fail with what is wrong. One that merely is there is not.
pub(crate) fn find(variables: &Variables) -> Result<Option<Arc<dyn Credentials>>> {
    if variables.profile.is_some() {
        let profile = Profile::active_of(variables.clone())?;
        return Ok(Some(Arc::new(profile)));
    }
    if let Some(federation) = Federation::of(variables) {
        return Ok(Some(Arc::new(federation)));
    }
    let Some(folder) = variables.directory() else {
        return Ok(None);
    };
    let is_chosen = variables.config_dir.is_some() || place::pointed(&folder)?.is_some();
    let profile = Profile::active_of(variables.clone())?;
    if is_chosen {
        return Ok(Some(Arc::new(profile)));
    }
    if !profile.is_there() {
        return Ok(None);
    }
    if let Err(error) = profile.check() {
        tracing::warn!(%error, "the profile `{}` is ignored", profile.name());
        return Ok(None);
    }
    Ok(Some(Arc::new(profile)))
}

/// Warns once if a key or a token of the environment stands before a profile or a federation of the
/// environment.
pub(crate) fn warn_if_shadowed(env: &Environment) {
    static WARNED: Once = Once::new();
    let used = match (&env.api_key, &env.auth_token) {
        (Some(_), _) => API_KEY,
        (None, Some(_)) => AUTH_TOKEN,
        (None, None) => return,
    };
    let Some(variables) = &env.variables else {
        return;
    };
    let ignored = if variables.profile.is_some() {
        variables::PROFILE
    } else if variables.has_federation() {
        variables::FEDERATION_RULE_ID
    } else {
        return;
    };
    WARNED.call_once(|| {
        tracing::warn!("{used} is set, so {ignored} is ignored");
    });
}
