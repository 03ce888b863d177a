//! `cargo web PACKAGE FOLDER [--release]`: builds a package of this workspace for
//! `wasm32-unknown-unknown`, and writes a module for `<script type="module">` and for everything
//! else that imports modules into a folder.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (package, folder) = match &args[..] {
        [package, folder] | [package, folder, _] => (package, Path::new(folder)),
        _ => return Err("usage: cargo web PACKAGE FOLDER [--release]".into()),
    };
    let is_release = args.iter().any(|arg| arg == "--release");
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
