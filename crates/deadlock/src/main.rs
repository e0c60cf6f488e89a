//! Runs the deadlock on real threads, reports it instead of hanging, and runs the three cures.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
mod explored; // the page once more, with threads whose every interleaving can be tried

use clap::{Arg, ArgAction, ArgMatches, Command};
use deadlock::{Bank, Pay, as_they_come, in_one_order, pay_each_other, try_and_back_off, under_one_lock};
use interleave::Check;
use interleave::real::ptr;
use interleave::real::sync::{Arc, Barrier};
use interleave::real::thread::{self, JoinHandle};
use interleave::real::time::{Duration, Instant};
use std::io::{self, Write};
use std::process::ExitCode;
use timeline::{Asked, Count, Lane, Recorder, Recording, State, Track};

const WAYS: [(&str, Pay, &str); 4] = [
    ("as_they_come", as_they_come, "locks the payer, then the payee"),
    ("in_one_order", in_one_order, "locks the lower number first, whoever pays"),
    ("try_and_back_off", try_and_back_off, "lets go of the first lock if the second is taken"),
    ("under_one_lock", under_one_lock, "has one lock for both accounts"),
];

/// Far longer than all payments take together. A deadlock is recognised long before, by its circle.
const PATIENCE: Duration = Duration::from_secs(4);

fn main() -> ExitCode {
    let names = WAYS.map(|(name, ..)| name);
    let command = Command::new("deadlock")
        .about("Two accounts, two locks, opposite order: who holds and who wants what, and three cures")
        .arg(
            Arg::new("way")
                .value_name("WAY")
                .value_parser(names)
                .hide_possible_values(true)
                .help("as_they_come, in_one_order, try_and_back_off or under_one_lock [default: all]"),
        )
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("Try every interleaving of all four ways"),
        );
    let args = timeline::matches(timeline::args(command));
    let mut out = timeline::stdout();
    timeline::exit_code(
        "deadlock",
        if args.get_flag("explore") { explore(&mut out) } else { run(&args, &mut out) },
    )
}

fn run(args: &ArgMatches, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Ann pays Bob 100 while Bob pays Ann 100; locking both accounts takes two steps\n")?;
    let only = args.get_one::<String>("way");
    let asked = Asked::by(args);
    let deadline = Instant::now() + PATIENCE;
    let mut drawing = Vec::new();
    for (name, pay, what) in WAYS.iter().filter(|(name, ..)| only.is_none_or(|only| only == name)) {
        let recorder = Recorder::new(format!("{name}: {what}"));
        recorder.counter("waiting", Count::waiting());
        let end = payments(*pay, &recorder, deadline);
        writeln!(out, "  {name:<17}{}", end.first().map_or("", String::as_str))?;
        for line in end.iter().skip(1) {
            writeln!(out, "  {:17}{line}", "")?;
        }
        if drawing.is_empty() {
            asked.write(&recorder, &mut drawing)?;
        }
    }
    if !drawing.is_empty() {
        writeln!(out)?;
        out.write_all(&drawing)?;
    }
    writeln!(
        out,
        "\nNext: --timeline draws it, --explore proves it; cargo test -p ex04-transfer is your turn."
    )?;
    writeln!(out, "Where every thread takes its locks in one order, no circle of waiting can close.")
}

/// Runs both payments; how they ended, or who waits for whom.
fn payments(pay: Pay, recorder: &Recorder, deadline: Instant) -> Vec<String> {
    let bank = Bank::new();
    let begun = Instant::now();
    let lanes = ["Ann", "Bob"].map(|name| recorder.lane(name));
    let threads: [JoinHandle<()>; 2] = if ptr::fn_addr_eq(pay, as_they_come as Pay) {
        // The bad order, every time: nobody takes the second lock before both have the first.
        let both_hold_one = Arc::new(Barrier::new(2));
        pay_each_other(&bank, pay, lanes, move || {
            both_hold_one.wait();
            work();
        })
    } else {
        pay_each_other(&bank, pay, lanes, work)
    };
    loop {
        if threads.iter().all(JoinHandle::is_finished) {
            let recording = recorder.recording();
            let backed_off: usize = recording.tracks.iter().map(|track| track.marks.len()).sum();
            let is_try = ptr::fn_addr_eq(pay, try_and_back_off as Pay);
            return vec![if is_try {
                format!("both paid; backed off: {backed_off}")
            } else {
                "both paid".into()
            }];
        }
        let recording = recorder.recording();
        if is_circle(&recording) {
            // A lock that is held by somebody who waits for you is never let go: no more patience is needed. It shall be
            // seen in the drawing, though.
            work();
            let mut report = vec![format!("DEADLOCK, seen after {} ms", begun.elapsed().as_millis())];
            report.extend(recording.tracks.iter().map(|track| {
                format!(
                    "{} holds {} and waits for {}",
                    track.name,
                    open(track, State::Holding),
                    open(track, State::Waiting)
                )
            }));
            return report;
        }
        if Instant::now() > deadline {
            return vec![format!(
                "not finished after {} ms, and no circle of waiting",
                begun.elapsed().as_millis()
            )];
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Work under a lock: long enough to be seen in a drawing. Nothing depends on its length.
fn work() {
    thread::sleep(Duration::from_millis(5));
}

/// What a thread holds or waits for at the end of the recording.
fn open(track: &Track, state: State) -> &str {
    let open = track.spans.iter().find(|span| span.end.is_none() && span.state == state);
    open.map_or("nothing", |span| &span.label.name)
}

/// Whether each of the two waits for what the other one holds.
fn is_circle(recording: &Recording) -> bool {
    let [ann, bob] = &recording.tracks[..] else { return false };
    let waits_for = |one, other| {
        let wanted = open(one, State::Waiting);
        wanted != "nothing" && wanted == open(other, State::Holding)
    };
    waits_for(ann, bob) && waits_for(bob, ann)
}

/// All four ways in every interleaving.
fn explore(out: &mut impl Write) -> io::Result<()> {
    const EXPLORED: [(&str, explored::Pay); 4] = [
        ("as_they_come", explored::as_they_come),
        ("in_one_order", explored::in_one_order),
        ("try_and_back_off", explored::try_and_back_off),
        ("under_one_lock", explored::under_one_lock),
    ];
    writeln!(out, "Every interleaving of Ann, who pays Bob, and Bob, who pays Ann\n")?;
    let mut example = None;
    for (name, pay) in EXPLORED {
        let tried = Check::new().runs(5000).try_run(move || {
            let threads =
                explored::pay_each_other(&explored::Bank::new(), pay, [Lane::off(), Lane::off()], || ());
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
        match tried {
            Ok(passed) => writeln!(out, "  {name:<17}both paid in {passed}")?,
            Err(failed) => {
                writeln!(out, "  {name:<17}DEADLOCK, for example in run {}", failed.runs())?;
                example.get_or_insert(failed);
            }
        }
    }
    if let Some(failed) = example {
        writeln!(out, "\n{failed}")?;
    }
    writeln!(out, "\nThe wrong way fails in some interleavings, the cures in none.")
}
