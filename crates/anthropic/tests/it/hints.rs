//! What the compiler advises where a tool or a schema is missing: each program in `tests/hints/`
//! fails to compile, and the advice is the one that its comments have. And what it advises where a
//! method's feature is off.
//!
//! The compiler is called by itself, with the library that this program has; of methods whose
//! feature is off, which this library has on, with a library of those alone.

#![allow(
    clippy::disallowed_methods,
    reason = "a test is called with variables; the client reads its own in one place"
)]

use std::env;
use std::ffi::OsString;
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

/// What `src/off.rs` needs of the crate around it.
const AROUND: &str = "#![allow(missing_docs)]
    pub struct Client;
    pub struct Request<T>(pub T);
    pub mod resources {
        pub struct Messages<'a>(pub &'a crate::Client);
        pub struct BetaMessages<'a>(pub &'a crate::Client);
        pub struct BetaResources<'a>(pub &'a crate::Client);
    }";

/// Methods by hand: the feature, the type, a call.
const BY_HAND: [(&str, &str, &str); 11] = [
    ("tools", "resources::Messages<'_>", "run(1).tools(1)"),
    ("tools", "resources::Messages<'_>", "resume(1, []).tools(1)"),
    ("tools", "resources::BetaMessages<'_>", "run(1).tools(1)"),
    ("tools", "resources::BetaMessages<'_>", "resume(1, 1)"),
    ("tools", "resources::BetaMessages<'_>", "thread(1).send(1)"),
    (
        "schemars-1",
        "resources::Messages<'_>",
        "parse::<u8>(1).x()",
    ),
    (
        "schemars-1",
        "resources::Messages<'_>",
        "parse_stream::<u8>(1)",
    ),
    (
        "schemars-1",
        "resources::BetaMessages<'_>",
        "parse::<u8>(1)",
    ),
    (
        "schemars-1",
        "resources::BetaMessages<'_>",
        "parse_stream::<u8>(1)",
    ),
    ("blocking", "Request<u8>", "send_blocking().unwrap().text()"),
    ("operations", "Client", "call(1).param(2)"),
];

#[test]
fn the_compiler_names_the_feature_of_a_method() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let source = folder.join("off.rs");
    let off = fs::canonicalize("src/off.rs").unwrap();
    fs::write(&source, format!("{AROUND} #[path = {off:?}] mod off;")).unwrap();
    let library = folder.join("liboff.rmeta");
    let output = Command::new(rustc())
        .args(["--edition=2024", "--emit=metadata", "--crate-type=lib"])
        .args(["--crate-name=anthropic", "-o"])
        .args([&library, &source])
        .output()
        .unwrap();
    let failure = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{failure}");

    let by_hand = BY_HAND.map(|(feature, of, call)| (feature.to_owned(), of, call.to_owned()));
    let mut calls: Vec<_> = by_hand.into();
    calls.extend(gated("src/generated/client.rs", "Client"));
    calls.extend(gated(
        "src/generated/beta.rs",
        "resources::BetaResources<'_>",
    ));
    assert!(calls.len() > 20, "{calls:?}");
    for (feature, of, call) in calls {
        let program = folder.join("off_call.rs");
        let text = format!("fn f(it: anthropic::{of}) {{ let _ = it.{call}; }} fn main() {{}}");
        fs::write(&program, &text).unwrap();
        let output = compile(&program, &library);
        let advice = String::from_utf8(output.stderr).unwrap();
        let named = match feature.as_str() {
            "agents" => "doesn't satisfy `_: FeatureAgents".to_owned(),
            "admin" if of != "Client" => "doesn't satisfy `_: FeatureAdmin".to_owned(),
            feature => format!("this method needs the feature `{feature}`"),
        };
        assert!(advice.contains(&named), "{text}: no {named}\n{advice}");
        // What follows the call is no error of its own.
        let errors = advice.lines().filter(|it| it.starts_with("error["));
        assert_eq!(errors.count(), 1, "{text}\n{advice}");
    }
}

/// Of what a glob brings in, the compiler does not name the feature.
#[test]
fn modules_of_types_that_need_a_feature_are_named_one_by_one() {
    let modules = fs::read_to_string("../anthropic-types/src/generated/mod.rs").unwrap();
    let library = fs::read_to_string("../anthropic-types/src/lib.rs").unwrap();
    let named: Vec<&str> = library
        .lines()
        .filter_map(|it| it.strip_prefix("pub use generated::"))
        .flat_map(|it| it.split(|it: char| !it.is_alphanumeric() && it != '_'))
        .collect();
    let modules: Vec<&str> = modules
        .lines()
        .filter_map(|it| it.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert!(modules.len() > 4, "{modules:?}");
    for module in modules {
        assert!(named.contains(&module), "{module}");
    }
}

/// The methods of a generated file that are behind a feature: the feature, the type, a call.
fn gated(file: &str, of: &'static str) -> Vec<(String, &'static str, String)> {
    let text = fs::read_to_string(file).unwrap();
    let mut found = Vec::new();
    let mut feature = None;
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("#[cfg(feature = \"") {
            feature = rest.strip_suffix("\")]");
        } else if let Some(rest) = line.strip_prefix("pub fn ") {
            let (method, _) = rest.split_once('(').unwrap();
            let call = format!("{method}().list()");
            found.extend(feature.take().map(|it| (it.to_owned(), of, call)));
        }
    }
    found
}

fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

fn compile(program: &Path, library: &Path) -> Output {
    let folder = library.parent().unwrap();
    Command::new(rustc())
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
