//! `cargo web PACKAGE FOLDER [--release] [-- ARGUMENTS]`: builds a package of this workspace for
//! `wasm32-unknown-unknown`, and writes a module for `<script type="module">` and for everything
//! else that imports modules into a folder. The arguments are cargo's.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (own, passed) = match args.iter().position(|arg| arg == "--") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (&args[..], &[][..]),
    };
    let (package, folder, is_release) = match own {
        [package, folder] => (package, Path::new(folder), false),
        [package, folder, release] if release == "--release" => (package, Path::new(folder), true),
        _ => return Err("usage: cargo web PACKAGE FOLDER [--release] [-- ARGUMENTS]".into()),
    };
    let profile = if is_release { "release" } else { "dev" };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args([
            "rustc",
            "--quiet",
            "--lib",
            "--target",
            TARGET,
            "--package",
            package,
        ])
        .args(["--profile", profile, "--crate-type", "cdylib"])
        .args(passed)
        .status()?;
    if !built.success() {
        return Err(format!("{package} was not built").into());
    }
    let name = package.replace('-', "_");
    let module = target_folder()
        .join(TARGET)
        .join(if is_release { "release" } else { "debug" })
        .join(format!("{name}.wasm"));
    Bindgen::new()
        .input_path(&module)
        .web(true)?
        .omit_default_module_path(false)
        .remove_name_section(is_release)
        .remove_producers_section(is_release)
        .typescript(false)
        .generate(folder)?;
    let written = folder.join(format!("{name}_bg.wasm"));
    let size = std::fs::metadata(&written)?.len();
    println!("{}: {size} bytes", written.display());
    Ok(())
}

fn target_folder() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        // This program is in `target/debug`.
        None => std::env::current_exe()
            .ok()
            .and_then(|program| Some(program.parent()?.parent()?.to_owned()))
            .unwrap_or_else(|| "target".into()),
    }
}
