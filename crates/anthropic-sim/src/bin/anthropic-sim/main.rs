//! The simulator as a program, for clients in any language.
//!
//! Its URL is the one line on stdout, so that a script can read it; everything else, the log too, goes to stderr.

mod args;

use std::{io::Write, process::ExitCode};

use anthropic_sim::{Exchange, Simulator};
use args::{Args, Command};
use tokio::signal;

fn main() -> ExitCode {
    match args::parse(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            print(std::io::stdout(), args::HELP);
            ExitCode::SUCCESS
        }
        Ok(Command::Run(args)) => match run(&args) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                print(
                    std::io::stderr(),
                    &format!("anthropic-sim: port {}: {error}\n", args.port),
                );
                ExitCode::FAILURE
            }
        },
        Err(problem) => {
            print(
                std::io::stderr(),
                &format!("anthropic-sim: {problem} (see --help)\n"),
            );
            ExitCode::from(2)
        }
    }
}

#[tokio::main]
async fn run(args: &Args) -> std::io::Result<()> {
    let mut builder = Simulator::builder().port(args.port).record_limit(0);
    if args.log {
        builder = builder.on_exchange(|exchange| print(std::io::stderr(), &line(exchange)));
    }
    let simulator = builder.start().await?;
    print(std::io::stdout(), &format!("{}\n", simulator.url()));
    stopped().await
}

#[cfg(unix)]
async fn stopped() -> std::io::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stopped() -> std::io::Result<()> {
    signal::ctrl_c().await
}

fn line(exchange: &Exchange) -> String {
    let line = serde_json::json!({
        "time": exchange.time,
        "method": exchange.method.as_str(),
        "path": exchange.path,
        "status": exchange.status.map(|status| status.as_u16()),
        "request_id": exchange.request_id,
        "model": exchange.model,
        "stream": exchange.stream,
        "fault": exchange.fault,
        "duration_us": u64::try_from(exchange.duration.as_micros()).unwrap_or(u64::MAX),
    });
    format!("{line}\n")
}

/// Writes and flushes; a reader that went away is no reason to stop serving.
fn print(mut to: impl Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}
