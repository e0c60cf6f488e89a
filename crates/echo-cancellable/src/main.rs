//! The projector of `echo-cancellable`: flags in, a server until the first Ctrl-C, a verdict out.

use std::io::{self, Write};
use std::process::{ExitCode, exit};
use std::time::Duration;

use clap::{Arg, ArgAction, Command, value_parser};
use echo_cancellable::log::Log;
use echo_cancellable::{Options, Server};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err((what, error)) => {
            let _ = writeln!(io::stderr(), "echo-cancellable: {what}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), (String, io::Error)> {
    let flags = timeline::matches(flags());
    let addr = flags.get_one::<String>("addr").expect("it has a default");
    let (log, printer) = Log::to(io::stdout());
    let options = Options {
        grace: *flags.get_one("grace").expect("it has a default"),
        idle: flags.get_one("idle").copied(),
        max_connections: flags.get_one::<u32>("max-connections").map_or(usize::MAX, |max| *max as usize),
        log: log.clone(),
        log_echoes: flags.get_flag("verbose"),
    };
    let server = Server::bind_with(addr, options).map_err(|error| {
        let next = timeline::listen_instead(&error);
        (format!("cannot listen on {addr}"), io::Error::other(format!("{error}{next}")))
    })?;

    let stop = server.stop_handle();
    let mut told = false;
    // `ctrlc` calls this on a thread of its own, where locks are allowed; in a signal handler they are not.
    ctrlc::set_handler(move || {
        if told {
            exit(130);
        }
        told = true;
        stop.stop();
    })
    .map_err(|error| ("cannot catch Ctrl-C".into(), io::Error::other(error)))?;

    log.line(|| format!("echo-cancellable: listening on {}, Ctrl-C stops it", server.local_addr()));
    server.run().map_err(|error| ("cannot run".into(), error))?;
    log.line(|| format!("echo-cancellable: clients told goodbye: {}", server.goodbyes()));
    // The printer ends when the last log is gone; the server holds one.
    drop((log, server));
    printer.finish(Duration::from_secs(1), stuck);
    Ok(())
}

/// Whether a line would have to wait until somebody reads: a pipe is full, or a terminal paused.
#[cfg(unix)]
fn stuck() -> bool {
    use echo_cancellable::bell::{PollFlags, ready};
    matches!(ready(&io::stdout(), PollFlags::OUT, Duration::ZERO), Ok(false))
}

/// Elsewhere there is no such question: lines that are not out by now are taken to be stuck.
#[cfg(not(unix))]
fn stuck() -> bool {
    true
}

fn flags() -> Command {
    Command::new("echo-cancellable")
        .about("Echoes what clients send. Ctrl-C says goodbye to all of them; a second one does not wait.")
        .arg(
            Arg::new("addr")
                .long("addr")
                .value_name("ADDR")
                .default_value("127.0.0.1:8000")
                .help("Where to listen; port 0 lets the system choose"),
        )
        .arg(
            Arg::new("grace")
                .long("grace")
                .value_name("TIME")
                .default_value("2")
                .value_parser(|text: &str| timeline::parse_seconds(text, 0.05..=86_400.0))
                .help("How many seconds a client that does not read, or does not close, can hold up the end; or 500ms, 2s, 1m"),
        )
        .arg(
            Arg::new("idle")
                .long("idle")
                .value_name("TIME")
                .value_parser(|text: &str| timeline::parse_seconds(text, 0.05..=86_400.0))
                .help("Close clients that are silent, or do not read, for so many seconds; or 500ms, 2s, 1m [default: never]"),
        )
        .arg(
            Arg::new("max-connections")
                .long("max-connections")
                .value_name("N")
                .value_parser(value_parser!(u32).range(1..))
                .help("Serve so many clients at a time; the others wait [default: no limit]"),
        )
        .arg(
            Arg::new("verbose")
                .short('v')
                .long("verbose")
                .action(ArgAction::SetTrue)
                .help("Log what clients say, too"),
        )
}
