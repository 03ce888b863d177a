//! What to add to an error where AWS's shared files lack what was looked for in them: which profile
//! it was, who named it, where it was looked for, and which profile may be meant.
//!
//! AWS's crates read the files, and pass over a profile that is not there. Here their headings
//! alone are read, for a person.

use std::path::Path;

use anthropic::{Result, platform};

/// What is listed of the profiles that there are.
const LISTED: usize = 8;
/// Files of profiles are short; of another one there is no advice.
const LONGEST: u64 = 1 << 20;

/// A profile, and where it was looked for.
#[derive(Debug, Clone)]
pub(super) struct Looked {
    /// What the profile is, and who named it.
    profile: String,
    /// Whether one of the files has it.
    is_there: bool,
    /// The files, and which of its profiles may be meant.
    rest: String,
}

impl Looked {
    /// Looks for a profile of the caller's, or for the one that AWS's programs take.
    pub(super) fn up(profile: Option<&str>) -> Result<Self> {
        let variable = platform::env_var("AWS_PROFILE")?;
        let variable = variable.filter(|name| !name.is_empty());
        let (name, source) = match (profile, &variable) {
            (Some(name), _) => (name, " of profile()"),
            (None, Some(name)) => (name.as_str(), " of AWS_PROFILE"),
            (None, None) => ("default", ""),
        };
        let config = Shared::read("AWS_CONFIG_FILE", "config")?;
        let credentials = Shared::read("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
        Ok(Self::of(name, source, &config, &credentials))
    }

    fn of(name: &str, source: &str, config: &Shared, credentials: &Shared) -> Self {
        let in_config: Vec<&str> = headings(&config.text).filter_map(of_config).collect();
        let in_credentials: Vec<&str> = headings(&credentials.text).collect();
        let mut there: Vec<&str> = [in_config.as_slice(), &in_credentials].concat();
        there.sort_unstable();
        there.dedup();
        let mut rest = format!("{} and {}", config.path, credentials.path);
        if let Some(advice) = advice(name, &there, &config.text) {
            rest.push_str(&advice);
        }
        Self {
            profile: format!("the profile `{}`{source}", name.escape_debug()),
            is_there: there.contains(&name),
            rest,
        }
    }

    /// Why a setting is not found there, such as "region".
    pub(super) fn without(&self, what: &str) -> String {
        let Self { profile, rest, .. } = self;
        if self.is_there {
            format!("{profile} has no {what} in {rest}")
        } else {
            self.missing().unwrap_or_default()
        }
    }

    /// That the profile itself is not there.
    pub(super) fn missing(&self) -> Option<String> {
        let Self { profile, rest, .. } = self;
        (!self.is_there).then(|| format!("{profile} is not in {rest}"))
    }
}

/// One of AWS's shared files.
struct Shared {
    path: String,
    text: String,
}

impl Shared {
    /// The file that a variable names, or else the one in the home folder; empty where there is
    /// none.
    fn read(variable: &str, name: &str) -> Result<Self> {
        let named = platform::env_var(variable)?.filter(|path| !path.is_empty());
        let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        let home = platform::env_var(home)?.filter(|home| !home.is_empty());
        // Which is what a person knows it by.
        let path = named.unwrap_or_else(|| format!("~/.aws/{name}"));
        let real = match (path.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => Path::new(&home).join(rest),
            _ => path.clone().into(),
        };
        // A pipe would be waited for.
        let is_short = |it: &std::fs::Metadata| it.is_file() && it.len() <= LONGEST;
        let is_short = std::fs::metadata(&real).is_ok_and(|it| is_short(&it));
        let text = is_short.then(|| std::fs::read_to_string(&real).ok());
        Ok(Self {
            path: path.escape_debug().to_string(),
            text: text.flatten().unwrap_or_default(),
        })
    }
}

/// What is in the brackets of a file's headings.
fn headings(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter_map(|line| line.strip_prefix('['));
    lines.filter_map(|line| Some(line.split_once(']')?.0.trim()))
}

/// The profile of a heading in the configuration, where each but the default has a prefix.
fn of_config(heading: &str) -> Option<&str> {
    let prefixed = heading.strip_prefix("profile");
    let name = prefixed.filter(|rest| rest.starts_with(char::is_whitespace));
    let is_default = heading == "default";
    name.map(str::trim).or(is_default.then_some(heading))
}

/// Which profile may be meant by a name that is not there, and what the file has in its place.
fn advice(name: &str, there: &[&str], config: &str) -> Option<String> {
    if there.contains(&name) {
        return None;
    }
    let alike = there.iter().find(|it| it.eq_ignore_ascii_case(name.trim()));
    if let Some(alike) = alike {
        let alike = alike.escape_debug();
        return Some(format!(
            "; there is `{alike}`: upper and lower case are different, and blanks count"
        ));
    }
    if headings(config).any(|heading| heading == name) {
        return Some(format!(
            "; in the configuration it has to be `[profile {0}]`, and not `[{0}]`",
            name.escape_debug()
        ));
    }
    if name.contains(char::is_whitespace) {
        return Some("; a name with blanks in it is passed over by AWS's crates".to_owned());
    }
    let listed: Vec<String> = there
        .iter()
        .take(LISTED)
        .map(|it| format!("`{}`", it.escape_debug()))
        .collect();
    let more = if there.len() > LISTED { ", …" } else { "" };
    (!listed.is_empty()).then(|| format!("; there are: {}{more}", listed.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(name: &str, config: &str, credentials: &str) -> Looked {
        let shared = |path: &str, text: &str| Shared {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let config = shared("~/.aws/config", config);
        Looked::of(
            name,
            " of AWS_PROFILE",
            &config,
            &shared("~/.aws/credentials", credentials),
        )
    }

    #[test]
    fn a_profile_that_is_not_there_is_named_with_what_may_be_meant() {
        let config = "[default]\nregion = x\n[profile  Work ] # mine\n[sso-session s]\n[bare]\n[services profile]\n";
        let credentials = "[keys]\n[a\u{1b}b]\n[open\n";
        let none = |name| looked(name, config, credentials).missing();
        for there in ["default", "Work", "keys"] {
            assert_eq!(none(there), None, "{there}");
        }
        let place = " of AWS_PROFILE is not in ~/.aws/config and ~/.aws/credentials; ";
        for (name, shown, advice) in [
            (
                "work",
                "work",
                "there is `Work`: upper and lower case are different, and blanks count",
            ),
            (
                "keys\n",
                r"keys\n",
                "there is `keys`: upper and lower case are different, and blanks count",
            ),
            (
                "bare",
                "bare",
                "in the configuration it has to be `[profile bare]`, and not `[bare]`",
            ),
            (
                "my work",
                "my work",
                "a name with blanks in it is passed over by AWS's crates",
            ),
            (
                "s",
                "s",
                r"there are: `Work`, `a\u{1b}b`, `default`, `keys`",
            ),
        ] {
            let expected = format!("the profile `{shown}`{place}{advice}");
            assert_eq!(none(name), Some(expected));
        }
        assert_eq!(
            looked("x", "", "").missing().unwrap(),
            "the profile `x` of AWS_PROFILE is not in ~/.aws/config and ~/.aws/credentials"
        );
        let many: Vec<String> = (0..20).map(|it| format!("[{it}]\n")).collect();
        let many = looked("x", "", &many.concat()).missing().unwrap();
        assert!(many.ends_with("`14`, `15`, …"), "{many}");
    }

    #[test]
    fn a_profile_that_is_there_lacks_a_setting() {
        let here = looked("keys", "", "[keys]").without("region");
        let files = "~/.aws/config and ~/.aws/credentials";
        assert_eq!(
            here,
            format!("the profile `keys` of AWS_PROFILE has no region in {files}")
        );
        let absent = looked("x", "", "").without("region");
        assert_eq!(
            absent,
            format!("the profile `x` of AWS_PROFILE is not in {files}")
        );
    }
}
