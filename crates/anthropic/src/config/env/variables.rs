//! What the environment has about profiles and workload identity federation.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::config::Fault;

pub(crate) const PROFILE: &str = "ANTHROPIC_PROFILE";
pub(crate) const CONFIG_DIR: &str = "ANTHROPIC_CONFIG_DIR";
pub(crate) const IDENTITY_TOKEN: &str = "ANTHROPIC_IDENTITY_TOKEN";
pub(crate) const IDENTITY_TOKEN_FILE: &str = "ANTHROPIC_IDENTITY_TOKEN_FILE";
pub(crate) const FEDERATION_RULE_ID: &str = "ANTHROPIC_FEDERATION_RULE_ID";
pub(crate) const ORGANIZATION_ID: &str = "ANTHROPIC_ORGANIZATION_ID";
pub(crate) const SERVICE_ACCOUNT_ID: &str = "ANTHROPIC_SERVICE_ACCOUNT_ID";
pub(crate) const WORKSPACE_ID: &str = "ANTHROPIC_WORKSPACE_ID";

#[cfg(not(windows))]
const HOME: &str = "HOME";
#[cfg(windows)]
const HOME: &str = "USERPROFILE";

/// The variables of profiles and of federation; an empty one counts as unset.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables {
    /// The profile that is to be used.
    pub(crate) profile: Option<String>,
    /// Where profiles are, as the user has set it.
    pub(crate) config_dir: Option<PathBuf>,
    /// Where they are otherwise.
    pub(crate) default_dir: Option<PathBuf>,
    /// The user's folder.
    pub(crate) home: Option<PathBuf>,
    pub(crate) federation_rule_id: Option<String>,
    pub(crate) organization_id: Option<String>,
    pub(crate) service_account_id: Option<String>,
    pub(crate) workspace_id: Option<String>,
    pub(crate) identity_token_file: Option<PathBuf>,
    /// Whether there is an identity token in the environment itself; it is read at each exchange.
    pub(crate) has_identity_token: bool,
}

impl Variables {
    /// `text` reads a variable as trimmed text, `variable` as it is.
    pub(super) fn read(
        variable: &impl Fn(&str) -> Option<OsString>,
        text: &impl Fn(&str) -> Result<Option<String>, Fault>,
    ) -> Result<Self, Fault> {
        let path = |name: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        Ok(Self {
            profile: text(PROFILE)?,
            config_dir: path(CONFIG_DIR),
            default_dir: default_dir(path),
            home: path(HOME),
            federation_rule_id: text(FEDERATION_RULE_ID)?,
            organization_id: text(ORGANIZATION_ID)?,
            service_account_id: text(SERVICE_ACCOUNT_ID)?,
            workspace_id: text(WORKSPACE_ID)?,
            identity_token_file: path(IDENTITY_TOKEN_FILE),
            has_identity_token: text(IDENTITY_TOKEN)?.is_some(),
        })
    }

    /// The folder of profiles, if one can be named.
    pub(crate) fn directory(&self) -> Option<PathBuf> {
        self.config_dir.clone().or_else(|| self.default_dir.clone())
    }

    /// Whether workload identity federation is set up.
    pub(crate) fn has_federation(&self) -> bool {
        let has_token = self.identity_token_file.is_some() || self.has_identity_token;
        has_token && self.federation_rule_id.is_some() && self.organization_id.is_some()
    }
}

#[cfg(windows)]
fn default_dir(path: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let roaming = path("APPDATA")
        .or_else(|| path("USERPROFILE").map(|home| home.join("AppData").join("Roaming")));
    roaming.map(|roaming| roaming.join("Anthropic"))
}

/// `~/.config/anthropic`, as the official Python SDK has it. That of TypeScript follows
/// `XDG_CONFIG_HOME`, so its folder counts where the other one isn't there.
#[cfg(not(windows))]
fn default_dir(path: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let of_home = path("HOME").map(|home| home.join(".config").join("anthropic"));
    if of_home.as_deref().is_some_and(std::path::Path::is_dir) {
        return of_home;
    }
    let of_xdg = path("XDG_CONFIG_HOME").map(|xdg| xdg.join("anthropic"));
    of_xdg.filter(|xdg| xdg.is_dir()).or(of_home)
}
