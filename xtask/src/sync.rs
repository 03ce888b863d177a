//! `cargo xtask sync`: from the official SDK on PyPI to `api/api.json`, and what changed.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::breaking::{Breaks, Surface};
use crate::description::Description;
use crate::generate::{read_overlay, root};
use crate::overlay::Overlay;
use crate::report::report;
use crate::{aliases, breaking, models};

/// Extracts the description anew from a version of the official SDK, or from the newest, and
/// reports what changed.
pub(crate) fn sync(version: Option<&str>) -> Result<(), String> {
    if let Some(version) = version.filter(|version| !is_version(version)) {
        return Err(format!("{version:?} is no version, such as 2.14.0"));
    }
    let root = root();
    let folder = version.unwrap_or("newest");
    let environment = root.join("target").join("sync").join(folder);
    let python = environment.join("bin").join("python");
    if !python.exists() {
        run(Command::new("python3")
            .args(["-m", "venv"])
            .arg(&environment))?;
    }
    let package = version.map_or("anthropic".to_owned(), |version| {
        format!("anthropic=={version}")
    });
    let install = ["-m", "pip", "install", "--quiet", "--upgrade"];
    run(Command::new(&python).args(install).arg(&package))?;
    print!("{}", extract(&root.join("api"), &python, &read_overlay()?)?);
    Ok(())
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

/// Rewrites `api.json` from the package that a Python has, then the version in `requirements.txt`;
/// neither, where the extraction fails. Returns the report.
fn extract(api: &Path, python: &Path, overlay: &Overlay) -> Result<String, String> {
    let before = read(api)?;
    run(Command::new(python)
        .args(["-m", "extract", "--out", "api.json"])
        .current_dir(api))?;
    let after = read(api)?;
    let version = after["sdk"]["version"]
        .as_str()
        .ok_or("api/api.json: no version")?;
    let requirements = api.join("extract").join("requirements.txt");
    write(&requirements, &format!("anthropic=={version}\n"))?;
    let models_file = api.join("models.json");
    let former = models::keep(&before, &after, list(&models_file)?)?;
    write(&models_file, &models::render(&former))?;
    let breaks = breaks(&before, &after, overlay)?;
    let aliases_file = api.join("aliases.json");
    let own = env!("CARGO_PKG_VERSION");
    let aliases = aliases::keep(list(&aliases_file)?, &breaks.renamed, own)?;
    write(&aliases_file, &aliases::render(&aliases))?;
    let next = if before == after {
        "nothing changed"
    } else {
        "Next: read the report, decide in api/overlay.toml, then `cargo xtask generate`; see api/CHANGES.md."
    };
    let breaking = breaking::render(&breaks);
    Ok(format!("{}{breaking}{next}\n", report(&before, &after)))
}

/// What the new description would break, by today's rules.
fn breaks(before: &Value, after: &Value, overlay: &Overlay) -> Result<Breaks, String> {
    let surface = |api: &Value| {
        let description = Description::deserialize(api);
        let description = description.map_err(|error| format!("api/api.json: {error}"))?;
        Ok::<_, String>(Surface::new(&description, overlay))
    };
    Ok(breaking::breaks(&surface(before)?, &surface(after)?))
}

fn list<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
    serde_json::from_str(&text(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn read(api: &Path) -> Result<Value, String> {
    serde_json::from_str(&text(&api.join("api.json"))?)
        .map_err(|error| format!("api/api.json: {error}"))
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} failed"))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const BEFORE: &str = "anthropic==1.0.0\n";

    /// A folder like `api/`, whose description is of version 2.0.0.
    fn folder(name: &str) -> PathBuf {
        let api = std::env::temp_dir().join(format!("xtask-sync-{name}-{}", std::process::id()));
        std::fs::create_dir_all(api.join("extract")).unwrap();
        let description = r#"{"sdk":{"version":"2.0.0"},"types":{},"endpoints":[],
            "betas":[],"models":[],"constants":{"deprecated_models":{}}}"#;
        std::fs::write(api.join("api.json"), description).unwrap();
        std::fs::write(api.join("extract/requirements.txt"), BEFORE).unwrap();
        std::fs::write(api.join("models.json"), "[]").unwrap();
        std::fs::write(api.join("aliases.json"), "[]").unwrap();
        api
    }

    /// What is required after an extraction by a program in the place of Python.
    fn required_after(program: &str) -> (Result<String, String>, String) {
        let api = folder(program);
        let extracted = extract(&api, Path::new(program), &read_overlay().unwrap());
        let required = std::fs::read_to_string(api.join("extract/requirements.txt")).unwrap();
        std::fs::remove_dir_all(&api).unwrap();
        (extracted, required)
    }

    #[test]
    fn what_is_required_is_what_was_extracted() {
        let (extracted, required) = required_after("true");
        assert_eq!(
            extracted.unwrap(),
            "anthropic 2.0.0 → 2.0.0\nnothing changed\n"
        );
        assert_eq!(required, "anthropic==2.0.0\n");
    }

    #[test]
    fn an_extraction_that_fails_requires_nothing_new() {
        let (extracted, required) = required_after("false");
        assert!(extracted.unwrap_err().contains("failed"));
        assert_eq!(required, BEFORE);
    }

    #[test]
    fn a_version_is_no_option_and_no_address() {
        assert!(is_version("2.14.0") && is_version("3.0.0rc1"));
        for text in ["", "-r", "2.14.0 x", "@ https://x", "..", "newest"] {
            assert!(!is_version(text), "{text}");
        }
    }
}
