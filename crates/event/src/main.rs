//! Starts a server and workers that wait for it, three ways, and shows what each wait costs or loses.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
#[allow(dead_code)] // What this exploration does not use.
mod explored; // the page once more, with threads whose every interleaving can be tried

use clap::{Arg, ArgAction, ArgMatches, Command};
use event::{Event, FlagOutside, Spinning};
use interleave::real::sync::Arc;
use interleave::real::thread;
use interleave::real::time::{Duration, Instant};
use interleave::{Check, Failed, Passed};
use std::io::{self, Write};
use std::process::ExitCode;
use timeline::{Asked, Count, Recorder};

/// How long the server takes to start. Nothing depends on it but the length of the drawing.
const START: Duration = Duration::from_millis(60);

fn main() -> ExitCode {
    let command = Command::new("event")
        .about("Workers wait until the server is ready: an event, a spinning flag, and a lost wakeup")
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("Try every interleaving of one who sets and one who waits"),
        );
    let args = timeline::matches(timeline::args(command));
    let mut out = timeline::stdout();
    timeline::exit_code(
        "event",
        if args.get_flag("explore") { explore(&mut out) } else { run(&args, &mut out) },
    )
}

fn run(args: &ArgMatches, out: &mut impl Write) -> io::Result<()> {
    let asked = Asked::by(args);
    writeln!(out, "Three workers wait until the server is ready\n")?;

    let recorder = asked.recorder("Event: three workers wait for the server");
    recorder.counter("waiting", Count::waiting());
    let (ready, late) = start_up(&recorder);
    writeln!(
        out,
        "  Event         all 3 went on after one set(); a 4th, who came later, did not wait: {late}"
    )?;
    ready.clear();
    let was_set = ready.wait_timeout(Duration::from_millis(10));
    writeln!(out, "  after clear   wait_timeout(10 ms), and nobody sets it: {was_set}")?;
    writeln!(
        out,
        "  Spinning      one waiter looked {} times; it kept a core busy for {} ms",
        spin(),
        START.as_millis()
    )?;
    writeln!(out, "  FlagOutside   {}\n", lose_a_wakeup())?;

    if asked.recorder("").is_on() {
        asked.write(&recorder, out)?;
        writeln!(out)?;
    }
    writeln!(out, "Next: --timeline draws the start, --explore finds the lost wakeup in every run.")?;
    writeln!(out, "Change the flag under the lock under which waiters look at it, and no wakeup is lost.")
}

/// A server that starts, and three workers that wait for it; the event, and whether a late worker found it set.
fn start_up(recorder: &Recorder) -> (Event, bool) {
    let ready = Event::default();
    thread::scope(|s| {
        let server = recorder.lane("server");
        for number in 1..=3 {
            let (worker, ready) = (recorder.lane(format!("worker {number}")), &ready);
            s.spawn(move || {
                worker.wait("the server", || ready.wait());
                thread::sleep(START / 3); // Its first request.
            });
        }
        let ready = &ready;
        s.spawn(move || {
            thread::sleep(START);
            server.mark("ready");
            ready.set();
        });
    });
    let late = ready.wait_timeout(Duration::ZERO);
    (ready, late)
}

/// How often a spinning waiter looks while the server starts.
fn spin() -> u64 {
    let ready = Spinning::default();
    thread::scope(|s| {
        let waiter = s.spawn(|| ready.wait());
        thread::sleep(START);
        ready.set();
        waiter.join().unwrap()
    })
}

/// The lost wakeup, every time: the flag is set after the waiter has looked, and before it sleeps.
fn lose_a_wakeup() -> &'static str {
    let ready = Arc::new(FlagOutside::default());
    let waiter = thread::spawn({
        let ready = Arc::clone(&ready);
        move || ready.wait(|| ready.set())
    });
    let begun = Instant::now();
    while !waiter.is_finished() && begun.elapsed() < START {
        thread::sleep(Duration::from_millis(1));
    }
    let overslept = !waiter.is_finished();
    while !waiter.is_finished() {
        ready.set(); // A second notification, so that the demo does not hang.
        thread::sleep(Duration::from_millis(1));
    }
    match overslept {
        true => "LOST WAKEUP: the flag was set, and the waiter slept on until notified again",
        false => "woken without a notification, by luck: a spurious wakeup",
    }
}

/// One who sets, one who waits, in every interleaving.
fn explore(out: &mut impl Write) -> io::Result<()> {
    // Spurious wakeups are left out: they would hide that nobody was woken.
    let check = || Check::new().wakeups(0);
    let event = check().try_run(|| {
        let ready = explored::Event::default();
        std::thread::scope(|s| {
            s.spawn(|| ready.wait());
            ready.set();
        });
    });
    let outside = check().try_run(|| {
        let ready = explored::FlagOutside::default();
        std::thread::scope(|s| {
            s.spawn(|| ready.wait(|| ()));
            ready.set();
        });
    });
    let spinning = check().try_run(|| {
        let ready = explored::Spinning::default();
        std::thread::scope(|s| {
            s.spawn(|| ready.wait());
            ready.set();
        });
    });
    writeln!(out, "Every interleaving of one who waits and one who sets\n")?;
    for (name, tried) in [("Event", &event), ("Spinning", &spinning), ("FlagOutside", &outside)] {
        writeln!(out, "  {name:<14}{}", verdict(tried))?;
    }
    if let Err(failed) = outside {
        writeln!(out, "\n{failed}")?;
    }
    writeln!(out, "\nAn event that is set once is missed by nobody; a flag outside of the lock is.")
}

fn verdict(tried: &Result<Passed, Failed>) -> String {
    match tried {
        Ok(passed) => format!("never missed in {passed}"),
        Err(failed) => format!("MISSED: {}", failed.headline().lines().next().unwrap_or_default()),
    }
}
