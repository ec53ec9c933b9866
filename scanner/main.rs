//! The program: reads the command line, runs the command, picks the exit code.

use std::process::ExitCode;

use aimscan::cli::Cli;
use aimscan::{Outcome, run};
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr(&cli);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        // A detector's panic becomes a gap; what it says may quote the scanned file, so it is not printed.
        if std::thread::current().name().is_some_and(|name| name.starts_with("examine-")) {
            tracing::debug!("a detector panicked at {place}");
        } else {
            anstream::eprintln!("aimscan stopped working at {place}; please report this");
        }
    }));
    match run(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::from(1),
        Ok(Outcome::Incomplete) => ExitCode::from(3),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("\u{1b}[1;31merror\u{1b}[0m: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whoever reads the output may stop early (`aimscan scan . | head`); that is no error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

fn log_to_stderr(cli: &Cli) {
    let level = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => "error",
        (_, 0) => "warn",
        (_, 1) => "aimscan=info,detectors=info,inventory=info",
        _ => "aimscan=debug,detectors=debug,inventory=debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("AIMSCAN_LOG").unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .init();
}
