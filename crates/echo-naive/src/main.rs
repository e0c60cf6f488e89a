//! The projector of `echo-naive`: picks what is wrong today, and serves.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use clap::{Arg, ArgAction, Command};
use echo_naive::{accept_for_ever, accept_then_join, echo_ignoring_eof, echo_until_eof};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err((what, error)) => {
            let _ = writeln!(io::stderr(), "echo-naive: {what}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), (String, io::Error)> {
    let flags = timeline::matches(flags());
    let addr = flags.get_one::<String>("addr").expect("it has a default");
    let listening = TcpListener::bind(addr).and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (addr, listener) = listening.map_err(|error| {
        let next = timeline::listen_instead(&error);
        (format!("cannot listen on {addr}"), io::Error::other(format!("{error}{next}")))
    })?;
    let echo = if flags.get_flag("ignore-eof") { echo_ignoring_eof } else { echo_until_eof };

    let told = Arc::new(AtomicBool::new(false));
    if flags.get_flag("join") {
        let told = Arc::clone(&told);
        ctrlc::set_handler(move || {
            told.store(true, SeqCst);
            // One who blocks in `accept` is woken by a client: this one comes for nothing else.
            let _ = TcpStream::connect(addr);
        })
        .map_err(|error| ("cannot catch Ctrl-C".into(), io::Error::other(error)))?;
    }
    let _ = writeln!(io::stdout(), "echo-naive: listening on {addr}, Ctrl-C stops it");
    let served = if flags.get_flag("join") {
        accept_then_join(&listener, echo, &told)
    } else {
        accept_for_ever(&listener, echo)
    };
    served.map_err(|error| ("cannot serve".into(), error))?;
    let _ = writeln!(io::stdout(), "echo-naive: every thread has ended");
    Ok(())
}

fn flags() -> Command {
    let flag = |name: &'static str, what: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(what)
    };
    Command::new("echo-naive")
        .about("Echoes what clients send, a thread for each, and shows what is wrong with that")
        .arg(
            Arg::new("addr")
                .long("addr")
                .value_name("ADDR")
                .default_value("127.0.0.1:8000")
                .help("Where to listen; port 0 lets the system choose"),
        )
        .arg(flag(
            "join",
            "At Ctrl-C accept nobody else, then join every thread: clients decide when it ends",
        ))
        .arg(flag("ignore-eof", "Do not notice that a client has left: one core spins, here for a second"))
}
