//! What the compiler advises where a tool or a schema is missing: each program in `tests/hints/`
//! fails to compile, and the advice is the one that its comments have.
//!
//! The compiler is called by itself, with the library that this program has.

#![allow(
    clippy::disallowed_methods,
    reason = "a test is called with variables; the client reads its own in one place"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Fits only the library with the features that the programs need.
const PROBE: &str = "use anthropic::{fallback as _, tool as _, typed as _}; fn main() {}";

#[test]
fn the_compiler_advises_what_to_write() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let probe = folder.join("probe.rs");
    fs::write(&probe, PROBE).unwrap();
    let compiles = |library: &PathBuf| compile(&probe, library).status.success();
    let library = libraries().into_iter().find(compiles).unwrap();
    let mut programs = 0;
    for entry in fs::read_dir("tests/hints").unwrap() {
        let program = entry.unwrap().path();
        let output = compile(&program, &library);
        let advice = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{} compiles", program.display());
        let text = fs::read_to_string(&program).unwrap();
        let wanted: Vec<&str> = text
            .lines()
            .filter_map(|it| it.strip_prefix("//~ "))
            .collect();
        assert!(!wanted.is_empty(), "{}", program.display());
        for wanted in wanted {
            assert!(
                advice.contains(wanted),
                "{}: no {wanted}\n{advice}",
                program.display()
            );
        }
        programs += 1;
    }
    assert_eq!(programs, 5);
}

fn compile(program: &Path, library: &Path) -> Output {
    let folder = library.parent().unwrap();
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--emit=metadata", "--color=never", "-o"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("hints.rmeta"))
        .arg("-L")
        .arg(format!("dependency={}", folder.display()))
        .arg("--extern")
        .arg(format!("anthropic={}", library.display()))
        .arg(program)
        .output()
        .unwrap()
}

/// The libraries beside this program, the newest first.
fn libraries() -> Vec<PathBuf> {
    let program = env::current_exe().unwrap();
    let entries = fs::read_dir(program.parent().unwrap()).unwrap().flatten();
    let mut found: Vec<_> = entries
        .filter(|entry| {
            let path = entry.path();
            let name = entry.file_name();
            let is_library = path.extension().is_some_and(|it| it == "rlib");
            is_library && name.to_string_lossy().starts_with("libanthropic-")
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}
