//! The environment, read in one place and only when asked to.
//!
//! `Client::new` and a plain builder never come here, so that a program's behaviour depends on
//! the shell that it was started from only if it wants that.

#[cfg(feature = "profiles")]
pub(crate) mod variables;

use std::ffi::OsString;

use anthropic_types::Secret;

use super::Fault;
use crate::pipeline::debug_log::LogLevel;
use crate::request::headers::is_credential;
use crate::{ErrorKind, Result};

pub(crate) const API_KEY: &str = "ANTHROPIC_API_KEY";
pub(crate) const AUTH_TOKEN: &str = "ANTHROPIC_AUTH_TOKEN";
const BASE_URL: &str = "ANTHROPIC_BASE_URL";
const LOG: &str = "ANTHROPIC_LOG";
const CUSTOM_HEADERS: &str = "ANTHROPIC_CUSTOM_HEADERS";
#[cfg(all(feature = "tokio", feature = "webhooks"))]
pub(crate) const WEBHOOK_SIGNING_KEY: &str = "ANTHROPIC_WEBHOOK_SIGNING_KEY";

/// What is in the environment; an empty variable counts as unset.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    pub(crate) api_key: Option<Secret>,
    pub(crate) auth_token: Option<Secret>,
    pub(crate) base_url: Option<String>,
    /// Names and values; the values may be secrets.
    pub(crate) headers: Vec<(String, Secret)>,
    /// What is logged on standard error.
    pub(crate) log: Option<LogLevel>,
    /// Profiles and federation.
    #[cfg(feature = "profiles")]
    pub(crate) variables: Option<variables::Variables>,
}

impl Environment {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one module that reads the environment"
    )]
    pub(crate) fn of_process() -> Result<Self, Fault> {
        Self::read(|name| std::env::var_os(name))
    }

    /// Drops whatever would prove who sends a request.
    pub(crate) fn drop_credentials(&mut self) {
        self.api_key = None;
        self.auth_token = None;
        self.headers.retain(|(name, _)| !is_credential(name));
        #[cfg(feature = "profiles")]
        {
            self.variables = None;
        }
    }

    pub(crate) fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Fault> {
        let text = |name: &str| text(name, variable(name));
        Ok(Self {
            api_key: text(API_KEY)?.map(Secret::new),
            auth_token: text(AUTH_TOKEN)?.map(Secret::new),
            base_url: text(BASE_URL)?,
            headers: text(CUSTOM_HEADERS)?
                .map(|lines| headers(&lines))
                .unwrap_or_default(),
            log: text(LOG)?.and_then(|name| level(&name)),
            #[cfg(feature = "profiles")]
            variables: Some(variables::Variables::read(&variable, &text)?),
        })
    }
}

/// The text of a variable, trimmed; one that is empty counts as unset.
fn text(name: &str, value: Option<OsString>) -> Result<Option<String>, Fault> {
    let Some(value) = value else {
        return Ok(None);
    };
    let text = std::str::from_utf8(value.as_encoded_bytes())
        .map_err(|source| Fault::new(format!("{name} is not valid UTF-8")).caused_by(source))?;
    Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// A variable of the environment, trimmed; one that is empty counts as unset. For a
/// [`Platform`](crate::Platform), whose settings are read as the client's own are.
///
/// ```
/// assert_eq!(anthropic::platform::env_var("A_VARIABLE_THAT_NOBODY_SETS")?, None);
/// # Ok::<(), anthropic::Error>(())
/// ```
///
/// # Errors
///
/// [`Config`](crate::ErrorKind::Config) if it is not UTF-8.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one module that reads the environment"
)]
pub fn env_var(name: &str) -> Result<Option<String>> {
    text(name, std::env::var_os(name)).map_err(|fault| fault.error(ErrorKind::Config))
}

/// The proxies of the environment, as other programs take them from there.
#[cfg(feature = "hyper")]
#[derive(Debug, Clone, Default)]
pub(crate) struct ProxyVariables {
    /// The name and the value of the variable for `http://`, for `https://`, and for both, of those
    /// that are set and not empty.
    pub(crate) http: Option<(&'static str, String)>,
    pub(crate) https: Option<(&'static str, String)>,
    pub(crate) all: Option<(&'static str, String)>,
    /// The hosts that no proxy is used for.
    pub(crate) exempt: String,
}

#[cfg(feature = "hyper")]
impl ProxyVariables {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one module that reads the environment"
    )]
    pub(crate) fn of_process() -> Self {
        let first = |names: [&'static str; 2]| {
            let found = |name| Some((name, std::env::var_os(name)?));
            names.into_iter().find_map(found)
        };
        let set = |names| {
            let (name, value) = first(names)?;
            let value = value.to_string_lossy().into_owned();
            (!value.is_empty()).then_some((name, value))
        };
        // A program that a web server starts gets `HTTP_PROXY` from a request's header.
        let is_cgi = std::env::var_os("REQUEST_METHOD").is_some();
        let proxy = |names| set(names).filter(|_| !is_cgi);
        Self {
            http: proxy(["HTTP_PROXY", "http_proxy"]),
            https: proxy(["HTTPS_PROXY", "https_proxy"]),
            all: proxy(["ALL_PROXY", "all_proxy"]),
            exempt: set(["NO_PROXY", "no_proxy"]).map_or_else(String::new, |(_, list)| list),
        }
    }
}

/// The level that a variable names. Other clients have levels at which ours writes nothing; whoever
/// sets anything else expects a log, and gets a line that names the two.
fn level(name: &str) -> Option<LogLevel> {
    const NOTHING: [&str; 7] = ["off", "none", "0", "false", "error", "warn", "warning"];
    let level = LogLevel::named(name);
    if level.is_none() && !NOTHING.iter().any(|it| it.eq_ignore_ascii_case(name)) {
        warn(&format!(
            "[log] {LOG} is neither `info` nor `debug`: nothing is logged"
        ));
    }
    level
}

/// Writes a line on standard error, about a variable that has no effect.
fn warn(line: &str) {
    let line = format!("anthropic {line}\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
}

/// `Name: value` per line. A line without a colon is no header, and gets a line that names it by
/// its number: it may be a secret.
fn headers(lines: &str) -> Vec<(String, Secret)> {
    let mut headers = Vec::new();
    let mut number = 0;
    for line in lines.lines() {
        number += 1;
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_owned(), Secret::new(value.trim())));
        } else if !line.trim().is_empty() {
            warn(&format!(
                "[headers] line {number} of {CUSTOM_HEADERS} has no colon, as in `Name: value`: \
                 it is left out"
            ));
        }
    }
    headers
}

#[cfg(test)]
mod tests;
