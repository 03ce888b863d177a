//! `conformance`: the SDK's public typed API behind JSON lines; see [`conformance::Driver`].

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

fn run() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut driver = Driver::new();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let answer = runtime.block_on(driver.answer(&line));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
