//! Starts itself once for each way to end a thread, lets that process end, and looks at the file that it leaves behind.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
#[allow(dead_code)] // What this exploration does not use.
mod explored; // the page once more, with threads whose every interleaving can be tried
mod shared_file;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use daemon_threads::{detached, joined, scoped, signalled_then_joined};
use interleave::real::fs::{self, File};
use interleave::real::path::{Path, PathBuf};
use interleave::real::sync::mpsc;
use interleave::real::thread;
use interleave::real::time::Duration;
use interleave::real::{env, process};
use interleave::{Ending, Outcomes, outcomes};
use shared_file::SharedFile;
use std::io::{self, Write};
use std::process::ExitCode;
use timeline::{Asked, Recorder};

const WAYS: [&str; 4] = ["detached", "joined", "scoped", "signalled_then_joined"];

fn main() -> ExitCode {
    let command = Command::new("daemon-threads")
        .about("What becomes of a thread when main returns: lost lines, no destructors, half a file")
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("List what is in the file when main returns, over every interleaving"),
        )
        .arg(Arg::new("child").long("child").value_parser(WAYS).requires("file").hide(true))
        .arg(Arg::new("file").long("file").value_parser(value_parser!(PathBuf)).hide(true));
    let args = timeline::matches(timeline::args(command));
    let mut out = timeline::stdout();
    let result = match (args.get_one::<String>("child"), args.get_one::<PathBuf>("file")) {
        (Some(way), Some(file)) => child(way, file),
        _ if args.get_flag("explore") => explore(&mut out),
        _ => run(&args, &mut out),
    };
    timeline::exit_code("daemon-threads", result)
}

fn run(args: &ArgMatches, out: &mut impl Write) -> io::Result<()> {
    let asked = Asked::by(args);
    writeln!(
        out,
        "A thread writes lines, each in two halves; main returns, or joins, while it is within line 2\n"
    )?;
    writeln!(out, "  {:<24}{:>11}{:>15}{:>17}", "", "whole lines", "half a line", "destructor ran")?;
    let folder = tempfile::tempdir().map_err(|why| failed("cannot make a folder for the files", &why))?;
    let mut left_behind = String::new();
    for way in WAYS {
        let file = folder.path().join(way);
        let text = what_remains(way, &file)?;
        let whole = text.lines().filter(|line| line.ends_with("second half")).count();
        let half = text.lines().any(|line| line.ends_with("first half,"));
        let yes_or_no = |yes| if yes { "yes" } else { "no" };
        let closed = yes_or_no(text.ends_with("closed\n"));
        writeln!(out, "  {way:<24}{whole:>11}{:>15}{closed:>17}", yes_or_no(half))?;
        if left_behind.is_empty() {
            left_behind = text;
        }
    }
    writeln!(out, "\nThe file that the detached thread leaves behind:")?;
    for line in left_behind.lines() {
        writeln!(out, "  {line}")?;
    }
    writeln!(out)?;
    let recorder = asked.recorder("main joins its writer, or returns and cuts it off");
    if recorder.is_on() {
        main_returns(&recorder);
        asked.write(&recorder, out)?;
        writeln!(out)?;
    }
    writeln!(
        out,
        "Python would have waited, unless daemon=True; Rust never waits for a thread that nobody joins."
    )?;
    writeln!(out, "Next: --explore lists what can be lost; cargo test -p ex03-logger is your turn.")?;
    writeln!(out, "Whoever starts a thread joins it, or accepts that it is cut off anywhere.")
}

/// Starts this program again, lets it end, and reads its file.
fn what_remains(way: &str, file: &Path) -> io::Result<String> {
    let program = env::current_exe().map_err(|why| failed("cannot find this program", &why))?;
    let status = process::Command::new(program).args(["--child", way, "--file"]).arg(file).status();
    let status = status.map_err(|why| failed("cannot start this program again", &why))?;
    if !status.success() {
        return Err(io::Error::other(format!("the program started for {way} failed: {status}")));
    }
    fs::read_to_string(file).map_err(|why| failed(&format!("cannot read {}", file.display()), &why))
}

fn failed(what: &str, why: &io::Error) -> io::Error {
    io::Error::other(format!("{what}: {why}"))
}

/// One way, in a process of its own, whose `main` returns when this does.
fn child(way: &str, file: &Path) -> io::Result<()> {
    let log = File::create(file).map_err(|why| failed(&format!("cannot create {}", file.display()), &why))?;
    let (sender, within_line_2) = mpsc::channel();
    let tell = move |number| {
        if number == 2 {
            sender.send(()).unwrap();
        }
    };
    match way {
        "joined" => joined(log, |_| ()),
        "scoped" => scoped(log, |_| ()),
        "signalled_then_joined" => {
            let tell_and_work = move |number| {
                tell(number);
                thread::sleep(Duration::from_millis(1)); // Or it would write thousands of lines by then.
            };
            signalled_then_joined(log, tell_and_work, || within_line_2.recv().unwrap());
        }
        _ => {
            detached(log, move |number| {
                tell(number);
                // Whatever takes longer than `main`: a slow disk, a network. It is longer every time.
                if number == 2 {
                    never_returns();
                }
            });
            within_line_2.recv().unwrap();
        }
    }
    Ok(())
}

fn never_returns() -> ! {
    loop {
        thread::park();
    }
}

/// For the drawing: a main that joins its writer, then one that returns while its writer writes.
fn main_returns(recorder: &Recorder) {
    let pause = || thread::sleep(Duration::from_millis(10)); // Work. Nothing depends on its length.
    let [main, whole] = ["main that joins", "its writer"].map(|name| recorder.lane(name));
    let writer = thread::spawn(move || {
        for line in [('1', "line 1"), ('2', "line 2"), ('3', "line 3")] {
            whole.work(line, pause);
        }
    });
    main.wait("join", || writer.join().unwrap());
    drop(main);
    let [main, cut_off] = ["main that returns", "its writer"].map(|name| recorder.lane(name));
    let (sender, within_line_2) = mpsc::channel();
    thread::spawn(move || {
        cut_off.work(('1', "line 1"), pause);
        let _line = cut_off.span(timeline::State::Working, ('2', "line 2"));
        sender.send(()).unwrap();
        never_returns();
    });
    within_line_2.recv().unwrap();
    pause();
    main.mark("returns"); // In the child processes above, all threads end here.
}

/// What is in the file when `main` returns, over every interleaving.
fn explore(out: &mut impl Write) -> io::Result<()> {
    let left = |way: fn(SharedFile)| {
        outcomes(move || {
            let file = SharedFile::default();
            way(file.clone());
            file.text()
        })
    };
    writeln!(out, "What is in the file when main returns, over every interleaving of main and the writer\n")?;
    writeln!(out, "  {:<24}{:>13}  the file ends with", "", "interleavings")?;
    tell(out, "detached", &left(|file| explored::detached(file, |_| ())))?;
    tell(out, "joined", &left(|file| explored::joined(file, |_| ())))?;
    tell(out, "scoped", &left(|file| explored::scoped(file, |_| ())))?;
    writeln!(out, "\nDetached, the file may be anything from empty to whole; joined, it is whole.")
}

fn tell(out: &mut impl Write, way: &str, outcomes: &Outcomes<String>) -> io::Result<()> {
    for row in outcomes.rows() {
        let Ending::Returned(text) = &row.ending else {
            unreachable!("nobody panics or waits for ever here")
        };
        let end = text.lines().last().unwrap_or("nothing: it is empty");
        writeln!(out, "  {way:<24}{:>13}  {end}", row.count)?;
    }
    Ok(())
}
