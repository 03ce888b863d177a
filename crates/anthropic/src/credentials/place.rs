//! Where the files of a profile are.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::config::env::variables::{self, Variables};
use crate::{Error, Result};

/// The profile that is used where none is named.
const DEFAULT: &str = "default";

/// A profile's name, and the folder with its files.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) name: String,
}

impl Place {
    pub(super) fn new(folder: PathBuf, name: impl Into<String>, what: &str) -> Result<Self> {
        let name = name.into();
        check_name(&name, what)?;
        Ok(Self { folder, name })
    }

    /// The profile that is active: the one of the pointer file, else the default one.
    pub(super) fn active(folder: PathBuf) -> Result<Self> {
        match pointed(&folder)? {
            Some(name) => Self::new(folder, name, "the profile in the file `active_config`"),
            None => Self::new(folder, DEFAULT, "the default profile"),
        }
    }

    /// What it is and what the tokens are for; no secrets.
    pub(super) fn config(&self) -> PathBuf {
        self.file("configs")
    }

    /// The tokens.
    pub(super) fn credentials(&self) -> PathBuf {
        self.file("credentials")
    }

    fn file(&self, kind: &str) -> PathBuf {
        self.folder.join(kind).join(format!("{}.json", self.name))
    }
}

/// The folder of profiles.
pub(super) fn folder(variables: &Variables) -> Result<PathBuf> {
    variables.directory().ok_or_else(|| {
        Error::config(format!(
            "no folder of profiles: there is no home folder, so set {}",
            variables::CONFIG_DIR
        ))
    })
}

/// The profile that the pointer file names. A file that can't be read is an error: another profile
/// may be another account.
pub(super) fn pointed(folder: &Path) -> Result<Option<String>> {
    let path = folder.join("active_config");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let advice = "it is the name of a profile, in UTF-8";
            let message = format!("{} can't be read: {error}; {advice}", path.display());
            return Err(Error::config(message).caused_by(error));
        }
    };
    let name = text.trim_start_matches('\u{feff}').trim();
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// Refuses a name that would lead out of the folder. `what` names where it comes from.
fn check_name(name: &str, what: &str) -> Result<()> {
    let problem = if name.is_empty() {
        "is empty"
    } else if name.trim() != name {
        "begins or ends with a blank"
    } else if name.starts_with('.') {
        "begins with a dot"
    } else if name.contains(['/', '\\']) {
        "has a slash; it is the name of a file"
    } else if name.contains('\0') {
        "has a NUL character"
    } else {
        return Ok(());
    };
    Err(Error::config(format!("{what} {problem}")))
}

/// A path that may begin with `~`, the home folder.
pub(super) fn expanded(path: &str, variables: &Variables) -> PathBuf {
    let rest = path
        .strip_prefix("~/")
        .or_else(|| (path == "~").then_some(""));
    match (rest, &variables.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for (name, problem) in [
            ("", "is empty"),
            (" a", "with a blank"),
            ("a\n", "with a blank"),
            (".a", "with a dot"),
            ("..", "with a dot"),
            ("a/b", "has a slash"),
            ("a\\b", "has a slash"),
            ("a\0b", "NUL"),
        ] {
            let error = Place::new(PathBuf::new(), name, "the profile").unwrap_err();
            assert!(error.to_string().contains(problem), "{name:?}: {error}");
        }
        let place = Place::new(PathBuf::from("dir"), "a b.c", "the profile").unwrap();
        assert_eq!(place.config(), Path::new("dir/configs/a b.c.json"));
        assert_eq!(place.credentials(), Path::new("dir/credentials/a b.c.json"));
    }

    #[test]
    fn a_tilde_is_the_home_folder() {
        let variables = Variables {
            home: Some(PathBuf::from("/home/me")),
            ..Variables::default()
        };
        for (path, expected) in [
            ("~/x.json", "/home/me/x.json"),
            ("~", "/home/me/"),
            ("~you/x.json", "~you/x.json"),
            ("/x/~/y", "/x/~/y"),
        ] {
            assert_eq!(expanded(path, &variables), Path::new(expected));
        }
    }
}
