//! `cargo web PACKAGE FOLDER [--release] [-- ARGUMENTS]`: builds a package of this workspace for
//! `wasm32-unknown-unknown`, and writes a module for `<script type="module">` and for everything
//! else that imports modules into a folder. The arguments are cargo's.
//!
//! Several packages, `ONE,TWO`, are built at once, with the features that any of them has, so that
//! what they share is compiled once; each gets a folder of its name in the folder.

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
    let (packages, folder, is_release) = match own {
        [packages, folder] => (packages, Path::new(folder), false),
        [packages, folder, release] if release == "--release" => {
            (packages, Path::new(folder), true)
        }
        _ => return Err("usage: cargo web PACKAGE FOLDER [--release] [-- ARGUMENTS]".into()),
    };
    let packages: Vec<&str> = packages.split(',').collect();
    let profile = if is_release { "release" } else { "dev" };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--lib", "--target", TARGET])
        .args(["--profile", profile])
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .args(passed)
        .status()?;
    if !built.success() {
        return Err(format!("{} was not built", packages.join(",")).into());
    }
    match packages[..] {
        [package] => write(package, folder, is_release),
        _ => packages
            .iter()
            .try_for_each(|package| write(package, &folder.join(package), is_release)),
    }
}

/// Writes the module of a package that has been built.
fn write(package: &str, folder: &Path, is_release: bool) -> Result<(), Box<dyn Error>> {
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
