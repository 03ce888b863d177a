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
    let mut input = std::io::stdin().lock();
    let mut out = std::io::stdout().lock();
    let mut line = Vec::new();
    // Bytes and not text: a line that is not UTF-8 has an answer, too.
    while input.read_until(b'\n', &mut line)? > 0 {
        let answer = runtime.block_on(driver.answer(&line));
        writeln!(out, "{answer}")?;
        out.flush()?;
        line.clear();
    }
    Ok(())
}
