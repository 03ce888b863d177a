//! Development tasks: `cargo xtask generate`, `cargo xtask sync`.

mod aliases;
mod breaking;
mod description;
mod emit;
mod fold;
mod generate;
mod layout;
mod limits;
mod merge;
mod model;
mod models;
mod names;
mod overlay;
mod reach;
mod report;
mod sync;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_articles;
#[cfg(test)]
mod tests_docs;
mod unions;
mod words;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <task>

  generate             writes the Rust that follows from api/api.json and api/overlay.toml
  generate --check     fails if what is there is not what would be written, or if words are missing
  generate --all --dry-run
                       lists of every type and endpoint whether it can be generated, or why not
  words                lists the docs that only repeat a name: none may; api/docs/ is where words go
  sync                 reads the newest official SDK into api/api.json, and reports what of the API
                       came, went and changed
  sync --version X     the same with that version";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["generate"] => generate::write(),
        ["generate", "--check"] => generate::check(),
        ["words"] => generate::words(),
        ["generate", "--all", "--dry-run"] => generate::dry_run(),
        ["sync"] => sync::sync(None),
        ["sync", "--version", version] => sync::sync(Some(version)),
        ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        [] => Err(format!("no task given\n\n{HELP}")),
        other => Err(format!("no such task: {}\n\n{HELP}", other.join(" "))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
