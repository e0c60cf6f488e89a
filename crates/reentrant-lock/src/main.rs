//! Locks a ledger twice in one thread: with std's Mutex, with a reentrant one, and the way that needs neither.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
#[allow(dead_code)] // What this exploration does not use.
mod explored; // the page once more, with threads whose every interleaving can be tried

use clap::{Arg, ArgAction, ArgMatches, Command};
use interleave::Check;
use interleave::real::thread;
use interleave::real::time::{Duration, Instant};
use reentrant_lock::{Plain, Reentrant, Split};
use std::io::{self, Write};
use std::process::ExitCode;
use timeline::{Asked, Count, Lane, Recorder, Recording, State};

/// Far longer than a payment takes, and there are three. A thread that waits for itself is recognised long before.
const PATIENCE: Duration = Duration::from_millis(1500);

fn main() -> ExitCode {
    let command = Command::new("reentrant-lock")
        .about("A method that locks calls another that locks: a deadlock, a reentrant lock, and the Rust way")
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("Try every interleaving of two who pay, and report the deadlock line by line"),
        );
    let args = timeline::matches(timeline::args(command));
    let mut out = timeline::stdout();
    let result = if args.get_flag("explore") { explore(&mut out) } else { run(&args, &mut out) };
    timeline::exit_code("reentrant-lock", result)
}

fn run(args: &ArgMatches, out: &mut impl Write) -> io::Result<()> {
    let asked = Asked::by(args);
    writeln!(
        out,
        "A ledger of 1000; pay_with_fee(100) locks it and calls pay(100) and pay(1), which lock it too\n"
    )?;
    let recorder = Recorder::new("Mutex: a thread that waits for itself");
    recorder.counter("holding", Count::holding());
    recorder.counter("waiting", Count::waiting());
    let plain = Plain::new(1000);
    let end = payment(&recorder, move |lane| plain.pay_with_fee(100, lane));
    writeln!(out, "  Plain      std Mutex       {}", end[0])?;
    for line in &end[1..] {
        writeln!(out, "  {:26} {line}", "")?;
    }
    let mut drawing = Vec::new();
    asked.write(&recorder, &mut drawing)?;
    let recorder = Recorder::new("");
    let (reentrant, split) = (Reentrant::new(1000), Split::new(1000));
    let end = payment(&recorder, move |lane| reentrant.pay_with_fee(100, lane));
    writeln!(out, "  Reentrant  ReentrantMutex  {}", end[0])?;
    let end = payment(&recorder, move |lane| split.pay_with_fee(100, lane));
    writeln!(out, "  Split      std Mutex       {}", end[0])?;
    writeln!(out)?;
    if !drawing.is_empty() {
        out.write_all(&drawing)?;
        writeln!(out)?;
    }
    writeln!(
        out,
        "A reentrant guard gives &T only: one thread may hold two, and two &mut T must not exist."
    )?;
    writeln!(out, "Next: --timeline draws the deadlock; cargo test -p ex05-ledger is your turn.")?;
    writeln!(out, "Lock in the public methods; let the private ones take what is guarded.")
}

/// Pays on a thread that nobody has to wait for; how that ended, or what the thread waits for.
fn payment(recorder: &Recorder, pay: impl FnOnce(&Lane) -> i64 + Send + 'static) -> Vec<String> {
    let (lane, begun) = (recorder.lane("Ann"), Instant::now());
    let ann = thread::spawn(move || pay(&lane));
    while !ann.is_finished() {
        let recording = recorder.recording();
        if waits_for_itself(&recording) {
            let report = format!("DEADLOCK, seen after {} ms", begun.elapsed().as_millis());
            thread::sleep(Duration::from_millis(20)); // Only to be seen in the drawing.
            return vec![report, "Ann waits for the ledger, which Ann holds".into()];
        }
        if begun.elapsed() > PATIENCE {
            return vec![format!("not finished after {} ms", PATIENCE.as_millis())];
        }
        thread::sleep(Duration::from_millis(1));
    }
    // std may also panic in place of waiting for ever; which of the two is up to the operating system.
    match ann.join() {
        Ok(left) => vec![format!("paid 101, {left} left")],
        Err(_) => vec!["PANIC: std noticed that the thread holds the lock".into()],
    }
}

/// Whether a thread waits for what it holds itself.
fn waits_for_itself(recording: &Recording) -> bool {
    recording.tracks.iter().any(|track| {
        let open = |state| track.spans.iter().find(|span| span.end.is_none() && span.state == state);
        let (held, wanted) = (open(State::Holding), open(State::Waiting));
        held.zip(wanted).is_some_and(|(held, wanted)| held.label.name == wanted.label.name)
    })
}

/// Both std versions in every interleaving of two who pay. parking_lot's lock is not std's: it cannot be explored.
fn explore(out: &mut impl Write) -> io::Result<()> {
    let plain = Check::new().try_run(|| {
        explored::Plain::new(1000).pay_with_fee(100, &Lane::off());
    });
    let split = Check::new().try_run(|| {
        let ledger = explored::Split::new(1000);
        std::thread::scope(|s| {
            s.spawn(|| ledger.pay_with_fee(100, &Lane::off()));
            s.spawn(|| ledger.pay_with_fee(100, &Lane::off()));
        });
        assert_eq!(ledger.pay(0, &Lane::off()), 798);
    });
    writeln!(out, "One pays with Plain, two at once pay with Split\n")?;
    match split {
        Ok(passed) => writeln!(out, "  Split   both paid in {passed}")?,
        Err(failed) => writeln!(out, "  Split   WRONG: {}", failed.headline())?,
    }
    match plain {
        Ok(passed) => writeln!(out, "  Plain   paid in {passed}")?,
        Err(failed) => writeln!(out, "  Plain   DEADLOCK\n\n{failed}")?,
    }
    writeln!(
        out,
        "\nLocked twice by one thread, std's Mutex is stuck in every run; it takes no second thread."
    )
}
