//! The command line of "be the scheduler".

use clap::{Arg, ArgMatches, Command};
use scheduler::programs::{PROGRAMS, Program};
use scheduler::{Play, page, terminal};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn command() -> Command {
    let program = || {
        Arg::new("program")
            .value_name("PROGRAM")
            .required(true)
            .value_parser(PROGRAMS.each_ref().map(|program| program.id))
            .hide_possible_values(true)
            .help("One of those that `list` names")
    };
    let schedule = Arg::new("schedule")
        .long("schedule")
        .value_name("STRING")
        .default_value("")
        .hide_default_value(true)
        .help("Start with these steps: 1221 is thread 1, thread 2 twice, thread 1");
    let file = Arg::new("file")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help("Where to write it [default: docs/scheduler.html]");
    Command::new("scheduler")
        .about("Be the scheduler: choose which thread runs next, and see where that leads")
        .subcommand_required(true)
        .subcommand(
            Command::new("list").about("Name the programs, and say how many of their schedules go wrong"),
        )
        .subcommand(Command::new("play").about("Play a program in the terminal").arg(program()).arg(schedule))
        .subcommand(
            Command::new("page").about("Write the page, one HTML file that needs nothing else").arg(file),
        )
        .subcommand(
            Command::new("player").about("Write the page that interleave fills in for a failing check"),
        )
        .subcommand(Command::new("graph").about("Print every state of a program as JSON").arg(program()))
}

fn main() -> ExitCode {
    let args = timeline::matches(command());
    stand_in_the_workspace();
    match run(&args) {
        Err(failed) if failed.1.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("scheduler: {}: {}", failed.0, failed.1);
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn run(args: &ArgMatches) -> Result<(), (String, io::Error)> {
    let mut out = io::stdout().lock();
    let program = |args: &ArgMatches| {
        let id = args.get_one::<String>("program").expect("clap requires it");
        Program::find(id).expect("clap knows the names")
    };
    let to_stdout =
        |result: io::Result<()>| result.map_err(|e| ("cannot write to standard output".to_string(), e));
    match args.subcommand() {
        Some(("page", args)) => {
            let default = workspace().join("docs/scheduler.html");
            let file = args.get_one::<PathBuf>("file").cloned().unwrap_or(default);
            let plays: Vec<Play> = PROGRAMS.iter().map(Play::of).collect();
            let html = page::html(&plays);
            std::fs::write(&file, &html).map_err(|e| (format!("cannot write {}", file.display()), e))?;
            let (kilobytes, file) = (html.len().div_ceil(1000), file.display());
            to_stdout(writeln!(out, "{} programs, {kilobytes} kB: open {file} in a browser", plays.len()))
        }
        Some(("player", _)) => {
            let (file, html) = (workspace().join(page::PLAYER), page::player());
            std::fs::write(&file, &html).map_err(|e| (format!("cannot write {}", file.display()), e))?;
            to_stdout(writeln!(out, "{} kB: {}", html.len().div_ceil(1000), page::PLAYER))
        }
        Some(("play", args)) => {
            let schedule = args.get_one::<String>("schedule").map_or("", String::as_str);
            let play = Play::of(program(args));
            let path =
                play.follow(schedule).map_err(|why| ("--schedule".to_string(), io::Error::other(why)))?;
            let (input, echo) = (io::stdin(), !io::stdin().is_terminal());
            to_stdout(terminal::play(&play, path, echo, input.lock(), out))
        }
        Some(("graph", args)) => to_stdout(writeln!(out, "{}", page::data(&Play::of(program(args))))),
        _ => to_stdout(terminal::list(PROGRAMS.iter().map(Play::of), out)),
    }
}

/// The source's names for things are read from the source, so the current folder has to be in the workspace.
fn stand_in_the_workspace() {
    let here = std::env::current_dir().unwrap_or_default();
    if !here.ancestors().any(|folder| folder.join("Cargo.lock").is_file()) {
        // A relative FILE then is relative to the workspace.
        let _ = std::env::set_current_dir(workspace());
    }
}

fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("the package is in crates/ of the workspace")
}
