//! Sends workers through phases that wait for each other, and shows what a worker that never arrives does to the others.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
#[allow(dead_code)] // What this exploration does not use.
mod explored; // the page once more, with threads whose every interleaving can be tried

use barrier::{After, arrive_after, arrive_whatever_happens, relay};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use interleave::real::panic;
use interleave::real::sync::{Arc, Barrier, Mutex};
use interleave::real::thread::{self, JoinHandle};
use interleave::real::time::{Duration, Instant};
use interleave::{Ending, Outcomes, outcomes};
use std::io::{self, Write};
use std::process::ExitCode;
use timeline::{Asked, Count};

/// How long those who wait for a dead worker are watched. They would wait for ever.
const WATCH: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let number = |name: &'static str, most, default: &'static str, help: &'static str| {
        let parser = value_parser!(u32).range(1..=most);
        Arg::new(name).long(name).value_name("N").value_parser(parser).default_value(default).help(help)
    };
    let command = Command::new("barrier")
        .about("Phases that wait for each other, the leader, and a thread that never arrives")
        .arg(number("workers", 12, "4", "How many workers there are"))
        .arg(number("rounds", 10, "3", "How many rounds they go through"))
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("Count wrong reads over every interleaving, with 0, 1 and 2 meetings a round"),
        );
    let args = timeline::matches(timeline::args(command));
    let mut out = timeline::stdout();
    timeline::exit_code(
        "barrier",
        if args.get_flag("explore") { explore(&mut out) } else { run(&args, &mut out) },
    )
}

fn run(args: &ArgMatches, out: &mut impl Write) -> io::Result<()> {
    let number = |name| args.get_one::<u32>(name).copied().unwrap_or(1);
    let (workers, rounds) = (number("workers") as usize, number("rounds"));
    let asked = Asked::by(args);
    writeln!(
        out,
        "{workers} workers, {rounds} rounds: write your cell, meet, read your neighbour's, meet\n"
    )?;

    let recorder = asked.recorder("Barrier: the slowest worker sets the pace");
    recorder.counter("waiting", Count::waiting());
    // A lane belongs to one thread at a time, so these locks are always free.
    let lanes: Vec<_> = (1..=workers).map(|n| Mutex::new(recorder.lane(format!("worker {n}")))).collect();
    let barrier = Barrier::new(workers);
    let met = relay(workers, rounds, |me, after| {
        if after == After::Writing {
            thread::sleep(Duration::from_millis(8 * (1 + me as u64))); // Work. Nothing depends on its length.
        }
        lanes[me].lock().unwrap().wait("the others", || barrier.wait().is_leader())
    });
    drop(lanes); // Their rows end here.
    writeln!(out, "  reads of another round      {:>3}  of {}", met.misread, workers * rounds as usize)?;
    writeln!(out, "  meetings                    {:>3}", 2 * rounds)?;
    writeln!(out, "  leaders                     {:>3}  one at each meeting\n", met.led)?;
    writeln!(out, "Three workers, and worker 2 panics before it arrives:")?;
    writeln!(out, "  arrive_after                {}", with_a_panic(arrive_after, Some(WATCH)))?;
    writeln!(out, "  arrive_whatever_happens     {}\n", with_a_panic(arrive_whatever_happens, None))?;
    if asked.recorder("").is_on() {
        asked.write(&recorder, out)?;
        writeln!(out)?;
    }
    writeln!(out, "Next: --timeline draws who waited for whom, --explore leaves out meetings.")?;
    writeln!(out, "A barrier makes everybody wait for the slowest, and for ever for one who never arrives.")
}

/// How a meeting of three ends of which the second panics first.
fn with_a_panic(arrive: fn(&Barrier, Box<dyn FnOnce()>), watch: Option<Duration>) -> String {
    let message = panic::take_hook();
    panic::set_hook(Box::new(|_| ())); // It is meant to happen.
    let barrier = Arc::new(Barrier::new(3));
    let threads = [1, 2, 3].map(|number| {
        let barrier = Arc::clone(&barrier);
        thread::spawn(move || arrive(&barrier, Box::new(move || assert!(number != 2, "worker 2 fails"))))
    });
    let begun = Instant::now();
    let all_are_finished = || threads.iter().all(JoinHandle::is_finished);
    while !all_are_finished()
        && watch.is_none_or(|watch| begun.elapsed() < watch || !threads[1].is_finished())
    {
        thread::sleep(Duration::from_millis(1));
    }
    let waiting = threads.iter().filter(|thread| !thread.is_finished()).count();
    panic::set_hook(message);
    match waiting {
        0 => "the other two went on".into(),
        waiting => format!("STUCK: {waiting} wait for a thread that has ended, for ever"),
    }
}

/// Wrong reads over every interleaving of two workers and two rounds.
fn explore(out: &mut impl Write) -> io::Result<()> {
    let none = outcomes(|| explored::relay(2, 2, |_, _| false));
    let one = outcomes(|| {
        let barrier = std::sync::Barrier::new(2);
        explored::relay(2, 2, |_, after| after == explored::After::Writing && barrier.wait().is_leader())
    });
    let two = outcomes(|| {
        let barrier = std::sync::Barrier::new(2);
        explored::relay(2, 2, |_, _| barrier.wait().is_leader())
    });
    writeln!(out, "Every interleaving of two workers and two rounds\n")?;
    writeln!(out, "  meetings a round  interleavings  wrong reads  leaders")?;
    for (meetings, outcomes) in [(0, &none), (1, &one), (2, &two)] {
        tell(out, meetings, outcomes)?;
    }
    if let Some(row) = one.rows().last() {
        writeln!(out, "\nOne meeting a round, and a read that comes too late:\n\n{}", row.table)?;
    }
    writeln!(out, "With two meetings a round no read is early or late, and each meeting has one leader.")
}

fn tell(out: &mut impl Write, meetings: u32, outcomes: &Outcomes<explored::Relay>) -> io::Result<()> {
    for row in outcomes.rows() {
        let Ending::Returned(relay) = &row.ending else { unreachable!("nobody panics here") };
        writeln!(out, "  {meetings:>16}  {:>13}  {:>11}  {:>7}", row.count, relay.misread, relay.led)?;
    }
    Ok(())
}
