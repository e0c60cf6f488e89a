//! Sends items from a fast producer to slow consumers, by hand and by a channel, and shows what goes wrong without a loop.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
mod explored; // the page once more, with threads whose every interleaving can be tried

mod channel;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use condvar::Buffer;
use explored::OneBell;
use interleave::real::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use interleave::real::thread;
use interleave::real::time::{Duration, Instant};
use interleave::{Check, Failed, Passed};
use std::io::{self, Write};
use std::process::ExitCode;
use timeline::{Asked, Count, Recorder};

/// How long a consumer works on an item; the producer is faster. Nothing depends on either.
const WORK: Duration = Duration::from_millis(20);

const CONSUMERS: usize = 2;

fn main() -> ExitCode {
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        let parser = value_parser!(u32).range(1..=60);
        Arg::new(name).long(name).value_name("N").value_parser(parser).default_value(default).help(help)
    };
    let command = Command::new("condvar")
        .about("A fast producer, slow consumers and a small buffer: waiting for the state that one needs")
        .arg(number("items", "12", "How many items there are"))
        .arg(number("capacity", "3", "How many the buffer holds"))
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("Try every interleaving: while against if, notify_one against notify_all"),
        );
    let args = timeline::matches(timeline::args(command));
    let mut out = timeline::stdout();
    timeline::exit_code(
        "condvar",
        if args.get_flag("explore") { explore(&mut out) } else { run(&args, &mut out) },
    )
}

fn run(args: &ArgMatches, out: &mut impl Write) -> io::Result<()> {
    let items = args.get_one::<u32>("items").copied().unwrap_or(12);
    let capacity = args.get_one::<u32>("capacity").map_or(3, |&capacity| capacity as usize);
    let asked = Asked::by(args);
    writeln!(out, "A producer of {items} items, {CONSUMERS} slower consumers, a buffer for {capacity}\n")?;

    let recorder = asked.recorder(format!("Bounded buffer of {capacity}: the producer waits for room"));
    recorder.counter("waiting", Count::waiting());
    let begun = Instant::now();
    let (taken, most) = through_the_buffer(items, capacity, &recorder);
    let by_hand = begun.elapsed();
    let begun = Instant::now();
    let got = channel::through_a_channel(items, capacity, CONSUMERS, |_| thread::sleep(WORK));
    let by_channel = begun.elapsed();
    let got: usize = got.iter().map(Vec::len).sum();

    writeln!(out, "  {:<28}{:>9}{:>15}{:>10}", "", "delivered", "most in buffer", "took")?;
    let rows = [
        ("Mutex and two Condvars", taken, format!("{most} of {capacity}"), by_hand),
        ("crossbeam_channel::bounded", got, format!("- of {capacity}"), by_channel),
    ];
    for (name, delivered, most, took) in rows {
        writeln!(out, "  {name:<28}{delivered:>9}{most:>15}{:>7} ms", took.as_millis())?;
    }
    writeln!(out)?;
    if asked.recorder("").is_on() {
        asked.write(&recorder, out)?;
        writeln!(out)?;
    }
    writeln!(out, "The producer could be done at once; a full buffer slows it to the consumers' speed.")?;
    writeln!(
        out,
        "Next: --timeline draws the back-pressure; --explore breaks it with `if` and with one bell."
    )?;
    writeln!(out, "Wait in a loop, wake whom the change helps; if items are handed over, take a channel.")
}

/// How many items were taken, and how many were in the buffer at most.
fn through_the_buffer(items: u32, capacity: usize, recorder: &Recorder) -> (usize, usize) {
    let (buffer, taken) = (Buffer::new(capacity), AtomicUsize::new(0));
    let most = thread::scope(|s| {
        let producer = recorder.lane("producer");
        for number in 1..=CONSUMERS {
            let lane = recorder.lane(format!("consumer {number}"));
            let (buffer, taken) = (&buffer, &taken);
            s.spawn(move || {
                // Zero says that nothing comes any more.
                while lane.wait("an item", || buffer.take()) != 0 {
                    taken.fetch_add(1, SeqCst);
                    lane.work("an item", || thread::sleep(WORK));
                }
            });
        }
        let most = (1..=items).map(|item| producer.wait("room", || buffer.put(item))).max().unwrap_or(0);
        drop(producer); // Its row ends here.
        for _ in 0..CONSUMERS {
            buffer.put(0);
        }
        most
    });
    (taken.into_inner(), most)
}

// Two functions of ours, so that a report names these lines.
fn ring_for_one(bell: &std::sync::Condvar) {
    bell.notify_one();
}

fn ring_for_all(bell: &std::sync::Condvar) {
    bell.notify_all();
}

/// `while` against `if`, one bell against two, in every interleaving.
fn explore(out: &mut impl Write) -> io::Result<()> {
    let take_with = |take: fn(&explored::Buffer) -> Option<u32>| {
        Check::new().try_run(move || {
            let buffer = explored::Buffer::new(1);
            std::thread::scope(|s| {
                s.spawn(|| take(&buffer).expect("an item"));
                buffer.put(1);
            });
        })
    };
    let one_bell = |ring: fn(&std::sync::Condvar)| {
        Check::new().wakeups(0).try_run(move || {
            let buffer = OneBell::new(1);
            std::thread::scope(|s| {
                s.spawn(|| buffer.take(ring));
                s.spawn(|| buffer.take(ring));
                buffer.put(1, ring);
                buffer.put(2, ring);
            });
        })
    };
    let tried = [
        ("take, with a loop", take_with(|buffer| Some(buffer.take()))),
        ("take_with_if", take_with(explored::Buffer::take_with_if)),
        ("one bell, notify_all", one_bell(ring_for_all)),
        ("one bell, notify_one", one_bell(ring_for_one)),
    ];
    writeln!(out, "Every interleaving of a producer and its consumers, in a buffer for one item\n")?;
    for (name, tried) in &tried {
        writeln!(out, "  {name:<22}{}", verdict(tried))?;
    }
    for failed in tried.into_iter().filter_map(|(_, tried)| tried.err()) {
        writeln!(out, "\n{failed}")?;
    }
    writeln!(
        out,
        "\nAfter a wakeup, look again; and ring for all, unless everybody who waits waits for the same."
    )
}

fn verdict(tried: &Result<Passed, Failed>) -> String {
    match tried {
        Ok(passed) => format!("right in {passed}"),
        Err(failed) => format!("WRONG: {}", failed.headline().lines().next().unwrap_or_default()),
    }
}
