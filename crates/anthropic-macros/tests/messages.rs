//! What the attributes say about mistakes, as the compiler shows it: each program in
//! `tests/messages/` fails to compile, with the messages beside it.
//!
//! The compiler is called by itself, with nothing but the macros: that takes two seconds, where a
//! project of cargo's would compile the crates below them once more. `MESSAGES=overwrite cargo test
//! -p anthropic-macros --test messages` writes the messages anew; read what it wrote.

#![allow(
    clippy::disallowed_methods,
    reason = "a test is called with variables; the client reads its own in one place"
)]

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[test]
fn every_mistake_has_a_message_at_its_place() -> Result<()> {
    let macros = macros()?;
    let mut programs: Vec<_> = fs::read_dir("tests/messages")?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    programs.retain(|path| path.extension().is_some_and(|it| it == "rs"));
    assert!(!programs.is_empty());
    let mut differences = Vec::new();
    for program in programs {
        let messages = compile(&program, &macros)?;
        let expected = program.with_extension("stderr");
        if env::var_os("MESSAGES").is_some_and(|it| it == "overwrite") {
            fs::write(&expected, &messages)?;
        } else if fs::read_to_string(&expected).unwrap_or_default() != messages {
            differences.push(format!("{}:\n{messages}", program.display()));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(())
}

/// The messages for a program, which has to have some.
fn compile(program: &Path, macros: &Path) -> Result<String> {
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler)
        .args(["--edition=2024", "--emit=metadata", "--color=never", "-o"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("messages.rmeta"))
        .arg("--extern")
        .arg(format!("anthropic_macros={}", macros.display()))
        .arg(program)
        .output()?;
    assert!(!output.status.success(), "{} compiles", program.display());
    let messages = String::from_utf8(output.stderr)?;
    let (messages, _) = messages
        .split_once("error: aborting due to")
        .ok_or_else(|| messages.clone())?;
    Ok(format!("{}\n", messages.trim_end()))
}

/// The library of the macros, in the folder that this program is in or, where that is of another
/// target, in the host's. There may be older ones; the newest was built for this program or after
/// it.
fn macros() -> Result<PathBuf> {
    let name = format!("{}anthropic_macros-", env::consts::DLL_PREFIX);
    let program = env::current_exe()?;
    let mut found = Vec::new();
    for folder in program.ancestors().skip(1) {
        for folder in [folder.to_path_buf(), folder.join("debug/deps")] {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            found.extend(entries.filter(|entry| {
                let file = entry.file_name();
                let file = file.to_string_lossy();
                file.starts_with(&name) && file.ends_with(env::consts::DLL_SUFFIX)
            }));
        }
        if !found.is_empty() {
            break;
        }
    }
    let newest = found.iter().max_by_key(|entry| {
        let meta = entry.metadata();
        meta.and_then(|meta| meta.modified()).ok()
    });
    Ok(newest
        .ok_or("the macros' library is not where cargo puts it")?
        .path())
}
