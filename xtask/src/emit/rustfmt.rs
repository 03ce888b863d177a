//! Formats Rust by rustfmt: a text, or many files by one process, since starting takes longer than
//! formatting.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A text, whose modules in other files are left alone.
pub(crate) fn text(code: &str) -> Result<String, String> {
    let mut child = command()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| missing(&error))?;
    let mut stdin = child.stdin.take().ok_or("rustfmt has no standard input")?;
    let code = code.to_owned();
    // rustfmt may start to write before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(code.as_bytes()));
    let output = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    let _ = writer.join();
    succeeded(&output)?;
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// The texts at these paths, none of which has modules in other files.
pub(crate) fn files(
    paths: &[PathBuf],
    texts: &mut BTreeMap<PathBuf, String>,
) -> Result<(), String> {
    if paths.is_empty() {
        return Ok(());
    }
    let folder = Folder::new()?;
    let mut copies = Vec::new();
    for path in paths {
        // The path stays in the name, for rustfmt's errors.
        let name = path.to_string_lossy().replace(['/', '\\'], "+");
        let copy = folder.0.join(name);
        let text = texts.get(path).ok_or("a file without a text")?;
        std::fs::write(&copy, text).map_err(|error| error.to_string())?;
        copies.push(copy);
    }
    let output = command()
        .args(&copies)
        .output()
        .map_err(|error| missing(&error))?;
    succeeded(&output)?;
    for (path, copy) in paths.iter().zip(&copies) {
        let text = std::fs::read_to_string(copy).map_err(|error| error.to_string())?;
        texts.insert(path.clone(), text);
    }
    Ok(())
}

/// A folder of its own among the temporary ones, which is gone when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let count = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("xtask-rustfmt-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn command() -> Command {
    let mut command = Command::new("rustfmt");
    command.args([
        "--edition",
        "2024",
        "--config",
        "max_width=100,use_field_init_shorthand=true",
    ]);
    command
}

fn missing(error: &std::io::Error) -> String {
    format!("rustfmt does not start: {error}")
}

fn succeeded(output: &Output) -> Result<(), String> {
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}
