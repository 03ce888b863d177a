//! `conformance`: the SDK's public typed API behind JSON lines; see [`conformance::Driver`].
//!
//! With the feature `platforms`, `conformance --platform bedrock 127.0.0.1:8080` has a client of a
//! cloud, whose requests go to that server.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

use conformance::Driver;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The driver that the arguments ask for.
fn driver() -> std::io::Result<Driver> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => Ok(Driver::new()),
        #[cfg(feature = "platforms")]
        ["--platform", platform, server] => conformance::platforms::client(platform, server)
            .map(Driver::with_client)
            .map_err(std::io::Error::other),
        _ => Err(std::io::Error::other(
            "the arguments are none, or with the feature platforms: --platform NAME SERVER",
        )),
    }
}

fn run() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut driver = driver()?;
    let mut input = std::io::stdin().lock();
    let mut out = std::io::stdout().lock();
    let mut line = Vec::new();
    // Bytes and not text: a line that is not UTF-8 has a result, too.
    while input.read_until(b'\n', &mut line)? > 0 {
        let answer = runtime.block_on(driver.answer(&line));
        writeln!(out, "{answer}")?;
        out.flush()?;
        line.clear();
    }
    Ok(())
}
